"""Makes diacritics.npz: how often one syllable follows another in texts with marks.

    python -m models.train_diacritics TEXTS.jsonl... --output FILE

The texts (fields `title`, `text`) are counted; none is kept, and what stands in few of them is left out. The shipped
file is of the seven local-only sets and of the project's own corpus.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.diacritics import EDGE, TABLE, sentences_of
from models.spelling import placed, plain
from records.text import fold, normalize

_CORPUS = Path(__file__).parent / "corpus"
#: Texts of which fewer words carry marks may lack some.
_LEAST_MARKED = 0.4
#: What stands in fewer texts is left out, so that no text can be told from the table.
LEAST_TEXTS = 3
_DISCOUNT = 0.75


def counted(texts: Iterable[str]) -> dict[str, Any]:
    """`words` by how common they are, `alone`, `unseen` of each, and `first`, `second`, `follows` of each pair kept."""
    pairs: Counter[tuple[str, str]] = Counter()
    in_texts: Counter[str | tuple[str, str]] = Counter()
    for text in texts:
        sentences = [words for words in sentences_of(placed(plain(normalize(text)))) if words]
        words = [word for sentence in sentences for word in sentence]
        if not words or sum(fold(word) != word for word in words) < _LEAST_MARKED * len(words):
            continue
        rows = [pair for each in sentences for pair in zip([EDGE, *each], [*each, EDGE], strict=True)]
        pairs.update(rows)
        in_texts.update({EDGE, *words, *rows})
    return _table(pairs, {each for each, count in in_texts.items() if count >= LEAST_TEXTS})


def _table(pairs: Counter[tuple[str, str]], known: set[str | tuple[str, str]]) -> dict[str, Any]:
    """After Kneser and Ney: a form alone is as likely as it follows many different ones."""
    total, different, before = (Counter[str]() for _ in range(3))
    for (first, second), count in pairs.items():
        total[first] += count
        different[first] += 1
        before[second] += 1
    words = [word for word, _ in total.most_common() if word in known]
    place = {word: at for at, word in enumerate(words)}
    alone = {word: (before[word] + 0.5) / (len(pairs) + 0.5 * len(before)) for word in words}
    unseen = {word: _DISCOUNT * different[word] / total[word] for word in words}
    kept = sorted((place[pair[0]], place[pair[1]]) for pair in known if isinstance(pair, tuple))
    follows = [
        math.log((pairs[words[a], words[b]] - _DISCOUNT) / total[words[a]] + unseen[words[a]] * alone[words[b]])
        for a, b in kept
    ]
    return {
        "words": np.array(words),
        "alone": np.log([alone[word] for word in words]).astype(np.float16),
        "unseen": np.log([unseen[word] for word in words]).astype(np.float16),
        "first": np.array([a for a, _ in kept], np.uint16),
        "second": np.array([b for _, b in kept], np.uint16),
        "follows": np.array(follows, np.float16),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=TABLE)
    given = parser.parse_args(arguments)
    files = [*given.files, *sorted(_CORPUS.glob("part_*.jsonl"))]
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line]
    # Titles stand above many comments: once is enough.
    texts = dict.fromkeys(text for row in rows for text in (row.get("title", ""), row["text"]) if text)
    with given.output.open("wb") as file:
        np.savez_compressed(file, **counted(texts))


if __name__ == "__main__":
    main()
