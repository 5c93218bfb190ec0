"""A narrative: its items, its risk in three parts, and the case that people work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

import casework
from casework.rules_of_work import LONGEST_NOTE, LONGEST_STATEMENT
from console import labels
from console.acting import actor_of, attempt
from console.charts import chart, interval_for, without_holes
from console.known import known_claims
from console.notice import FormProblem, Given, Message
from console.pages.choices import one, pairs
from console.pages.narrative_claims import search_context
from console.reasons import most_common, told, with_field
from console.render import render, see, wants_fragment, words
from console.services import Services
from console.session import language_of
from console.trail import history, who
from records.assessment import Harm
from records.calendar import VIETNAM, local
from records.case import ALLOWED_FROM, Act, Case, SetAsideReason, StatementStage
from records.claim import MatchDecision
from records.errors import NotFound
from records.narrative import Arrangement, Narrative, NarrativeMember
from records.source import Source

router = APIRouter()

MOST_ITEMS = 200
MOST_REASONS = 8
TIMELINE_WIDTH, TIMELINE_HEIGHT = 640, 120
LONGEST = {"text": LONGEST_STATEMENT, "note": LONGEST_NOTE}
_LOOK_AGAIN_HOUR = 8  # in the morning, Viet Nam
_ACTS = {
    "acknowledge": Act.ACKNOWLEDGE,
    "ask": Act.ASK,
    "set_aside": Act.SET_ASIDE,
    "reopen": Act.REOPEN,
    "merge": Act.MERGE,
}


@router.get("/narratives/{narrative_id}")
def narrative(request: Request, narrative_id: str, merged: str = "") -> Response:
    services: Services = request.app.state.services
    found = services.reader.narrative(narrative_id)
    if found.id != narrative_id:
        return see(f"/narratives/{found.id}?merged={narrative_id}")
    return _page(request, found, merge=_merge_of(services, merged, found))


@router.post("/narratives/{narrative_id}/acknowledge")
def acknowledge(request: Request, narrative_id: str) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        case = services.reader.case_of(narrative_id) or casework.open_case(
            services.casebook, narrative_id, name, now, services.recipients
        )
        casework.acknowledge(services.casebook, case.id, name, now)

    return _after(request, narrative_id, act, word("You have acknowledged this case."))


@router.post("/narratives/{narrative_id}/set-aside")
def set_aside(
    request: Request,
    narrative_id: str,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    look_again: Annotated[str, Form()] = "",
) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        chosen = one(SetAsideReason, reason)
        if chosen is None:
            raise FormProblem(word("Choose a reason for setting the case aside."))
        case = _case(services, narrative_id)
        casework.set_aside(services.casebook, case.id, chosen, note, _morning(look_again, word), name, now)

    given = Given(reason=reason, note=note, look_again=look_again)
    return _after(request, narrative_id, act, word("The case is set aside. You can reopen it here."), given)


@router.post("/narratives/{narrative_id}/reopen")
def reopen(request: Request, narrative_id: str) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    act = lambda: casework.reopen(services.casebook, _case(services, narrative_id).id, name, now)  # noqa: E731
    return _after(request, narrative_id, act, word("The case is open again."))


@router.post("/narratives/{narrative_id}/ask")
def ask(request: Request, narrative_id: str, text: Annotated[str, Form()] = "") -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        casework.ask_spokesperson(services.casebook, _case(services, narrative_id).id, text, name, now)

    done = word("The draft is with the spokesperson.")
    return _after(request, narrative_id, act, done, Given(text=text), opened="ask")


@router.post("/narratives/{narrative_id}/harm")
def harm(
    request: Request, narrative_id: str, harm: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        chosen = one(Harm, harm)
        if chosen is None:
            raise FormProblem(word("Choose how harmful it is."))
        casework.confirm_harm(services.casebook, narrative_id, chosen, reason, name, now)
        if services.judge is not None:
            services.judge(narrative_id)

    if services.judge is not None:
        done = word("Your word on the harm is recorded, and the level was judged again.")
    else:
        done = word("Your word on the harm is recorded. The next run judges the level again.")
    return _after(request, narrative_id, act, done, Given(harm=harm, reason=reason), opened="harm")


@router.post("/narratives/{narrative_id}/acts")
def acts(
    request: Request, narrative_id: str, followed: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """`followed`: "yes" sets the mark, "no" takes it back."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        if followed not in {"yes", "no"}:
            raise FormProblem(word("Say whether acts have followed."))
        casework.mark_acts(services.casebook, narrative_id, followed == "yes", reason, name, now)
        if services.judge is not None:
            services.judge(narrative_id)

    done = word("Your mark is recorded. It can be taken back here.") if followed == "yes" else word("The mark is gone.")
    return _after(request, narrative_id, act, done, Given(acts_reason=reason), opened="acts")


