"""Why an act is not done: whole sentences without names or numbers in them, so that a screen can translate each."""

from __future__ import annotations

from typing import Final

ALREADY_TAKEN: Final = "Somebody else has acknowledged this case already."
NOT_ACKNOWLEDGED: Final = "Acknowledge the case first."
SET_ASIDE: Final = "The case was set aside. Reopen it first."
NOT_SET_ASIDE: Final = "The case is not set aside."
MERGED: Final = "The case was merged into another. Work on that one, or undo the merge first."
WITH_SPOKESPERSON: Final = "A statement is with the spokesperson. Wait for the decision first."
STATEMENT_APPROVED: Final = "A statement on this case is approved already."
STATEMENT_DECIDED: Final = "This statement was decided on already."
OWN_STATEMENT: Final = "A statement is approved by somebody other than its drafter."
INTO_CLOSED: Final = "The other case is set aside or merged itself. Choose an open one."
MERGE_INSTEAD: Final = "A duplicate is merged into the other case, not set aside."
WHEN_TO_LOOK_AGAIN: Final = "Say when to look again; the time must lie ahead."
NOT_JUDGED: Final = "The risk of this narrative has not been judged yet. Try again after the next run."
NARRATIVE_MERGED: Final = "The narrative was merged into another. Open a case on that one."
ITEMS_MISSING: Final = "Choose the items to move."
ITEMS_ALL: Final = "These are all of its items. Merge the whole narrative instead."
TARGET_MERGED: Final = "The other narrative was merged into another. Choose that one."
TARGET_SAME: Final = "Choose another narrative."
HAS_CASE: Final = "The narrative that these items began has a statement by now, so that it stays."
NAME_MISSING: Final = "An act needs the name of the person who does it."
REASON_MISSING: Final = "Give a reason."
TEXT_MISSING: Final = "The statement has no text."
TEXT_TOO_LONG: Final = "The text is too long."
CANNOT_BE_CORRECTED: Final = "This part of an assessment cannot be corrected, or not to this value."
MESSAGE_NOT_REFUSED: Final = "This message is not among the refused ones any more."
CLAIM_TEXT_MISSING: Final = "The claim has no text."
CLAIM_TOO_MANY: Final = "There are too many wordings or sources."
CLAIM_SOURCE_MISSING: Final = "Name at least one official source."
CLAIM_SOURCE_NOT_WEB: Final = "A source must be an address that begins with http:// or https://."
CLAIM_TOPIC_UNKNOWN: Final = "There is no such topic. Write it as the library’s filter names it, or leave it empty."
CLAIM_VERDICT_UNKNOWN: Final = (
    "There is no such verdict. Write one of: Sai sự thật, Gây hiểu lầm, Đúng, Chưa thể kiểm chứng."
)
CLAIM_TIME_UNREADABLE: Final = "A date cannot be read. Write it as day/month/year, with a year from 1900 to 2999."
CLAIM_DECIDED_AHEAD: Final = "The day of the decision lies ahead."
CLAIM_ENDS_EARLY: Final = "Its validity ends before it was decided."
CLAIM_DECIDER_OLD: Final = (
    "The verdict is another one now. Write who decided it and on which day, or leave both cells empty."
)
CLAIM_MARKS_LOST: Final = "Vietnamese letters were lost when the file was saved. Save the original as “CSV UTF-8”."
CLAIM_CHARACTER_BROKEN: Final = "A text has half a character, such as \\ud800. Mend it in the file."
CLAIM_KNOWN: Final = "There is a claim with this text or id already."
CLAIM_CHANGED: Final = "Somebody else changed this claim meanwhile. Look at it as it is now, and try again."
CLAIM_CHANGED_SINCE: Final = "Somebody changed this claim after the import."
CLAIM_NOT_PUT_BACK: Final = "This claim could not be saved. Undo the import again."
CLAIM_WITHDRAWN: Final = "The claim was withdrawn. Bring it back first."
CLAIM_TWICE: Final = "This claim stands in the file twice. The first one is taken."
CLAIM_HAS_ENDED: Final = "Its validity has ended."
CLAIM_UNEXPLAINED: Final = "It has no explanation."
CLAIM_WORDING_SHARED: Final = "Another claim has one of its wordings."
FILE_TOO_LARGE: Final = "The file is too large."
FILE_UNREADABLE: Final = "The file cannot be read: it is neither CSV nor JSON-LD."
FILE_BROKEN_OFF: Final = (
    "From this row on the file cannot be read: a quotation mark stands in the wrong place or is not closed, or a cell "
    "is too long. Mend the row and hand the file in again."
)
FILE_NOT_UTF8: Final = "The file is not in UTF-8. Save it as “CSV UTF-8”."
FILE_HEADER: Final = "The first line must name the columns, one of them “Nội dung” or “text”, none of them twice."
FILE_WITHOUT_REVIEWS: Final = "There is no ClaimReview in this file."
ROW_TOO_LONG: Final = "The row has more cells than the first line has columns."

ALL: Final = tuple(sorted(value for name, value in globals().items() if name.isupper() and isinstance(value, str)))
