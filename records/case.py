"""Case (vụ việc) and Statement (nội dung phát ngôn): the team's work on a narrative. The acts are in casework/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.risk import Level


class CaseStage(StrEnum):
    """The three C's, in their first version. The full life of a case grows on this pattern."""

    DETECTED = "detected"  # nắm bắt
    ACKNOWLEDGED = "acknowledged"  # nắm bắt: somebody has it
    SET_ASIDE = "set_aside"  # with a reason
    ASKED = "asked"  # cung cấp thông tin: the spokesperson has a draft
    APPROVED = "approved"  # the spokesperson approved it
    MERGED = "merged"  # duplicate of another case


class SetAsideReason(StrEnum):
    NOT_HEALTH = "not_health"
    NOT_OURS = "not_ours"
    WATCH = "watch"  # watch and do not amplify: with a time to look again
    DUPLICATE = "duplicate"


class StatementStage(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"


class Act(StrEnum):
    """What people and rules do to a case. The trail names each by this word."""

    OPEN = "open"
    RAISE = "raise"  # the narrative's level rose
    ACKNOWLEDGE = "acknowledge"
    SET_ASIDE = "set_aside"
    REOPEN = "reopen"  # undo of setting aside
    MERGE = "merge"
    SPLIT = "split"  # undo of merging
    ASK = "ask"  # hand a draft to the spokesperson
    APPROVE = "approve"
    RETURN = "return"
    CONFIRM_HARM = "confirm_harm"
    MARK_ACTS = "mark_acts"  # a person says that acts followed the narrative
    UNMARK_ACTS = "unmark_acts"  # undo of that
    CORRECT = "correct"  # correct an assessment
    AGREE = "agree"  # find an assessment right
    OPEN_CAPTURE = "open_capture"
    RETRY_MESSAGES = "retry_messages"  # of the outbox: refused messages are tried again
    DISCARD_MESSAGE = "discard_message"  # of the outbox: a refused message is not tried any more
    ERASE = "erase"  # of the store: what has had its time is let go
    RESTORE = "restore"  # of the store: it was restored from a backup
    MOVE_ITEMS = "move_items"  # of a narrative, into another or a new one
    UNDO_MOVE = "undo_move"
    RENAME = "rename"  # a narrative gets a label from a person
    ADD_CLAIM = "add_claim"  # to the library of known claims
    EDIT_CLAIM = "edit_claim"  # also told of the narratives that are confirmed for it, when its verdict changes
    WITHDRAW_CLAIM = "withdraw_claim"
    BRING_BACK_CLAIM = "bring_back_claim"  # undo of that
    IMPORT_CLAIMS = "import_claims"  # of the library: a file is taken in; each claim has its own entry, too
    UNDO_IMPORT = "undo_import"
    CONFIRM_CLAIM = "confirm_claim"  # a narrative is about a known claim
    REJECT_CLAIM = "reject_claim"  # it is not
    UNDECIDE_CLAIM = "undecide_claim"  # undo of either


_S = CaseStage
#: From which stages an act may be done. Acts that are not here (OPEN, CONFIRM_HARM, ...) depend on no stage.
ALLOWED_FROM: Mapping[Act, frozenset[CaseStage]] = {
    Act.RAISE: frozenset({_S.DETECTED, _S.ACKNOWLEDGED, _S.ASKED, _S.APPROVED}),
    Act.ACKNOWLEDGE: frozenset({_S.DETECTED}),
    Act.SET_ASIDE: frozenset({_S.DETECTED, _S.ACKNOWLEDGED}),
    Act.REOPEN: frozenset({_S.SET_ASIDE}),
    Act.MERGE: frozenset({_S.DETECTED, _S.ACKNOWLEDGED, _S.SET_ASIDE}),
    Act.SPLIT: frozenset({_S.MERGED}),
    Act.ASK: frozenset({_S.ACKNOWLEDGED}),
    Act.APPROVE: frozenset({_S.ASKED}),
    Act.RETURN: frozenset({_S.ASKED}),
}

OPEN_STAGES = frozenset({_S.DETECTED, _S.ACKNOWLEDGED, _S.ASKED})


@dataclass(frozen=True, slots=True)
class Case:
    """`id` is "case-" + its narrative's id: opening it twice is the same act. `version` counts its changes, from 1.

    `look_again_at`: of a case set aside, when it comes back; of one that came back so, when that was, until somebody
    takes it. `thread`: of its messages, when they go on in that of a case that was merged into this one; else its
    narrative's.
    """

    id: str
    narrative_id: str
    stage: CaseStage
    level: Level  # the highest that was alerted
    opened_at: datetime
    opened_by: str  # "rule:<name>" or a person
    version: int
    owner: str | None = None
    acknowledged_at: datetime | None = None
    set_aside_reason: SetAsideReason | None = None
    note: str = ""
    look_again_at: datetime | None = None
    merged_into: str | None = None
    thread: str | None = None

    @property
    def thread_id(self) -> str:
        return self.thread or self.narrative_id


@dataclass(frozen=True, slots=True)
class Statement:
    """A short statement. The approver is never its drafter."""

    id: str
    case_id: str
    text: str
    stage: StatementStage
    drafted_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One link of the append-only, hash-chained trail. `detail` holds ids and hashes, never texts."""

    number: int
    at: datetime
    actor: str
    act: Act
    subject: str
    detail: dict[str, str]
    previous_hash: str
    hash: str
