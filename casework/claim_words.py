"""How others write verdicts, days and lists of addresses. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from casework import refusals
from records.calendar import VIETNAM
from records.claim import Verdict
from records.errors import InputError
from records.text import fold

#: As we write them, on screen and in files.
VERDICT_NAMES = {
    Verdict.FALSE: "Sai sự thật",
    Verdict.MISLEADING: "Gây hiểu lầm",
    Verdict.TRUE: "Đúng",
    Verdict.UNVERIFIABLE: "Chưa thể kiểm chứng",
}
#: Folded. What is half right has been torn from its context, or leaves something out: misleading.
_VERDICTS: dict[Verdict, tuple[str, ...]] = {
    Verdict.FALSE: (
        "false",
        "sai",
        "sai su that",
        "tin sai su that",
        "gia",
        "tin gia",
        "bia dat",
        "khong dung",
        "fake",
        "incorrect",
        "wrong",
        "fabricated",
        "hoax",
        "pants on fire",
        "bao dong gia",
    ),
    Verdict.MISLEADING: (
        "misleading",
        "gay hieu lam",
        "gay hieu nham",
        "de gay hieu lam",
        "sai lech",
        "dung mot phan",
        "sai mot phan",
        "mot phan sai",
        "thieu boi canh",
        "thieu ngu canh",
        "partly false",
        "partially false",
        "mostly false",
        "half true",
        "half-true",
        "partly true",
        "mixture",
        "missing context",
        "out of context",
        "exaggerated",
        "phong dai",
    ),
    Verdict.TRUE: ("true", "dung", "dung su that", "chinh xac", "correct", "accurate", "that"),
    Verdict.UNVERIFIABLE: (
        "unverifiable",
        "khong the kiem chung",
        "khong kiem chung duoc",
        "khong xac minh duoc",
        "chua the kiem chung",
        "chua du can cu",
        "chua kiem chung",
        "chua kiem chung duoc",
        "chua xac minh",
        "unproven",
        "unverified",
        "no evidence",
        "research in progress",
        "cannot be verified",
    ),
}
_VERDICT_OF = {word: verdict for verdict, words in _VERDICTS.items() for word in words}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_YEARS = range(1900, 3000)
# A run of separators is looked at once: tried anew from each of them, a cell of commas alone would take minutes.
_BETWEEN_ADDRESSES = re.compile(r"\s+|(?<![,;|])[,;|]++(?=\s|https?://|$)")


def verdict_of(word: str) -> Verdict:
    """Raises InputError for a word that is not known."""
    found = _VERDICT_OF.get(" ".join(fold(word).strip(" .!").split()))
    if found is None:
        raise InputError(refusals.CLAIM_VERDICT_UNKNOWN)
    return found


def moment_of(written: str) -> datetime:
    """31/12/2026 as people write, with 23:59 behind it or without, or ISO 8601; without a zone it is Viet Nam's. Raises
    InputError, also for a year that nobody means and that no other zone has."""
    try:
        if found := _DAY.fullmatch(written.strip()):
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (its zone comes below)
        else:
            moment = datetime.fromisoformat(written.strip())
        if moment.year not in _YEARS:
            raise ValueError("such a year")
        return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(refusals.CLAIM_TIME_UNREADABLE) from error


def end_of(written: str) -> datetime:
    """Like `moment_of`; of a bare day its last second: what holds until then holds on that day. Raises InputError."""
    found = moment_of(written)
    return found + timedelta(days=1, seconds=-1) if _is_day(written.strip()) else found


def _is_day(written: str) -> bool:
    try:
        found = _DAY.fullmatch(written)
        return found[4] is None if found else bool(date.fromisoformat(written))
    except ValueError:
        return False


def addresses_of(written: str) -> tuple[str, ...]:
    """The addresses on lines, or with blanks, commas, semicolons or bars between them."""
    return tuple(address for address in _BETWEEN_ADDRESSES.split(written) if address)