@router.post("/narratives/{narrative_id}/claim")
def claim(
    request: Request, narrative_id: str, claim: Annotated[str, Form()] = "", word_on: Annotated[str, Form()] = ""
) -> Response:
    """`word_on`: "confirmed", "rejected", or "undecided", which takes either back."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        decision = one(MatchDecision, word_on)
        if decision is not None:
            casework.decide_match(
                services.casebook, narrative_id, claim, decision, name, now, _similarity(services, narrative_id, claim)
            )
        elif word_on == "undecided":
            casework.undecide_match(services.casebook, narrative_id, claim, name, now)
        else:
            raise FormProblem(word("Say whether it is this claim."))

    status, message = attempt(request, act, "")
    if status == 200:
        return see(f"/narratives/{narrative_id}#claims")
    return _page(request, services.reader.narrative(narrative_id), status, message)


def _similarity(services: Services, narrative_id: str, claim_id: str) -> float | None:
    suggested = services.similar_claims(narrative_id) if services.similar_claims else ()
    return next((one.similarity for one in suggested if one.claim.id == claim_id), None)


def _after(
    request: Request,
    narrative_id: str,
    act: Callable[[], object],
    done: str,
    given: Given | None = None,
    opened: str = "",
) -> Response:
    """Do `act`, then show the case as it is now: HTMX swaps it in, a plain form is sent to the page again."""
    services: Services = request.app.state.services
    status, message = attempt(request, act, done)
    if status == 200 and not wants_fragment(request):
        return see(f"/narratives/{narrative_id}#case")
    found = services.reader.narrative(narrative_id)
    if status == 200:
        return _page(request, found, status, message)
    return _page(request, found, status, message, given, opened)


def _page(
    request: Request,
    narrative: Narrative,
    status: int = 200,
    message: Message | None = None,
    given: Given | None = None,
    opened: str = "",
    merge: Arrangement | None = None,
) -> Response:
    services: Services = request.app.state.services
    context = _case_context(request, services, narrative) | {
        "message": message,
        "given": given or Given(),
        "opened": opened,
        "merge": merge,
        "narrative": narrative,
    }
    if context["statements"] and not context["given"]["text"]:
        latest = context["statements"][-1]
        if latest.stage is StatementStage.RETURNED:
            context["given"] = Given(context["given"] | {"text": latest.text})
    if not context["given"]["text"] and context["draft"] is not None:
        context["given"] = Given(context["given"] | {"text": context["draft"].text})
    if not wants_fragment(request):
        context |= _story(request, services, narrative) | search_context(request, narrative)
    context["table"] = [(each, services.risk_table[each]) for each in reversed(Harm)]
    return render(request, "narrative.html", "_case_and_risk.html", status=status, **context)


def _case_context(request: Request, services: Services, narrative: Narrative) -> dict[str, Any]:
    reader, word = services.reader, words(request)
    case = reader.case_of(narrative.id)
    told = reader.statements(case_id=case.id) if case else ()
    known = known_claims(reader, narrative.id, services.clock())
    return {
        "known": known,
        "draft": next((one.draft for one in known.confirmed if one.draft), None) if not told else None,
        "case": case,
        "opened_by": who(case.opened_by, word) if case else "",
        "acts": _acts(case),
        "statements": sorted((statement for statement, _, _ in told), key=lambda statement: statement.asked_at),
        "trail": history(reader, word, narrative.id, *([case.id] if case else [])),
        "set_aside_reasons": [
            (reason, name)
            for reason, name in labels.SET_ASIDE_REASONS.items()
            if reason is not SetAsideReason.DUPLICATE  # a duplicate is merged
        ],
        "harms": pairs(word, reversed(labels.HARMS.items())),
        "longest": LONGEST,
        "tomorrow": (local(services.clock()).date() + timedelta(days=1)).isoformat(),
    }


def _acts(case: Case | None) -> frozenset[str]:
    """The acts that the case's stage allows; a narrative without a case can be taken at once."""
    if case is None:
        return frozenset({"acknowledge", "harm"})
    allowed = {name for name, act in _ACTS.items() if case.stage in ALLOWED_FROM[act]}
    return frozenset(allowed | {"harm"})


