"""Why an act is not done: whole sentences without names or numbers in them, so that a screen can translate each."""

from __future__ import annotations

from typing import Final

ALREADY_TAKEN: Final = "Somebody else has acknowledged this case already."
NOT_ACKNOWLEDGED: Final = "Acknowledge the case first."
SET_ASIDE: Final = "The case was set aside. Reopen it first."
NOT_SET_ASIDE: Final = "The case is not set aside."
MERGED: Final = "The case was merged into another. Work on that one, or undo the merge first."
NOT_MERGED: Final = "The case is not merged into another."
WITH_SPOKESPERSON: Final = "A statement is with the spokesperson. Wait for the decision first."
STATEMENT_APPROVED: Final = "A statement on this case is approved already."
STATEMENT_DECIDED: Final = "This statement was decided on already."
OWN_STATEMENT: Final = "A statement is approved by somebody other than its drafter."
INTO_ITSELF: Final = "A case cannot be merged into itself."
INTO_CLOSED: Final = "The other case is set aside or merged itself. Choose an open one."
MERGE_INSTEAD: Final = "A duplicate is merged into the other case, not set aside."
WHEN_TO_LOOK_AGAIN: Final = "Say when to look again; the time must lie ahead."
NOT_JUDGED: Final = "The risk of this narrative has not been judged yet. Try again after the next run."
NARRATIVE_MERGED: Final = "The narrative was merged into another. Open a case on that one."
NAME_MISSING: Final = "An act needs the name of the person who does it."
REASON_MISSING: Final = "Give a reason."
TEXT_MISSING: Final = "The statement has no text."
TEXT_TOO_LONG: Final = "The text is too long."
CANNOT_BE_CORRECTED: Final = "This part of an assessment cannot be corrected, or not to this value."

ALL: Final = tuple(sorted(value for name, value in globals().items() if name.isupper() and isinstance(value, str)))
