"""A case that was set aside until a day comes back on that day, by itself."""

from __future__ import annotations

from datetime import datetime

from casework.notices import put_out
from casework.recipients import NOBODY, Recipients
from casework.triage import reopened
from records.case import CaseStage
from records.message import NoticeKind
from records.ports import Casebook

#: Who reopens a case when the time to look again has come.
CALENDAR = "calendar"


def look_again(casebook: Casebook, now: datetime, recipients: Recipients = NOBODY) -> int:
    """Reopen every case whose time has come and tell those who were told of it, or `recipients`; how many cases.

    Each case is one transaction, so that it comes back, and is told of, once. It is newly detected, keeps the time that
    has come as a mark until somebody takes it, and its clock of acknowledging runs again.
    """
    with casebook.work() as work:
        due = work.to_look_at_again(now)
    back = 0
    for case_id in due:
        with casebook.work() as work:
            case = work.case(case_id)
            when, note = case.look_again_at, case.note
            if case.stage is not CaseStage.SET_ASIDE or when is None or when > now:
                continue  # a person was quicker
            case = reopened(work, case, CALENDAR, now, CaseStage.DETECTED, look_again_at=when)
            told = work.addresses(case.thread_id) or recipients.addresses
            put_out(work, NoticeKind.LOOK_AGAIN, case, f"look-again:{case.id}:{case.version}", told, now, note=note)
            back += 1
    return back
