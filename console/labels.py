"""The words for what the records name: English messages, translated where they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from casework.claim_files import Change
from console.language import mark as N_
from records.assessment import Harm, Kind, Stance
from records.case import Act, CaseStage, SetAsideReason, StatementStage
from records.claim import Verdict
from records.item import ItemStage
from records.risk import Level
from records.search import Facet
from records.source import Owner, SourceState
from records.sureness import Sureness
from records.topics import TOPICS

LEVELS = {
    Level.LOW: N_("Low"),
    Level.MEDIUM: N_("Medium"),
    Level.HIGH: N_("High"),
    Level.CRITICAL: N_("Critical"),
}
HARMS = {Harm.NONE: N_("None"), Harm.LOW: N_("Low"), Harm.MEDIUM: N_("Medium"), Harm.HIGH: N_("High")}
HARM_MEANINGS = {
    Harm.NONE: N_("Nothing is claimed that could hurt anybody."),
    Harm.LOW: N_("Unlikely to be believed, or of limited impact."),
    Harm.MEDIUM: N_("May be believed; moderate impact on health, safety or care-seeking."),
    Harm.HIGH: N_(
        "Likely to be believed, with severe impact: refusing treatment or vaccination, panic, violence, "
        "attacks on health workers."
    ),
}
SPREADS = {
    1: N_("One platform, one community"),
    2: N_("Several platforms or several communities"),
    3: N_("Several platforms and several communities"),
    4: N_("In the press"),
    5: N_("Carried by a prominent account"),
    6: N_("Followed by acts or an official response"),
}
KINDS = {
    Kind.RUMOR: N_("Rumor"),
    Kind.CORRECTION: N_("Correction"),
    Kind.NEWS: N_("News"),
    Kind.QUESTION: N_("Question"),
    Kind.ADVERT: N_("Advertisement"),
    Kind.CHATTER: N_("Chatter"),
}
STANCES = {
    Stance.ASSERTS: N_("Asserts"),
    Stance.REFUTES: N_("Refutes"),
    Stance.ASKS: N_("Asks"),
    Stance.NEUTRAL: N_("Takes no stance"),
}
STAGES = {
    CaseStage.DETECTED: N_("Newly detected"),
    CaseStage.ACKNOWLEDGED: N_("Acknowledged"),
    CaseStage.SET_ASIDE: N_("Set aside"),
    CaseStage.ASKED: N_("Waiting for the spokesperson"),
    CaseStage.APPROVED: N_("Statement approved"),
    CaseStage.MERGED: N_("Merged"),
}
SET_ASIDE_REASONS = {
    SetAsideReason.NOT_HEALTH: N_("Not about health"),
    SetAsideReason.NOT_OURS: N_("Not within our responsibility"),
    SetAsideReason.WATCH: N_("Watch and do not amplify"),
    SetAsideReason.DUPLICATE: N_("Duplicate of another narrative"),
}
STATEMENT_STAGES = {
    StatementStage.ASKED: N_("Waiting for approval"),
    StatementStage.APPROVED: N_("Approved"),
    StatementStage.RETURNED: N_("Returned"),
}
ACTS = {
    Act.OPEN: N_("Opened the case"),
    Act.RAISE: N_("Risk level rose"),
    Act.ACKNOWLEDGE: N_("Acknowledged"),
    Act.SET_ASIDE: N_("Set aside"),
    Act.REOPEN: N_("Reopened"),
    Act.MERGE: N_("Merged"),
    Act.SPLIT: N_("Undid the merge"),
    Act.ASK: N_("Handed a draft to the spokesperson"),
    Act.APPROVE: N_("Approved the statement"),
    Act.RETURN: N_("Returned the statement"),
    Act.CONFIRM_HARM: N_("Confirmed or changed the harm"),
    Act.MARK_ACTS: N_("Marked that acts have followed"),
    Act.UNMARK_ACTS: N_("Took back the mark that acts have followed"),
    Act.CORRECT: N_("Corrected an assessment"),
    Act.AGREE: N_("Found an assessment right"),
    Act.OPEN_CAPTURE: N_("Opened a capture"),
    Act.RETRY_MESSAGES: N_("Had refused messages tried again"),
    Act.DISCARD_MESSAGE: N_("Discarded a refused message"),
    Act.ERASE: N_("Let go what has had its time"),
    Act.RESTORE: N_("Restored the store from a backup"),
    Act.MOVE_ITEMS: N_("Moved items into another narrative"),
    Act.UNDO_MOVE: N_("Moved items back"),
    Act.RENAME: N_("Named the narrative"),
    Act.ADD_CLAIM: N_("Added a known claim"),
    Act.EDIT_CLAIM: N_("Changed a known claim"),
    Act.WITHDRAW_CLAIM: N_("Withdrew a known claim"),
    Act.BRING_BACK_CLAIM: N_("Brought a known claim back"),
    Act.IMPORT_CLAIMS: N_("Took in a file of known claims"),
    Act.UNDO_IMPORT: N_("Undid the import of a file"),
    Act.CONFIRM_CLAIM: N_("Confirmed that it is a known claim"),
    Act.REJECT_CLAIM: N_("Said that it is another claim"),
    Act.UNDECIDE_CLAIM: N_("Took back the word on a known claim"),
}
OWNERS = {
    Owner.OFFICIAL: N_("Official body"),
    Owner.PRESS: N_("Press"),
    Owner.SOCIAL: N_("Social network"),
    Owner.FORUM: N_("Forum"),
    Owner.CITIZEN: N_("Citizen report"),
}
#: Of the platforms that spread counts; another has the name that its source was given.
PLATFORMS = {
    "web": N_("web pages"),
    "forum": N_("forums"),
    "social": N_("social networks"),
    "posts": N_("social networks"),
    "youtube": "YouTube",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "tiktok": "TikTok",
    "zalo": "Zalo",
    "telegram": "Telegram",
}
VERDICTS = {
    Verdict.FALSE: N_("False"),
    Verdict.MISLEADING: N_("Misleading"),
    Verdict.TRUE: N_("True"),
    Verdict.UNVERIFIABLE: N_("Cannot be verified"),
}
CLAIM_CHANGES = {
    Change.NEW: N_("New"),
    Change.CHANGED: N_("Changed"),
    Change.UNCHANGED: N_("Unchanged"),
    Change.WITHDRAWN: N_("Withdrawn here"),
    Change.BROUGHT_BACK: N_("Brought back"),
}
ITEM_STAGES = {
    ItemStage.AWAITING_PAGE: N_("Its page is waiting to be fetched"),
    ItemStage.COMPLETE: N_("Waiting to be assessed"),
    ItemStage.ASSESSED: N_("Assessed"),
    ItemStage.NOT_HEALTH: N_("Judged not about health: no text and no capture are kept"),
    ItemStage.UNREADABLE: N_("No text could be read"),
    ItemStage.REFUSED: N_("The site does not allow its page to be read"),
    ItemStage.FAILED: N_("Its page could not be fetched"),
}
FACETS = {
    Facet.KIND: N_("Kind"),
    Facet.STANCE: N_("Stance"),
    Facet.HARM: N_("Harm"),
    Facet.TOPIC: N_("Topic"),
    Facet.OWNER: N_("Owner of the source"),
    Facet.SOURCE: N_("Source"),
    Facet.PLACE: N_("Place"),
}
#: What the assessment says, field by field; also what a correction may be about.
FIELDS = {
    "health": N_("About health"),
    "attention": N_("Wants attention today"),
    "topic": N_("Topic"),
    "kind": N_("Kind"),
    "stance": N_("Stance"),
    "harm": N_("Harm"),
    "reliability": N_("Reliability"),
    "places": N_("Places"),
}
#: How sure an answer is, in words before its chance; of a "no" the chance shown is that of yes.
SURENESS = {
    Sureness.HIGH: N_("very sure, chance %(chance)s"),
    Sureness.FAIR: N_("fairly sure, chance %(chance)s"),
    Sureness.LOW: N_("not sure, chance %(chance)s"),
}
SURENESS_OF_NO = {
    Sureness.HIGH: N_("very sure, the chance of yes is %(chance)s"),
    Sureness.FAIR: N_("fairly sure, the chance of yes is %(chance)s"),
    Sureness.LOW: N_("not sure, the chance of yes is %(chance)s"),
}


def platform_name(name: str, translated: Callable[[str], str]) -> str:
    return translated(PLATFORMS[name]) if name in PLATFORMS else name


def topic_name(key: str, language: str) -> str:
    """The topic's name; the key itself for one that the plans do not know. Topics are data, with both their names."""
    names = TOPICS.get(key)
    if names is None:
        return key
    return names.vietnamese if language == "vi" else names.english


