"""Items for the index's benchmark: texts made of our own corpus' sentences, vectors jittered from those texts' own.

Everything follows from an item's number and the seed, so that any stretch can be made again and nothing has to be kept.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.query import words_of
from records.assessment import Harm, Kind, Stance
from records.search import IndexDocument
from records.source import Owner
from records.text import fold
from records.topics import TOPICS
from tests.bench.embeddings import home
from tests.bench.measuring import corpus

START = datetime(2024, 1, 1, tzinfo=UTC)
#: Half a million items in three years.
APART = timedelta(minutes=3)
BLOCK = 1_000
SOURCES = 300
ITEMS_OF_A_NARRATIVE = 5
#: Numbers of items that are never indexed begin here: what is asked is made like what is found.
ASKED_FROM = 1_000_000_000
_PROVINCES = ("Bình Sơn", "An Hòa", "Thanh Lũng", "Sơn La", "Gia Lai", "Cà Mau")
_ONSETS = (*"bcdđghklmnpqrstvx", "ch", "gi", "kh", "ng", "nh", "ph", "th", "tr")
_RHYMES = (
    "ạch",
    "ậm",
    "ẩn",
    "áng",
    "ẻo",
    "ễnh",
    "ịch",
    "ỉu",
    "oái",
    "oãng",
    "ôm",
    "ộp",
    "ơn",
    "ướt",
    "ũng",
    "ụy",
    "uyên",
)
_LONGEST_SENTENCE = 400

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Material:
    """Our own texts: (title, text) each, their sentences, and their vectors, (n, 384) float32, L2-normalised."""

    texts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    vectors: Vectors


@cache
def material() -> Material:
    from demo.newsroom import pieces

    rows = [(str(row["title"]), str(row["text"])) for row in corpus()]
    rows += [(w.wordings[0].title, "\n".join(w.wordings[0].paragraphs)) for w in pieces()]
    rows += [("", paragraph) for piece in pieces() for paragraph in piece.wordings[0].paragraphs]
    cut = [part.strip() for _, text in rows for part in re.split(r"(?<=[.!?…])\s+|\n+", text)]
    sentences = tuple(dict.fromkeys(part for part in cut if 20 <= len(part) <= _LONGEST_SENTENCE))
    return Material(tuple(rows), sentences, _embedded([f"{title}. {text}" for title, text in rows]))


def _embedded(texts: list[str]) -> Vectors:
    """By the real encoder, once: kept in the temporary folder under the texts' own hash."""
    named = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"tin3c-bench-vectors-{named}.npy"
    if not path.exists():
        from models.encoder import load_encoder

        vectors = load_encoder("builtin", home()).encode(texts)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as beside:
            np.save(beside, vectors)
        Path(beside.name).replace(path)
    return np.asarray(np.load(path), np.float32)


def vectors(first: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """(count,) numbers of the texts that they come from, and (count, 384) float16 of length 1.

    A text's vector is moved along the differences of other real vectors, as a retelling moves it, and a little at
    random: neighbours lie as they do among real texts, at every distance.
    """
    real = material().vectors
    draw = np.random.default_rng([17, first])
    bases, towards, away = (draw.integers(len(real), size=count) for _ in range(3))
    along = draw.uniform(0.05, 0.6, size=(count, 1)).astype(np.float32)
    noise = draw.normal(scale=0.12 / real.shape[1] ** 0.5, size=(count, real.shape[1])).astype(np.float32)
    moved = real[bases] + along * (real[towards] - real[away]) + noise
    return bases, (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype("<f2")


def blocks(first: int, end: int) -> Iterator[list[IndexDocument]]:
    """Items `first` to `end`, a thousand at a time. Both are whole thousands."""
    for start in range(first, end, BLOCK):
        yield _block(start)


def _block(start: int) -> list[IndexDocument]:
    made = material()
    bases, near = vectors(start, BLOCK)
    draw = np.random.default_rng([23, start])
    # Half of all items have fewer than five further sentences, one in twenty more than twenty.
    further = np.minimum(draw.lognormal(1.6, 0.9, BLOCK).astype(int), 60)
    names = draw.integers(len(_ONSETS) * len(_RHYMES), size=(BLOCK, 2))
    documents = []
    for at in range(BLOCK):
        number = start + at
        title, text = made.texts[bases[at]]
        place = " ".join(_ONSETS[n % len(_ONSETS)] + _RHYMES[n // len(_ONSETS)] for n in names[at].tolist())
        told = [made.sentences[n] for n in draw.integers(len(made.sentences), size=further[at]).tolist()]
        when = START + APART * number
        documents.append(
            IndexDocument(
                id=f"{number:024x}",
                version=1,
                title=title or text[:80].rpartition(" ")[0],
                text=" ".join([text, *told, f"Ghi ở thôn {place}, tin số {number}."]),
                source_id=f"nguon-{number * 7919 % SOURCES}",
                owner=list(Owner)[number % len(Owner)],
                published=when,
                first_seen=when,
                health=True,
                topic=list(TOPICS)[number * 31 % len(TOPICS)],
                kind=list(Kind)[number * 13 % len(Kind)],
                stance=list(Stance)[number * 11 % len(Stance)],
                harm=list(Harm)[number * 17 % len(Harm)],
                places=(_PROVINCES[number % len(_PROVINCES)],),
                narrative_id=f"{number - number % ITEMS_OF_A_NARRATIVE:024x}",
                vector=near[at].tobytes(),
            )
        )
    return documents


@dataclass(frozen=True, slots=True)
class Words:
    """Words by the share of items that have them, marks and all."""

    rare: tuple[str, ...]
    common: tuple[str, ...]
    very_common: tuple[str, ...]


def words(each: int) -> Words:
    """Up to `each` of every class, all with marks. Rare: in 1 to 10 items of ten thousand; common: in 1 to 15 of a
    hundred; very common: "sốt", "bệnh viện", "và", and others in 25 of a hundred and more."""
    sample = [document for block in blocks(0, 10_000) for document in block]
    held = Counter(word for document in sample for word in set(words_of(f"{document.title} {document.text}").split()))
    by_share = sorted(held, key=lambda word: (-held[word], word))

    def within(least: int, most: int) -> list[str]:
        return [word for word in by_share if least <= held[word] <= most and fold(word) != word]

    draw = np.random.default_rng(5)
    rare, common = (draw.permutation(found)[:each].tolist() for found in (within(1, 10), within(100, 1_500)))
    very_common = dict.fromkeys(("sốt", "bệnh viện", "và", "trẻ em", '"y tế"', *within(2_500, 10_000)))
    return Words(tuple(rare), tuple(common), tuple(very_common)[:each])
