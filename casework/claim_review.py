"""Known claims as ClaimReview (schema.org), the form in which fact checkers publish theirs: JSON-LD. Pure.

Read: one object, a list, or an @graph. Texts are other people's: tags go, sizes are limited, nothing is fetched.
Written: what schema.org has a word for; the approved response has none, and goes by CSV.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from casework import refusals
from casework.claim_words import VERDICT_NAMES, end_of, moment_of, verdict_of
from crawlers.clean import plain_line, plain_text
from records.address import is_web_address
from records.claim import Claim, Verdict
from records.claim_row import ClaimRow, Fault
from records.errors import InputError
from records.topics import TOPICS

_CONTEXT = "https://schema.org"
#: On the scale of ClaimReview, 1 is false and 5 is true; what cannot be verified stands on no place of it.
_RATINGS = {Verdict.FALSE: 1, Verdict.MISLEADING: 3, Verdict.TRUE: 5}
_DEEPEST = 8
_MOST_OBJECTS = 20_000
_MOST_LISTED = 100
_LONGEST = 4_000
#: JSON can name one half of a character alone, which no text can hold.
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")


def write_claim_reviews(claims: Iterable[Claim], author: str) -> bytes:
    """`author`: the department. Withdrawn claims are left out."""
    graph = [_review(claim, author) for claim in claims if claim.withdrawn_at is None]
    return (json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode()


def _review(claim: Claim, author: str) -> dict[str, Any]:
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": VERDICT_NAMES[claim.verdict]}
    if claim.verdict in _RATINGS:
        rating |= {"ratingValue": _RATINGS[claim.verdict], "worstRating": 1, "bestRating": 5}
    review = {
        "@type": "ClaimReview",
        "identifier": claim.id,
        "claimReviewed": claim.text,
        "datePublished": claim.decided_at.isoformat(),
        "author": {"@type": "Organization", "name": author},
        "reviewRating": rating,
        "reviewBody": claim.explanation,
        "itemReviewed": {"@type": "Claim", "name": claim.text, "alternateName": list(claim.wordings)},
        "citation": list(claim.sources),
        "inLanguage": "vi",
    }
    if claim.sources:
        review["url"] = claim.sources[0]
    if claim.topic is not None:
        review["about"] = {"@type": "Thing", "identifier": claim.topic, "name": TOPICS[claim.topic].vietnamese}
    if claim.valid_until is not None:
        review["expires"] = claim.valid_until.isoformat()
    return review


def read_claim_reviews(data: bytes) -> tuple[list[ClaimRow], list[Fault]]:
    """Rows by the object's place, and those that cannot be taken. Raises InputError for the file as a whole."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(refusals.FILE_NOT_UTF8) from error
    except (ValueError, RecursionError) as error:
        raise InputError(refusals.FILE_UNREADABLE) from error
    rows: list[ClaimRow] = []
    faults: list[Fault] = []
    for place, review in enumerate(_reviews(document, 0), 1):
        if place > _MOST_OBJECTS:
            raise InputError(refusals.FILE_TOO_LARGE)
        try:
            rows.append(ClaimRow(place, _values(review), _publisher(review)))
        except InputError as error:
            claimed = _HALF_CHARACTER.sub("\ufffd", _written(review.get("claimReviewed")))
            faults.append(Fault(place, str(error), plain_line(claimed, _LONGEST)))
    if not rows and not faults:
        raise InputError(refusals.FILE_WITHOUT_REVIEWS)
    return rows, faults


def _reviews(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The ClaimReviews of a list, of an object, of its @graph, or of a page that says what it is about."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _reviews(one, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if any(str(kind).endswith("ClaimReview") for kind in (kinds if isinstance(kinds, list) else [kinds])):
            yield value
            return
        for name in ("@graph", "mainEntity", "itemListElement", "dataFeedElement", "item", "review"):
            yield from _reviews(value.get(name), depth + 1)


def _values(review: dict[str, Any]) -> dict[str, Any]:
    text = plain_line(_text(review.get("claimReviewed")), _LONGEST)
    if not text:
        raise InputError(refusals.CLAIM_TEXT_MISSING)
    values: dict[str, Any] = {"text": text, "verdict": _verdict(review.get("reviewRating"))}
    if identifier := plain_line(_text(review.get("identifier")), 200):
        values["id"] = identifier
    if explanation := plain_text(_text(review.get("reviewBody")) or _text(review.get("description")), _LONGEST):
        values["explanation"] = explanation
    sources = [_text(review.get("url")), *(_text(one) for one in _listed(review.get("citation")))]
    if wanted := [address.strip() for address in sources if address]:
        # A link that must not be shown is no source; the rest still may be one.
        values["sources"] = tuple(dict.fromkeys(address for address in wanted if is_web_address(address)))
    reviewed = review.get("itemReviewed")
    if isinstance(reviewed, dict) and "alternateName" in reviewed:
        names = (plain_line(_text(one), _LONGEST) for one in _listed(reviewed["alternateName"]))
        values["wordings"] = tuple(name for name in names if name)
    about = review.get("about")
    if isinstance(about, dict) and _text(about.get("identifier")) in TOPICS:
        values["topic"] = _text(about.get("identifier"))
    if written := _text(review.get("datePublished")):
        values["decided_at"] = moment_of(written)
    if written := _text(review.get("expires")):
        values["valid_until"] = end_of(written)
    return values


def _publisher(review: dict[str, Any]) -> str:
    author = review.get("author")
    return plain_line(_text(author.get("name")), 100) if isinstance(author, dict) else ""


def _verdict(rating: Any) -> Verdict:
    """By its name, as people read it; by its number where the name is not known."""
    if not isinstance(rating, dict):
        raise InputError(refusals.CLAIM_VERDICT_UNKNOWN)
    name = _text(rating.get("alternateName"))
    try:
        return verdict_of(name)
    except InputError:
        share = _share(rating)
        if share is None:
            raise
    if share <= 0.25:
        return Verdict.FALSE
    return Verdict.TRUE if share >= 0.99 else Verdict.MISLEADING


def _share(rating: dict[str, Any]) -> float | None:
    """Where the number stands between worst, 0, and best, 1; None when that cannot be said."""
    try:
        value, worst, best = (float(rating[name]) for name in ("ratingValue", "worstRating", "bestRating"))
    except (KeyError, TypeError, ValueError, OverflowError):  # a number can have more digits than a float takes
        return None
    scale = best - worst  # endless, or no number, where a bound is
    return (value - worst) / scale if 0 < scale < math.inf and worst <= value <= best else None


def _text(value: Any) -> str:
    """What is written there. Raises InputError where half a character is."""
    text = _written(value)
    if _HALF_CHARACTER.search(text):
        raise InputError(refusals.CLAIM_CHARACTER_BROKEN)
    return text


def _written(value: Any) -> str:
    """Of a text, of the first of several, or of a text with its language; else ""."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("url") or value.get("@id") or value.get("value")
    return value[: 10 * _LONGEST] if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value[:_MOST_LISTED] if isinstance(value, list) else [value]
