"""Known claims as CSV: what a spreadsheet opens and saves again. Pure.

UTF-8 with a mark at the beginning, by which Excel knows it. Columns are found by their names, Vietnamese or English,
with marks or without. Several wordings or addresses stand on lines of one cell.

What a spreadsheet would take for a formula gets an apostrophe before it, which is taken off again when it is read: at
the beginning of a cell, and wherever one begins when the file is opened with another separator than it was written
with, as an Excel does whose country writes numbers with a comma.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from casework import refusals
from casework.claim_words import VERDICT_NAMES, addresses_of, end_of, moment_of, verdict_of
from records.calendar import local
from records.claim import Claim, Verdict
from records.claim_row import ClaimRow, Fault
from records.errors import InputError
from records.text import fold, normalize
from records.topics import TOPICS

#: Field of Claim → the column's name as we write it, then other names, folded.
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("Mã", "id"),
    "text": ("Nội dung", "text", "claim", "thong tin", "noi dung thong tin", "claimreviewed"),
    "wordings": ("Cách nói khác", "wordings", "cach dien dat khac"),
    "verdict": ("Kết luận", "verdict", "danh gia", "rating"),
    "explanation": ("Giải thích", "explanation", "ly do"),
    "sources": ("Nguồn chính thức", "sources", "nguon", "source", "url"),
    "topic": ("Chủ đề", "topic", "linh vuc"),
    "decided_at": ("Ngày kết luận", "decided_at", "ngay", "date"),
    "decided_by": ("Người kết luận", "decided_by", "nguoi"),
    "valid_until": ("Hiệu lực đến", "valid_until", "het hieu luc"),
    "response": ("Nội dung phát ngôn", "response", "phan hoi"),
}
_FIELD_OF = {fold(name): field for field, names in COLUMNS.items() for name in names}
_TOPIC_OF = {fold(name): key for key, names in TOPICS.items() for name in (key, names.vietnamese, names.english)}
_CELL = r"(?:^|(?<=[,;\t\r\n]))"
_BEFORE_FORMULA = r"(?=(?:['\"]|[^\S\t\r\n])*[=+\-@＝＋－＠])"
_UNGUARDED = re.compile(_CELL + _BEFORE_FORMULA)
_GUARD = re.compile(_CELL + "'" + _BEFORE_FORMULA)
#: With or without http:// before it, up to the next blank: a question mark within it is no lost letter.
_ADDRESS = re.compile(r"(?:https?://|(?<![\w.-])(?:[\w-]++\.)+[a-z]{2,}[/?:#])\S*", re.I)
#: What is left of Vietnamese that was saved in a character set without it, or read in another than it was written in.
_MARKS_LOST = re.compile(r"\ufffd|Ä[‘ƒ]|Æ[¡°]|Ã[¡-¿]")
#: The same, where no Vietnamese letter is left that Western character sets do not have (they have â, ê, ô and some
#: with tones): "?" stands behind a word, and "»" behind "á", in good texts, too.
_ALL_MARKS_LOST = re.compile(r"[^\W\d_]\?[a-z]|á[º»][¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_ONLY_VIETNAMESE = re.compile(r"[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n', re.I)
_MOST_ROWS = 20_000
_LONGEST_CELL = 100_000


def write_csv(claims: Iterable[Claim], separator: str = ",") -> bytes:
    """Withdrawn claims are left out: elsewhere they would come back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([names[0] for names in COLUMNS.values()])
    for claim in claims:
        if claim.withdrawn_at is None:
            writer.writerow([_UNGUARDED.sub("'", _written(claim, field)) for field in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def read_csv(data: bytes) -> tuple[list[ClaimRow], list[Fault]]:
    """Rows, and those that cannot be taken. Raises InputError for the file as a whole."""
    text, separator = _separated(_decoded(data))
    # Strict: a quote that is never closed would take all the rows below it into one cell.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[ClaimRow] = []
    faults: list[Fault] = []
    columns: list[str | None] = []
    number = 1
    try:
        columns = _columns(next(lines, []))
        for number, cells in enumerate(lines, 2):
            if any(cell.strip() for cell in cells):
                try:
                    rows.append(ClaimRow(number, _values(columns, cells)))
                except InputError as error:
                    faults.append(Fault(number, str(error), _claimed(columns, cells)))
            if len(rows) > _MOST_ROWS:
                raise InputError(refusals.FILE_TOO_LARGE)
    except csv.Error as error:
        if not columns:
            raise InputError(refusals.FILE_UNREADABLE) from error
        faults.append(Fault(number + 1, refusals.FILE_BROKEN_OFF))
    return rows, faults


def _decoded(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")  # "Unicode text" of older spreadsheets
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(refusals.FILE_NOT_UTF8) from error


def _separated(text: str) -> tuple[str, str]:
    """(the text without a line that names its separator, the separator): else of comma, semicolon and tab that which
    stands in the header most. A Vietnamese Excel writes semicolons."""
    if said := _SEPARATOR_LINE.match(text):
        return text[said.end() :], said[1]
    header = text.lstrip().partition("\n")[0]
    return text, max((",", ";", "\t"), key=header.count)


def _columns(header: list[str]) -> list[str | None]:
    """The field of each column, None for one that is not ours."""
    fields = [_FIELD_OF.get(fold(normalize(name))) for name in header]
    named = [field for field in fields if field]
    if "text" not in named or len(set(named)) != len(named):
        raise InputError(refusals.FILE_HEADER)
    return fields


def _values(columns: list[str | None], cells: list[str]) -> dict[str, Any]:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        raise InputError(refusals.ROW_TOO_LONG)
    if max(map(len, cells)) > _LONGEST_CELL:
        raise InputError(refusals.TEXT_TOO_LONG)
    if _lost_marks(_claimed(columns, cells)):
        raise InputError(refusals.CLAIM_MARKS_LOST)
    values: dict[str, Any] = {}
    for field, cell in zip(columns, cells, strict=False):
        if field is not None:
            _read(values, field, normalize(_GUARD.sub("", cell)))
    return values


def _lost_marks(text: str) -> bool:
    said = _ADDRESS.sub(" ", text)
    return bool(
        _MARKS_LOST.search(said) or (_ALL_MARKS_LOST.search(said) and not _ONLY_VIETNAMESE.search(said)),
    )


def _claimed(columns: list[str | None], cells: list[str]) -> str:
    at = columns.index("text")
    return normalize(_GUARD.sub("", cells[at])) if at < len(cells) else ""


def _read(values: dict[str, Any], field: str, cell: str) -> None:
    if field in ("id", "decided_by", "decided_at", "verdict") and not cell:
        return  # nobody means to take these away
    if field == "wordings":
        values[field] = tuple(cell.splitlines())
    elif field == "sources":
        values[field] = addresses_of(cell)
    elif field == "verdict":
        values[field] = verdict_of(cell)
    elif field == "topic":
        if cell and fold(cell) not in _TOPIC_OF:
            raise InputError(refusals.CLAIM_TOPIC_UNKNOWN)
        values[field] = _TOPIC_OF.get(fold(cell))
    elif field == "decided_at":
        values[field] = moment_of(cell)
    elif field == "valid_until":
        values[field] = end_of(cell) if cell else None
    else:
        values[field] = cell


def _written(claim: Claim, field: str) -> str:
    value = getattr(claim, field)
    if isinstance(value, datetime):
        return local(value).isoformat()
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, Verdict):
        return VERDICT_NAMES[value]
    return "" if value is None else str(value)