def _story(request: Request, services: Services, narrative: Narrative) -> dict[str, Any]:
    """What the whole page shows beside the case."""
    reader, word = services.reader, words(request)
    members = reader.members(narrative.id, limit=MOST_ITEMS)
    times = [member.item.published or member.item.first_seen for member in members] or [narrative.first_seen]
    interval = interval_for(min(times), max(times))
    counts = reader.narrative_timeline(narrative.id, interval)
    return {
        "members": members,
        "first_source": _first_source(services, narrative),
        "source_counts": _by_source(members),
        "records": reader.source_records([member.source.id for member in members]),
        "stance_counts": sorted(narrative.stances.items(), key=lambda pair: -pair[1]),
        "reasons": most_common(
            (
                with_field(reason, word, language_of(request))
                for reason in told(member.assessment for member in members)
            ),
            MOST_REASONS,
        ),
        "claims": services.similar_claims(narrative.id) if services.similar_claims else (),
        "interval": interval,
        "timeline": chart(without_holes(counts, interval), TIMELINE_WIDTH, TIMELINE_HEIGHT),
    }


def _by_source(members: tuple[NarrativeMember, ...]) -> list[tuple[Source, int]]:
    counted = Counter(member.source.id for member in members)
    sources = {member.source.id: member.source for member in members}
    return [(sources[source_id], count) for source_id, count in counted.most_common()]


def _first_source(services: Services, narrative: Narrative) -> str:
    try:
        return services.sources.get(narrative.first_source_id).name
    except NotFound:
        return narrative.first_source_id


def _case(services: Services, narrative_id: str) -> Case:
    """Raises NotFound when the narrative has no case."""
    case = services.reader.case_of(narrative_id)
    if case is None:
        raise NotFound("case of narrative", narrative_id)
    return case


def _merge_of(services: Services, merged: str, narrative: Narrative) -> Arrangement | None:
    """How `merged`, from the address, went into `narrative`, as far as that can be undone."""
    if not merged or merged == narrative.id:
        return None
    try:
        found = services.reader.narrative(merged)
    except NotFound:
        return None
    if found.id != narrative.id:
        return None
    arrangements = services.reader.arrangements(merged)
    return next((one for one in arrangements if one.whole and one.narrative_id == merged), None)


def _morning(day: str, word: Callable[[str], str]) -> datetime | None:
    """The morning of that day in Viet Nam; None for "". Raises FormProblem."""
    if not day:
        return None
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise FormProblem(word("The day to look again cannot be read. Write it as year-month-day.")) from None
    return datetime(chosen.year, chosen.month, chosen.day, _LOOK_AGAIN_HOUR, tzinfo=VIETNAM).astimezone(UTC)
