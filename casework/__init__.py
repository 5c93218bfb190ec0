"""What people and rules do to cases. Each act is one transaction through `Casebook`, with its messages and its entry in
the trail, the same for the console, the command line, a Slack button and an alert rule.

An act raises ActRefused with one of `casework.refusals` when the case's stage or the person's part does not allow it,
and InputError when what was typed cannot be taken. The same act by the same person again changes and writes nothing.
"""

from casework.arranging import merge_narrative, move_items, rename, undo_arrangement
from casework.claims import add_claim_for, bring_back_claim, decide_match, save_claim, undecide_match, withdraw_claim
from casework.evidence import agree, confirm_harm, correct, correct_as_shown, mark_acts, open_capture
from casework.judgement import JudgeOutcome, judge_narratives
from casework.looking_again import look_again
from casework.messages import OUTBOX, discard_message, retry_message, retry_messages
from casework.recipients import Recipients
from casework.statements import approve, ask_spokesperson, return_statement
from casework.triage import acknowledge, open_case, reopen, set_aside

__all__ = [
    "OUTBOX",
    "JudgeOutcome",
    "Recipients",
    "acknowledge",
    "add_claim_for",
    "agree",
    "approve",
    "ask_spokesperson",
    "bring_back_claim",
    "confirm_harm",
    "correct",
    "correct_as_shown",
    "decide_match",
    "discard_message",
    "judge_narratives",
    "look_again",
    "mark_acts",
    "merge_narrative",
    "move_items",
    "open_capture",
    "open_case",
    "rename",
    "reopen",
    "retry_message",
    "retry_messages",
    "return_statement",
    "save_claim",
    "set_aside",
    "undecide_match",
    "undo_arrangement",
    "withdraw_claim",
]
