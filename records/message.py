"""Message (thông báo): one notification to one person or channel, in the outbox until delivered.

What it says is a typed `Notice`, composed for Slack or e-mail by alerts/ when it is delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.claim import Verdict
from records.risk import Risk
from records.source import SourceRecord


class Channel(StrEnum):
    SLACK = "slack"
    MAIL = "mail"


class NoticeKind(StrEnum):
    CASE_OPENED = "case_opened"
    LEVEL_RAISED = "level_raised"
    STATEMENT_ASKED = "statement_asked"
    STATEMENT_RETURNED = "statement_returned"
    STATEMENT_APPROVED = "statement_approved"
    CASE_MERGED = "case_merged"  # said in the thread of the case that was merged, about what it was merged into
    LOOK_AGAIN = "look_again"  # set aside until now: it is back
    CASE_CLOSED = "case_closed"  # set aside: said in the same thread


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A representative item: title at most 300 characters, masked; never a full text."""

    title: str
    address: str
    source: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said about a case. All texts are plain, masked and at most 300 characters."""

    kind: NoticeKind
    case_id: str
    narrative_id: str
    title: str
    risk: Risk
    topic: str | None
    places: tuple[str, ...]
    items: int
    first_source: str
    first_published: datetime | None
    at: datetime
    representative: tuple[NoticeItem, ...]
    rule: str = ""
    note: str = ""
    claim: str = ""  # a known claim that it is about, or resembles
    claim_verdict: Verdict | None = None
    claim_confirmed: bool = False  # by a person; else the machine suggests it
    first_source_record: SourceRecord | None = None  # what people found that source's items to be before


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is about no one case, such as a digest: composed when it was caused, so that a retry says the same.

    `title` is its subject; `text` and `html` say the same.
    """

    title: str
    text: str
    html: str
    at: datetime
    narrative_id: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a Slack channel id or name, or a mail address."""

    channel: Channel
    recipient: str


@dataclass(frozen=True, slots=True)
class Message:
    """`key`: "twice" is judged by it. `thread`, the narrative's id, gathers its messages in one thread."""

    key: str
    to: Address
    thread: str
    notice: Notice | Letter
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that its server did not take. `problem` is a clause in English, without anything of the message.

    `retry_at`: when it is tried again; None when it was refused, and waits for a person.
    """

    message: Message
    problem: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadRoot:
    """The first delivered message of a thread on a channel: what later ones update and answer."""

    external_id: str  # Slack: the message's ts; mail: its Message-ID
    notice: Notice | Letter
    external_channel: str = ""  # Slack: the channel's id, as the server gave it


class Progress(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DISCARDED = "discarded"  # a person's decision; whom it was for is forgotten


@dataclass(frozen=True, slots=True)
class MessageState:
    """How far a message has come. `at`: delivered then, or to be tried then; None when it was refused or discarded."""

    progress: Progress
    at: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The server's word that it has the message."""

    external_id: str
    external_channel: str = ""
