"""The commonest words' documents as bitmaps: FTS5 hands over half a million row numbers in a tenth of a second, a
bitmap of them is read in a millisecond.

Keys are cut into blocks. When a block is full, every word that stands in a sixteenth of it is common from then on: it
has a bitmap of that block and of all before and after it. The newest, unfinished block is asked of FTS5.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from index.columns import Keys
from index.query import Phrase, folded_words_of, match_expression, words_of

#: Keys in a block: its bitmap of 512 bytes stays on one page with its neighbors.
BLOCK = 4_096
_COMMON_SHARE = 1 / 16
#: Every so many-th document of a block is read to find its common words.
_SAMPLED = 8
_LAST_KEY = 2**63 - 1


def matching(
    connection: sqlite3.Connection, copy: str, phrases: tuple[Phrase, ...], first: int = 0, last: int = _LAST_KEY
) -> Keys:
    """(n,) keys from `first` to `last` of the documents in which every phrase stands, ascending.

    `copy`: exact or folded. At least one phrase.
    """
    held = [_bitmap(connection, copy, phrase) for phrase in phrases]
    bitmaps = [bits for bits in held if bits is not None]
    if not bitmaps:
        return _asked(connection, copy, phrases, first, last)
    standing = np.unpackbits(np.bitwise_and.reduce(bitmaps), bitorder="little").view(np.bool_)
    end = len(standing)
    if rare := tuple(phrase for phrase, bits in zip(phrases, held, strict=True) if bits is None):
        keys = _asked(connection, copy, rare, first, min(last, end - 1))
        keys = keys[standing[keys]]
    else:
        keys = np.flatnonzero(standing[first : last + 1]) + first
    return np.concatenate([keys, _asked(connection, copy, phrases, max(first, end), last)])


def _bitmap(connection: sqlite3.Connection, copy: str, phrase: Phrase) -> NDArray[np.uint8] | None:
    """Of all finished blocks, eight keys a byte; None for what is not one common word."""
    if len(phrase) > 1:
        return None
    sql = "SELECT bits FROM common JOIN bitmaps USING (number) WHERE copy = ? AND word = ? ORDER BY block"
    blocks = connection.execute(sql, (copy, phrase[0])).fetchall()
    return np.frombuffer(b"".join(bits for (bits,) in blocks), np.uint8) if blocks else None


def _asked(connection: sqlite3.Connection, copy: str, phrases: tuple[Phrase, ...], first: int, last: int) -> Keys:
    """`matching` by FTS5."""
    if first > last:
        return np.zeros(0, np.int64)
    # One string of rowids is five times as fast as a row each.
    sql = f"SELECT group_concat(rowid) FROM {copy} WHERE {copy} MATCH ? AND rowid BETWEEN ? AND ?"  # noqa: S608
    (listed,) = connection.execute(sql, (match_expression(phrases), first, last)).fetchone()
    return np.fromstring(listed, np.int64, sep=",") if listed else np.zeros(0, np.int64)


def extend(connection: sqlite3.Connection) -> None:
    """Give the blocks that are full by now their bitmaps. Call inside the transaction that filled them."""
    (done,) = connection.execute("SELECT blocks FROM state").fetchone()
    (last,) = connection.execute("SELECT coalesce(max(key), 0) FROM documents").fetchone()
    for block in range(done, (last + 1) // BLOCK):
        for copy, words in _common_words(connection, block).items():
            for word in words:
                _begin(connection, copy, word, block)
        for number, copy, word in connection.execute("SELECT number, copy, word FROM common").fetchall():
            _add(connection, number, copy, word, block, block + 1)
        connection.execute("UPDATE state SET blocks = ?", (block + 1,))


def change(connection: sqlite3.Connection, copy: str, key: int, gone: set[str], come: set[str]) -> None:
    """The document `key`, of a finished block, has no word of `gone` any more, and those of `come` instead."""
    block, place = divmod(key, BLOCK)
    sql = (
        "SELECT number, word, bits FROM common JOIN bitmaps USING (number)"
        " WHERE copy = ? AND word IN (SELECT value FROM json_each(?)) AND block = ?"
    )
    listed = json.dumps(sorted(gone ^ come), ensure_ascii=False)
    for number, word, bits in connection.execute(sql, (copy, listed, block)).fetchall():
        changed, bit = bytearray(bits), 1 << place % 8
        changed[place // 8] = bits[place // 8] | bit if word in come else bits[place // 8] & ~bit
        connection.execute("UPDATE bitmaps SET bits = ? WHERE number = ? AND block = ?", (changed, number, block))


def _common_words(connection: sqlite3.Connection, block: int) -> dict[str, list[str]]:
    """By copy: the words that stand in many documents of `block`."""
    sql = "SELECT title, text FROM documents WHERE key BETWEEN ? AND ? AND key % ? = 0"
    held = {"exact": Counter[str](), "folded": Counter[str]()}
    for title, text in connection.execute(sql, (block * BLOCK, (block + 1) * BLOCK - 1, _SAMPLED)):
        words = {*words_of(f"{title} {text}").split()}
        held["exact"].update(words)
        held["folded"].update({*folded_words_of(" ".join(words)).split()})
    least = BLOCK // _SAMPLED * _COMMON_SHARE
    return {copy: [word for word, count in words.items() if count >= least] for copy, words in held.items()}


def _begin(connection: sqlite3.Connection, copy: str, word: str, block: int) -> None:
    """Make `word` a common one, with bitmaps of all blocks before `block`, if it is none yet."""
    sql = "INSERT INTO common (copy, word) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING number"
    for (number,) in connection.execute(sql, (copy, word)).fetchall():
        _add(connection, number, copy, word, 0, block)


def _add(connection: sqlite3.Connection, number: int, copy: str, word: str, block: int, end: int) -> None:
    """The bitmaps of `word` from `block` to before `end`."""
    standing = np.zeros((end - block) * BLOCK, np.bool_)
    standing[_asked(connection, copy, ((word,),), block * BLOCK, end * BLOCK - 1) - block * BLOCK] = True
    bits = np.packbits(standing, bitorder="little").tobytes()
    size = BLOCK // 8
    rows = [(number, block + at, bits[at * size : (at + 1) * size]) for at in range(end - block)]
    connection.executemany("INSERT INTO bitmaps VALUES (?, ?, ?)", rows)
