"""Marks put back into a text that was written without them: "benh vien het thuoc" → "bệnh viện hết thuốc".

For the models only: what is stored and shown stays as it was written. Of the forms that a syllable can have, the
likeliest row is taken by how often one follows another (bigrams with Kneser and Ney's smoothing, Viterbi's search).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from records.errors import ModelMismatch, ModelMissing
from records.text import fold

TABLE = Path(__file__).parent / "data" / "diacritics.npz"
#: Stands before the first word and after the last.
EDGE = ""
#: A text of which more words carry marks stays as it is.
MOST_MARKED = 0.15
#: Of a text that wants marks so many words mostly carry some, and no more have none in any text: those are foreign.
LEAST_WANTING = 0.4
MOST_FOREIGN = 0.3
#: Forms of one syllable that are looked at, commonest first.
_MOST_FORMS = 12
_WORD = re.compile(r"[^\W\d_]+")
_MARKED_LETTER = re.compile("[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
#: By far most texts are told by so many characters: one in so many has a mark.
_BEGINNING, _ONE_IN = 400, 16
#: Longer sentences are not remembered.
_REMEMBERED = 500
_SENTENCE = re.compile(r"[^.!?;:\n]+")
_NEVER = -30.0


@dataclass(frozen=True)
class Table:
    """Logarithms: `follows` of a form after another, where both were seen; else `alone` of the second with `unseen` of
    the first. `forms`: unmarked → what it can be, commonest first."""

    forms: dict[str, tuple[str, ...]]
    follows: dict[tuple[str, str], float]
    alone: dict[str, float]
    unseen: dict[str, float]

    def after(self, first: str, second: str) -> float:
        seen = self.follows.get((first, second))
        if seen is not None:
            return seen
        return self.unseen.get(first, 0.0) + self.alone.get(second, _NEVER)


@cache
def load_table(path: Path = TABLE) -> Table:
    """Raises ModelMissing or ModelMismatch."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            words: list[str] = arrays["words"].tolist()
            alone, unseen = (arrays[name].astype(float).tolist() for name in ("alone", "unseen"))
            firsts, seconds = (arrays[name].tolist() for name in ("first", "second"))
            chances = arrays["follows"].astype(float).tolist()
    except FileNotFoundError as error:
        raise ModelMissing(f"{path.name} is not in {path.parent}") from error
    except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
        raise ModelMismatch(f"{path.name} cannot be read: {type(error).__name__}") from error
    forms: dict[str, list[str]] = {}
    for word in words:  # commonest first
        if word != EDGE:
            forms.setdefault(fold(word), []).append(word)
    return Table(
        {unmarked: tuple(those[:_MOST_FORMS]) for unmarked, those in forms.items()},
        {(words[first], words[second]): chance for first, second, chance in zip(firsts, seconds, chances, strict=True)},
        dict(zip(words, alone, strict=True)),
        dict(zip(words, unseen, strict=True)),
    )


def sentences_of(text: str) -> list[list[str]]:
    """The words of each sentence, in small letters."""
    return [[word.casefold() for word in _WORD.findall(sentence)] for sentence in _SENTENCE.findall(text)]


def lacks_marks(text: str, written: str | None = None) -> bool:
    """Whether so few words carry marks that the others must lack theirs. `written`: the same with its chat words
    written out, by which it is told whether it is Vietnamese at all."""
    beginning = text[:_BEGINNING]
    if len(_MARKED_LETTER.findall(beginning)) > len(beginning) / _ONE_IN:
        return False
    words = [word for sentence in sentences_of(text) for word in sentence]
    if not words or sum(fold(word) != word for word in words) > MOST_MARKED * len(words):
        return False
    forms = load_table().forms
    known = [forms.get(fold(word), ()) for word in _WORD.findall(text if written is None else written) if len(word) > 1]
    wanting = sum(bool(those) and fold(those[0]) != those[0] for those in known)
    foreign = sum(all(fold(form) == form for form in those) for those in known)
    return wanting >= max(1, LEAST_WANTING * len(known)) and foreign <= MOST_FOREIGN * len(known)


def with_marks(text: str) -> str:
    """`text`, NFC, with the likeliest marks on the words that have none. Its length, signs and capitals stay."""
    return _SENTENCE.sub(lambda sentence: _with_marks(sentence.group()), text)


def _with_marks(sentence: str) -> str:
    return _remembered(sentence) if len(sentence) <= _REMEMBERED else _sentence_with_marks(sentence)


def _sentence_with_marks(sentence: str) -> str:
    matches = list(_WORD.finditer(sentence))
    best = iter(_likeliest([match.group().casefold() for match in matches]))
    return _WORD.sub(lambda match: _cased(match.group(), next(best)), sentence)


_remembered = lru_cache(maxsize=32_768)(_sentence_with_marks)


def _likeliest(words: list[str]) -> list[str]:
    table = load_table()
    steps: list[dict[str, str]] = []
    scores = {EDGE: 0.0}
    for word in [*words, EDGE]:
        came: dict[str, str] = {}
        reached: dict[str, float] = {}
        for form in table.forms.get(word, (word,)):
            reached[form], came[form] = max(
                (score + table.after(before, form), before) for before, score in scores.items()
            )
        scores = reached
        steps.append(came)
    row = [EDGE]
    for came in reversed(steps):
        row.append(came[row[-1]])
    return row[-2:0:-1]


def _cased(written: str, form: str) -> str:
    if len(form) != len(written):  # a letter whose small form is longer: none of Vietnamese
        return written
    return "".join(new.upper() if old.isupper() else new for old, new in zip(written, form, strict=True))
