"""From a narrative's evidence to its risk: suggested harm, spread, trend. Pure; every part can be shown.

The same evidence and the same `now` give the same risk, whatever was judged before: a run that was killed and repeated
comes to the same levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from records.assessment import Assessment, Harm, Kind, Stance
from records.narrative import NarrativeEvidence, NarrativeMember
from records.risk import DEFAULT_TABLE, Risk, RiskTable, Spread, assess_risk
from records.source import Owner
from records.text import sort_key
from records.trend import DEFAULT_TREND, TrendSettings, trend_of


def judge(
    evidence: NarrativeEvidence,
    now: datetime,
    table: RiskTable = DEFAULT_TABLE,
    trend_settings: TrendSettings = DEFAULT_TREND,
) -> Risk:
    """The risk of a narrative at `now`. A person's word on harm stands over the models' suggestion."""
    confirmed = evidence.harm_confirmed
    return assess_risk(
        harm=suggested_harm(evidence.members) if confirmed is None else confirmed,
        spread=spread_of(evidence.members, evidence.acts_marked_by),
        trend=trend_of(
            (happened(m) for m in evidence.members if not _unknown_when(m)),
            evidence.topic,
            now,
            trend_settings,
        ),
        table=table,
        harm_set_by=evidence.harm_confirmed_by if confirmed is not None else None,
    )


def happened(member: NarrativeMember) -> datetime:
    """When the item came into the world as far as we know: published, and never after we saw it."""
    return min(member.item.published or member.item.first_seen, member.item.first_seen)


def _unknown_when(member: NarrativeMember) -> bool:
    """An undated item of an archive: when we read it says nothing of when it happened."""
    return member.item.quiet and member.item.published is None


def suggested_harm(members: Iterable[NarrativeMember]) -> Harm:
    """The highest harm among the items that spread the claim, ask about it, or want an officer's attention.

    Corrections and ordinary news never raise it: that an article about a vaccine speaks of death does not hurt anybody.
    One item is enough, because a miss costs more than a look; a person confirms or changes the suggestion.
    """
    return max((m.assessment.harm for m in members if may_hurt(m.assessment)), default=Harm.NONE)


def may_hurt(assessment: Assessment) -> bool:
    """Whether an item raises the suggested harm of its narrative."""
    return not denies(assessment) and (assessment.attention or assessment.kind in (Kind.RUMOR, Kind.QUESTION))


def denies(assessment: Assessment) -> bool:
    """Whether an item speaks against the claim."""
    return assessment.stance is Stance.REFUTES or assessment.kind is Kind.CORRECTION


def asserts(assessment: Assessment) -> bool:
    """Whether an item says that the claim is true."""
    return assessment.stance is Stance.ASSERTS or assessment.kind is Kind.RUMOR


def spread_of(members: Sequence[NarrativeMember], marked_by: str | None = None) -> Spread:
    """The Breakout scale of a narrative. More members, or a mark, never lower it, but for one case: several official
    items count by themselves until somebody else speaks.

    A denial in a community counts only where an item asserts the claim (docs/decisions/0020).

    A community is a source by its name; a near-duplicate counts for its community as any item does, because copying is
    how a rumor spreads. Press counts whatever its stance: a denial, too, carries the story to new readers. An
    official item is a response (6) when somebody else spoke first; official items are no communities of their own.
    """
    counted = _counted_in_spread(members)
    others = [m for m in counted if m.source.owner is not Owner.OFFICIAL]
    began = min((happened(m) for m in members if m.source.owner is not Owner.OFFICIAL), default=None)
    responses = [m for m in counted if m.source.owner is Owner.OFFICIAL and began is not None and happened(m) >= began]
    carriers = others or counted
    platforms = _names(m.source.platform for m in carriers)
    communities = _names(m.source.name for m in carriers)
    press = _names(m.source.name for m in others if m.source.owner is Owner.PRESS)
    prominent = _names(m.source.name for m in others if m.source.prominent)
    official = _names(m.source.name for m in responses)
    if official or marked_by is not None:
        scale = 6
    elif prominent:
        scale = 5
    elif press:
        scale = 4
    else:
        scale = 1 + (len(platforms) > 1) + (len(communities) > 1)
    left_out = len(members) - len(counted)
    return Spread(scale, platforms, communities, press, prominent, official, marked_by, left_out)


def _counted_in_spread(members: Sequence[NarrativeMember]) -> Sequence[NarrativeMember]:
    """All, or, where none asserts the claim, all but what communities deny: they do not spread what nobody says there.

    The press, a prominent account and an office do not deny for nothing: what they deny is going round.
    """
    if any(asserts(m.assessment) for m in members):
        return members
    return [m for m in members if not denies(m.assessment) or is_loud(m)]


def is_loud(member: NarrativeMember) -> bool:
    """Whether many hear whatever the item says: it is of the press, of a prominent account, or official."""
    return member.source.prominent or member.source.owner in (Owner.PRESS, Owner.OFFICIAL)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=sort_key))
