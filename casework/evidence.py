"""What people say of the evidence: how harmful a narrative is, what an item really is, and a look at a capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from casework import refusals
from casework.rules_of_work import named, noted, reasoned
from records.assessment import Assessment, Correction, Harm, Kind, Stance
from records.case import Act
from records.errors import AssessmentChanged, InputError, NotFound
from records.item import Capture, ItemStage
from records.ports import Casebook, Reader, Work
from records.text import normalize
from records.topics import TOPICS

#: What may be corrected, and the value as it stands in an assessment now. "" is no topic.
_SAID: dict[str, Callable[[Assessment], str]] = {
    "health": lambda a: _yes_or_no(a.health),
    "attention": lambda a: _yes_or_no(a.attention),
    "topic": lambda a: a.topic or "",
    "kind": lambda a: a.kind.value,
    "stance": lambda a: a.stance.value,
    "harm": lambda a: a.harm.value,
}
_YES, _NO = "true", "false"
_VALUES: dict[str, frozenset[str]] = {
    "health": frozenset({_YES, _NO}),
    "attention": frozenset({_YES, _NO}),
    "topic": frozenset({"", *TOPICS}),
    "kind": frozenset(Kind),
    "stance": frozenset(Stance),
    "harm": frozenset(Harm),
}


def confirm_harm(
    casebook: Casebook, narrative_id: str, harm: Harm | None, reason: str, actor: str, now: datetime
) -> None:
    """A person confirms the suggested harm or changes it; None takes a person's word back.

    The level follows when the narrative is judged: call `judge_narratives` with its id next.
    """
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        risk = work.narrative(narrative_id).risk
        if risk is not None and risk.harm_set_by == actor and risk.harm is harm:
            return
        work.confirm_harm(narrative_id, harm, actor, now)
        said = harm.value if harm is not None else "suggested"
        work.trail(now, actor, Act.CONFIRM_HARM, narrative_id, {"harm": said, **noted(work, reason, now)})


def mark_acts(casebook: Casebook, narrative_id: str, followed: bool, reason: str, actor: str, now: datetime) -> None:
    """A person says that acts followed a narrative (spread 6), or takes such a mark back, whoever set it.

    The level follows when the narrative is judged: call `judge_narratives` with its id next.
    """
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        if work.mark_acts(narrative_id, actor if followed else None):
            act = Act.MARK_ACTS if followed else Act.UNMARK_ACTS
            work.trail(now, actor, act, narrative_id, noted(work, reason, now))


def correct(casebook: Casebook, item_id: str, about: str, value: str, reason: str, actor: str, now: datetime) -> None:
    """Put a person's word in the place of the models', and keep both as a training row.

    `about`: health or attention ("true", "false"), topic (a key, "" for none), kind, stance or harm (their values). An
    item that was judged not health, of which no text is left, comes back to be read again when a person says it is.
    """
    correct_as_shown(casebook, item_id, {about: value}, {}, reason, actor, now)


def correct_as_shown(
    casebook: Casebook,
    item_id: str,
    values: Mapping[str, str],
    shown: Mapping[str, str],
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Correct several fields, all of `values` or none: field → value.

    `shown`: what stood in the fields when the person looked. Raises AssessmentChanged where one of `values` would
    overwrite something else: the models' new word, or a colleague's.
    """
    actor, reason = named(actor), reasoned(reason, needed=False)
    values = {about: normalize(value) for about, value in values.items()}
    if any(value not in _VALUES.get(about, ()) for about, value in values.items()):
        raise InputError(refusals.CANNOT_BE_CORRECTED)
    with casebook.work() as work:
        said = {about: _model_said(work, item_id, about, value) for about, value in values.items()}
        wanted = {about: value for about, value in values.items() if value != said[about]}
        _require_as_shown(item_id, said, {about: shown[about] for about in wanted if about in shown})
        for about, value in wanted.items():
            work.correct(Correction(item_id, about, said[about], value, actor, now, reason))
            detail = {"about": about, "from": said[about], "to": value, **noted(work, reason, now)}
            work.trail(now, actor, Act.CORRECT, item_id, detail)


def agree(casebook: Casebook, item_id: str, shown: Mapping[str, str], actor: str, now: datetime) -> None:
    """A person finds the models right in the fields `shown`, field → the value that the person saw: training rows, too,
    and they stand for every later assessment of the item. What a person has said already stays as it was said.

    Raises AssessmentChanged, and keeps nothing, where another value stands in one of them by now.
    """
    actor = named(actor)
    if not shown or not _SAID.keys() >= shown.keys():
        raise InputError(refusals.CANNOT_BE_CORRECTED)
    with casebook.work() as work:
        assessment = work.assessment(item_id)
        if assessment is None:
            raise NotFound("assessment", item_id)
        said = {name: say(assessment) for name, say in _SAID.items() if name in shown}
        _require_as_shown(item_id, said, shown)
        spoken = work.words_on(item_id)
        right = {name: value for name, value in said.items() if name not in spoken}
        for name, value in right.items():
            work.correct(Correction(item_id, name, value, value, actor, now))
        if right:
            work.trail(now, actor, Act.AGREE, item_id, right)


def _require_as_shown(item_id: str, said: Mapping[str, str], shown: Mapping[str, str]) -> None:
    if changed := tuple(about for about, value in shown.items() if said[about] != value):
        raise AssessmentChanged(item_id, changed)


def _model_said(work: Work, item_id: str, about: str, value: str) -> str:
    """What stands in the item's assessment, or stood there before nothing of it was kept."""
    if assessment := work.assessment(item_id):
        return _SAID[about](assessment)
    if about == "health" and value == _YES:
        if work.item(item_id).stage is ItemStage.NOT_HEALTH:
            return _NO  # also where a person brought it back, and nothing could be read
        if work.words_on(item_id).get(about) == _YES:
            return _YES  # it is on its way back
    raise NotFound("assessment", item_id)


def _yes_or_no(answer: bool) -> str:
    return _YES if answer else _NO


def open_capture(
    casebook: Casebook, reader: Reader, item_id: str, actor: str, reason: str, now: datetime
) -> tuple[Capture, bytes]:
    """The capture and its bytes, after the trail holds who opened it and why. Every opening is an entry of its own."""
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        sha256 = work.item(item_id).capture_sha256
        if sha256 is None:
            raise NotFound("capture of item", item_id)
        work.trail(now, actor, Act.OPEN_CAPTURE, item_id, {"capture_sha256": sha256, **noted(work, reason, now)})
    found = reader.capture_of(item_id)
    if found is None:
        raise NotFound("capture of item", item_id)
    return found
