"""Vietnamese text: one spelling at ingest, one folded copy for search, one order for names.

Pure functions on str. See the design: NFC and one tone-mark placement (hòa, not hoà); a folded copy
(casefold, no marks, đ→d), folded the same way in Python for every engine.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

#: Titles in digests and messages, characters.
EXCERPT_CHARACTERS = 300
#: Between what a text stands under and the text, where both are read as one: in no normalized text.
PART = "\x1f"

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries
_OPEN_PAIRS = "|".join(first + second + f"[{_TONES}]" for first, second in ("oa", "oe", "uy"))
# A tone on the second vowel of an open oa, oe, uy; the u of "qu" is part of the consonant.
_LATE_TONE = re.compile(rf"(?<![qQ])(?=(?:{_OPEN_PAIRS})(?![^\W\d_]|[\u0300-\u036f]))([ou])([aey])([{_TONES}])", re.I)
_EARLY_TONE_ON_QU = re.compile(rf"(q)(u)([{_TONES}])(y)(?![\u0300-\u036f])", re.I)
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xAD, *range(0x202A, 0x202F)])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r"\s*\n\s*")


def normalize(text: str) -> str:
    """`text` as we store it: NFC, one tone-mark placement, no control or invisible characters, plain spaces.

    Line breaks are kept, one at a time. Idempotent. A lone surrogate becomes U+FFFD.
    """
    text = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_INVISIBLE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _place_tones(text))
    return _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()


def _place_tones(text: str) -> str:
    # Tones are single code points apart from the vowel in NFD, but so are circumflex, breve and horn:
    # none of those stands on the vowels of oa, oe, uy, so the pair and its tone are always adjacent.
    decomposed = unicodedata.normalize("NFD", text)
    decomposed = _LATE_TONE.sub(r"\1\3\2", decomposed)
    return _EARLY_TONE_ON_QU.sub(r"\1\2\4\3", decomposed)


def fold(text: str) -> str:
    """`text` for search: casefolded, without marks, đ as d."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


def text_hash(*parts: str) -> str:
    """sha256 (hex) of the normalized parts: what "unchanged" is judged by."""
    return hashlib.sha256("\x1f".join(normalize(part) for part in parts).encode()).hexdigest()


def excerpt(text: str, characters: int = EXCERPT_CHARACTERS) -> str:
    """At most `characters` characters of `text` on one line, cut at a word, with … where something was cut."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    cut = line[: characters - 1]
    head, _, tail = cut.rpartition(" ")
    return (head if head and len(tail) < 30 else cut).rstrip(" ,;:.–-") + "…"


_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: rank for rank, letter in enumerate(_LETTERS, 20)}


def sort_key(name: str) -> tuple[object, ...]:
    """The Vietnamese dictionary order of `name`: letters first (a ă â … d đ …), then tones, word by word."""
    letters: list[tuple[int, ...]] = []
    tones: list[tuple[int, ...]] = []
    for word in unicodedata.normalize("NFC", name).casefold().split():
        ranks, marks = [], []
        for character in word:
            decomposed = unicodedata.normalize("NFD", character)
            tone = next((m for m in decomposed if m in _TONES), None)
            base = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
            ranks.append(
                _RANK.get(
                    base,
                    ord(base[0]) + 100
                    if base and not base[0].isdigit()
                    else int(base or 0) + 1
                    if base.isdecimal()
                    else 15,
                )
            )
            marks.append(_TONES.index(tone) + 1 if tone else 0)
        letters.append(tuple(ranks))
        tones.append(tuple(marks))
    return (tuple(letters), tuple(tones), name)


_PHONE = re.compile(r"(?<![\w.,])(?:\+?84|0)(?:[ .\-()]{0,2}\d){8,10}(?!\w)")
_IDENTITY = re.compile(r"(?<![\w.,])\d{12}(?!\w)|(?<![\w.,])\d{9}(?!\w)")
# A handle names a person; a mail address is covered before.
_HANDLE = re.compile(r"(?<![\w/])@[\w.]{2,}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def mask_personal(text: str) -> str:
    """`text` with phone and identity numbers, e-mail addresses and @handles covered, for screens and messages."""
    text = _MAIL.sub("[thư điện tử đã che]", text)
    text = _HANDLE.sub("[tài khoản đã che]", text)
    text = _PHONE.sub("[số điện thoại đã che]", text)
    return _IDENTITY.sub("[số giấy tờ đã che]", text)
