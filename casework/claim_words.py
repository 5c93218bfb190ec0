"""How others write verdicts and days. Pure."""

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
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def verdict_of(word: str) -> Verdict:
    """Raises InputError for a word that is not known."""
    found = _VERDICT_OF.get(" ".join(fold(word).strip(" .!").split()))
    if found is None:
        raise InputError(refusals.CLAIM_VERDICT_UNKNOWN)
    return found


def moment_of(written: str) -> datetime:
    """31/12/2026 as people write, or ISO 8601; without a zone it is Viet Nam's. Raises InputError."""
    try:
        if day := _DAY.fullmatch(written.strip()):
            found = datetime(int(day[3]), int(day[2]), int(day[1]))  # noqa: DTZ001  (its zone comes below)
        else:
            found = datetime.fromisoformat(written.strip())
        return (found if found.tzinfo else found.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(refusals.CLAIM_TIME_UNREADABLE) from error


def end_of(written: str) -> datetime:
    """Like `moment_of`; of a bare day its last second: what holds until then holds on that day. Raises InputError."""
    found = moment_of(written)
    return found + timedelta(days=1, seconds=-1) if _is_day(written.strip()) else found


def _is_day(written: str) -> bool:
    try:
        return bool(_DAY.fullmatch(written) or date.fromisoformat(written))
    except ValueError:
        return False
