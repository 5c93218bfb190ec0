"""In which letters bytes are written, where nobody says so or what is said cannot be true. Pure."""

from __future__ import annotations

import re

#: Of a page's beginning so much is looked at. Bytes.
_LOOKED_AT = 4_000
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32, either way round
#: Control characters that no text holds; the rest are tabs, line and page breaks, and the escape of ISO-2022.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
#: Of all bytes: a stray control character makes no picture of a page.
_MOST_SLIPS = 0.02
_FILES = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\xd0\xcf\x11\xe0")


def wide(body: bytes) -> str | None:
    """UTF-16 without its mark, by the zeros beside its first letters; None for anything else."""
    start = body[:64]
    if start[:2] in _WIDE_MARKS or len(start) < 4:
        return None
    for encoding, letters, zeros in (("utf-16-le", start[::2], start[1::2]), ("utf-16-be", start[1::2], start[::2])):
        if zeros.count(0) >= 0.9 * len(zeros) and letters.count(0) == 0:
            return encoding
    return None


def is_binary(body: bytes) -> bool:
    """Whether `body` is a file of another kind (a picture, a PDF, an archive) and no text in any letters."""
    start = body[:_LOOKED_AT]
    if start.startswith(_FILES):
        return True
    if start.startswith(_WIDE_MARKS) or wide(body):
        return False
    return len(_NO_TEXT.findall(start)) > _MOST_SLIPS * len(start)


def undeclared(body: bytes) -> str:
    """UTF-8; windows-1258, the old Vietnamese code page, when more of `body` is not UTF-8 than one slip in twenty."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(body) - 3:
            valid = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", body))
            wrong = len(re.findall(rb"[\x80-\xff](?![\x80-\xbf])(?<![\xc3-\xf4])", body))
            return "utf-8" if valid > 20 * max(1, wrong) else "cp1258"
    return "utf-8"
