"""What the outbox is given to say of a case: masked, short, and under a key that the same cause gives again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from casework.claims import known_claim
from records.address import is_web_address
from records.case import Case
from records.claim import Claim
from records.message import Address, Message, Notice, NoticeItem, NoticeKind
from records.narrative import Narrative, NarrativeMember
from records.ports import Work
from records.risk import Risk
from records.source import SourceRecord
from records.text import excerpt, mask_personal

#: A narrative's id → a known claim that it resembles so much that it is worth saying, before anybody confirmed it.
Resembles = Callable[[str], Claim | None]
#: Items that stand for a narrative in a message.
REPRESENTATIVE_ITEMS = 3
#: Looked through for those, most attention first.
_MEMBERS_READ = 50


def public(text: str) -> str:
    """`text` as a message may carry it: on one line, at most 300 characters, personal data covered."""
    return excerpt(mask_personal(text))


def put_out(
    work: Work,
    kind: NoticeKind,
    case: Case,
    cause: str,
    to: Iterable[Address],
    now: datetime,
    *,
    risk: Risk | None = None,
    thread: str | None = None,
    resembles: Resembles | None = None,
    **said: str,
) -> int:
    """Enqueue a notice of `kind` for everybody in `to`; how many were not in the outbox before.

    `cause` is what the message's key is made of: the same cause, again, is the same message. `risk` and `thread` stand
    in the place of the narrative's saved risk and the case's own thread. `resembles` is asked where no known claim was
    confirmed. `said`: rule, note.
    """
    recipients = tuple(to)
    if not recipients:
        return 0
    narrative = work.narrative(case.narrative_id)
    risk = risk or narrative.risk
    if risk is None:
        return 0
    members = work.members(case.narrative_id, _MEMBERS_READ)
    known, confirmed = known_claim(work, case.narrative_id, now), True
    if known is None and resembles is not None:
        known, confirmed = resembles(case.narrative_id), False
    record = work.source_record(narrative.first_source_id)
    notice = notice_of(
        kind, case, narrative, risk, members, now, known=known, known_confirmed=confirmed, record=record, **said
    )
    return sum(
        work.enqueue(
            Message(
                key=f"{cause}:{address.channel}:{address.recipient}",
                to=address,
                thread=thread or case.thread_id,
                notice=notice,
                created_at=now,
            )
        )
        for address in recipients
    )


def notice_of(
    kind: NoticeKind,
    case: Case,
    narrative: Narrative,
    risk: Risk,
    members: tuple[NarrativeMember, ...],
    now: datetime,
    *,
    rule: str = "",
    note: str = "",
    known: Claim | None = None,
    known_confirmed: bool = False,
    record: SourceRecord | None = None,
) -> Notice:
    """`members`: most attention first. The narrative's id in the notice is the case's, so that its thread holds.

    `known`: a claim of the library that it is about; only suggested unless `known_confirmed`. `record`: of its
    first source.
    """
    by_source = {m.source.id: m.source.name for m in members}
    return Notice(
        kind=kind,
        case_id=case.id,
        narrative_id=case.narrative_id,
        title=public(narrative.label),
        risk=risk,
        topic=narrative.topic,
        places=tuple(public(place) for place in narrative.places),
        items=narrative.items,
        first_source=public(by_source.get(narrative.first_source_id, "")),
        first_published=narrative.first_published,
        at=now,
        representative=_representative(members),
        rule=public(rule),
        note=public(note),
        claim=public(known.text) if known else "",
        claim_verdict=known.verdict if known else None,
        claim_confirmed=known is not None and known_confirmed,
        first_source_record=record,
    )


def _representative(members: tuple[NarrativeMember, ...]) -> tuple[NoticeItem, ...]:
    """The first items that are no copies of each other, then copies if there is nothing else."""
    originals = [m for m in members if m.near_duplicate_of is None]
    chosen = [m for m in originals or members if is_web_address(m.item.address)]
    return tuple(
        NoticeItem(
            title=public(m.item.title or m.item.own_text),
            address=m.item.address,
            source=public(m.source.name),
            published=m.item.published,
        )
        for m in chosen[:REPRESENTATIVE_ITEMS]
    )
