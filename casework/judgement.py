"""What rules do: judge narratives, open cases, raise them, and put the alerts into the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from casework.notices import Resembles, put_out
from casework.recipients import Recipients
from casework.rules_of_work import changed
from casework.triage import alert_cause, merged_into, new_case, reopened
from records.alert_rules import AlertRule, matches
from records.case import ALLOWED_FROM, Act, Case, CaseStage, SetAsideReason
from records.judging import judge
from records.message import NoticeKind
from records.narrative import NarrativeEvidence
from records.ports import Casebook, RiskStore, Work
from records.risk import Risk, RiskTable
from records.trend import TrendSettings

#: Who merges, when the narrator found two narratives to be one.
NARRATOR = "narrator"


@dataclass(frozen=True, slots=True)
class JudgeOutcome:
    judged: int = 0
    opened: int = 0
    raised: int = 0
    messages: int = 0

    def __add__(self, other: JudgeOutcome) -> JudgeOutcome:
        return JudgeOutcome(
            self.judged + other.judged,
            self.opened + other.opened,
            self.raised + other.raised,
            self.messages + other.messages,
        )


def judge_narratives(
    casebook: Casebook,
    risk_store: RiskStore,
    rules: Sequence[AlertRule],
    recipients: Recipients,
    table: RiskTable,
    trend_settings: TrendSettings,
    now: datetime,
    narrative_ids: Iterable[str] | None = None,
    resembles: Resembles | None = None,
) -> JudgeOutcome:
    """Judge `narrative_ids`, or all that wait for it; each with its case and its messages in one transaction.

    A matching rule opens a case, or raises the one there is. Once said at a level, a narrative is not said again at it,
    to the same recipient, however often it is judged and whatever its level does in between. A case set aside to watch
    comes back when the level rises above that at which it was set aside; other closed cases and merged narratives keep
    silent. Items that a back-fill brought are of no weight here until a source shows them. `resembles` names a known
    claim in the message of a new case and of a higher level. Can be killed anywhere and run again.
    """
    outcome = JudgeOutcome()
    chosen = tuple(risk_store.to_judge() if narrative_ids is None else narrative_ids)
    survivors = _survivors(casebook, chosen)
    # Merged ones first: the case of one goes on under the other, which then needs no case and no alert of its own.
    for narrative_id in sorted(chosen, key=lambda one: one not in survivors):
        evidence = risk_store.evidence(narrative_id, now)
        risk = judge(evidence, now, table, trend_settings)
        if into_id := survivors.get(narrative_id):
            into_risk = judge(risk_store.evidence(into_id, now), now, table, trend_settings)
            with casebook.work() as work:
                _follow_merge(work, narrative_id, into_id, into_risk, now)
                work.save_risk(narrative_id, risk, now, evidence.revision)
            continue
        with casebook.work() as work:
            narrative = work.narrative(narrative_id)
            work.save_risk(narrative_id, risk, now, evidence.revision)
            outcome += JudgeOutcome(judged=1)
            heard = _without_quiet(evidence)
            if not heard.members and evidence.members:
                continue
            # What a back-fill brought is shown with the rest, but neither begins an alert nor raises one.
            said = risk if heard is evidence else judge(heard, now, table, trend_settings)
            narrative = replace(narrative, risk=said)
            matching = [rule for rule in rules if matches(rule, narrative, heard.members, said)]
            outcome += _apply(work, narrative_id, said, rules, matching, recipients, now, resembles)
    return outcome


def _without_quiet(evidence: NarrativeEvidence) -> NarrativeEvidence:
    members = tuple(member for member in evidence.members if not member.item.quiet)
    return evidence if len(members) == len(evidence.members) else replace(evidence, members=members)


def _apply(
    work: Work,
    narrative_id: str,
    risk: Risk,
    rules: Sequence[AlertRule],
    matching: Sequence[AlertRule],
    recipients: Recipients,
    now: datetime,
    resembles: Resembles | None,
) -> JudgeOutcome:
    case = work.case_of(narrative_id)
    named = ", ".join(rule.name for rule in matching)
    to = recipients.of(matching)
    if case is None:
        if not matching:
            return JudgeOutcome()
        case = new_case(work, narrative_id, risk.level, _actor(matching), now)
        sent = put_out(work, NoticeKind.CASE_OPENED, case, alert_cause(case), to, now, rule=named, resembles=resembles)
        return JudgeOutcome(opened=1, messages=sent)
    rose = risk.level > case.level
    told = work.addresses(case.thread_id)
    if rose and case.set_aside_reason is SetAsideReason.WATCH and case.stage is CaseStage.SET_ASIDE:
        case = reopened(work, case, _actor(matching), now, CaseStage.DETECTED)
    if case.stage not in ALLOWED_FROM[Act.RAISE]:
        return JudgeOutcome()
    kind = NoticeKind.CASE_OPENED
    if rose:
        # Told of a case, told of its rise, even where the rule (a spike, say) does not hold any more.
        to = tuple(dict.fromkeys((*told, *(to or recipients.of(_opened_by(case, rules))))))
        case = changed(work, case, level=risk.level)
        work.trail(now, _actor(matching), Act.RAISE, case.id, {"level": risk.level})
        kind = NoticeKind.LEVEL_RAISED
    else:
        # A rule of their own may match later for people who have not heard of this case at all.
        to = tuple(address for address in to if address not in told)
    sent = put_out(work, kind, case, alert_cause(case), to, now, rule=named, resembles=resembles)
    return JudgeOutcome(raised=int(rose), messages=sent)


def _actor(matching: Sequence[AlertRule]) -> str:
    """Who acts when a rule does. A rise of a case that is open already needs no rule: its level says so."""
    return f"rule:{matching[0].name}" if matching else "rule:"


def _opened_by(case: Case, rules: Sequence[AlertRule]) -> list[AlertRule]:
    """The rule that opened the case; a rule that names nobody when it is gone, or a person opened it."""
    return [rule for rule in rules if f"rule:{rule.name}" == case.opened_by] or [AlertRule("")]


def _survivors(casebook: Casebook, narrative_ids: Sequence[str]) -> dict[str, str]:
    """Of those that were merged: the narrative at the end of the chain of merges."""
    found: dict[str, str] = {}
    with casebook.work() as work:
        for narrative_id in narrative_ids:
            narrative = work.narrative(narrative_id)
            while narrative.merged_into is not None:
                narrative = work.narrative(narrative.merged_into)
                found[narrative_id] = narrative.id
    return found


def _follow_merge(work: Work, narrative_id: str, into_id: str, into_risk: Risk, now: datetime) -> None:
    """The narrator merged a narrative that had a case: the case goes the same way, so that none is left behind.

    A case that is with the spokesperson or approved stays what it is: a person sees to it.
    """
    case = work.case_of(narrative_id)
    if case is None or case.stage not in ALLOWED_FROM[Act.MERGE]:
        return
    into = work.case_of(into_id)
    if into is None:
        # The same story under an older id: the work on it, and the thread of its messages, go on there.
        into = new_case(work, into_id, case.level, case.opened_by, now, thread=case.thread_id)
        if case.stage is not CaseStage.DETECTED:
            into = changed(
                work,
                into,
                stage=case.stage,
                owner=case.owner,
                acknowledged_at=case.acknowledged_at,
                set_aside_reason=case.set_aside_reason,
                note=case.note,
                look_again_at=case.look_again_at,
            )
    elif into.stage is CaseStage.SET_ASIDE and case.stage is not CaseStage.SET_ASIDE:
        into = reopened(work, into, NARRATOR, now, CaseStage.DETECTED)
    merged_into(work, case, into, NARRATOR, now, into_risk)