@dataclass(frozen=True, slots=True)
class StateWords:
    """A source's state in a word, what it means, what to do; `tone` is good, quiet or bad."""

    word: str
    meaning: str
    advice: str
    tone: str


SOURCE_STATES = {
    SourceState.NEVER: StateWords(
        N_("Not read yet"),
        N_("The source has been added, and no run has read it so far."),
        N_("Wait for the next run, or start one with “tin3c watch --once”."),
        "quiet",
    ),
    SourceState.WORKING: StateWords(
        N_("Working"), N_("The last reading gave entries."), N_("Nothing needs to be done."), "good"
    ),
    SourceState.UNCHANGED: StateWords(
        N_("Unchanged"),
        N_("The site says that nothing has changed since the reading before."),
        N_("Nothing needs to be done. If it stays so for days, look at the page itself."),
        "good",
    ),
    SourceState.EMPTY: StateWords(
        N_("Empty"),
        N_("The address can be read, and no entry stands there."),
        N_("Open the page: it may have moved its news to another address."),
        "bad",
    ),
    SourceState.NOT_A_FEED: StateWords(
        N_("Not a feed"),
        N_("Something else stands where a feed was."),
        N_("Open the address, find the new feed, and add it with “tin3c sources add”."),
        "bad",
    ),
    SourceState.CHALLENGE: StateWords(
        N_("Wants a browser"),
        N_("The site answers automatic readers with a check page. Tin3C does not go round it."),
        N_("Ask the owner of the site for a feed, or read this source by hand."),
        "bad",
    ),
    SourceState.REFUSED: StateWords(
        N_("Refused"),
        N_("The site does not allow automatic reading (robots.txt or its answer), or the address must not be read."),
        N_("Respect it. Ask the owner for permission or for another way, or switch the source off."),
        "bad",
    ),
    SourceState.FAILING: StateWords(
        N_("Failing"),
        N_("The site answered with an error, too slowly, or not at all."),
        N_("Wait for the next readings. If it goes on, open the address and check it."),
        "bad",
    ),
}
