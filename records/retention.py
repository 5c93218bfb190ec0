"""How long what is kept. What a case that is not at its end needs is kept whatever its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Retention(StrEnum):
    """What goes together, in the order in which it goes."""

    NOT_HEALTH = "not_health"  # items judged not health: address, title, date, probability
    UNREAD = "unread"  # items that gave no text: address, title, date
    CAPTURES = "captures"  # captures of items that no case is about
    TEXTS = "texts"  # texts, earlier wordings and vectors of items that no case is about
    CASE_CAPTURES = "case_captures"  # captures of items of a case that has come to its end
    CASE_TEXTS = "case_texts"  # texts, earlier wordings and vectors of these
    RUNS = "runs"  # what each run met, source by source


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """Terms. Each counts from: judged; last seen; fetched; its wording seen; the case's last act; started."""

    not_health: timedelta = timedelta(days=90)
    unread: timedelta = timedelta(days=90)
    captures: timedelta = timedelta(days=365)
    texts: timedelta = timedelta(days=1095)
    cases: timedelta = timedelta(days=1825)
    runs: timedelta = timedelta(days=90)


DEFAULT_TERMS = RetentionTerms()

#: A comment that was judged not health and is to come back, which no feed has shown in this time, is let go again.
COMMENT_COMES_BACK_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Tidied:
    """Files of captures: `deleted`, because nothing in them is kept; `rewritten`, without what is not."""

    deleted: int
    rewritten: int
    bytes_freed: int
