"""Which files decide which figures: when one of them changes, what was measured before no longer speaks of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path


def _modules(*names: str) -> tuple[str, ...]:
    return tuple(f"models/{name}.py" for name in names)


_TEXTS = ("records/text.py", *_modules("builtin", "encoder", "quotations", "vectors"))
_HEADS = (
    *_TEXTS,
    "records/ports/understanding.py",
    "records/source.py",
    "records/topics.py",
    "models/data/cues.json",
    "models/data/diacritics.npz",
    "models/data/topics.json",
    *_modules("cues", "diacritics", "evaluation", "examples", "features", "fitting", "heads", "kernel", "landmarks"),
    *_modules("reading", "spelling", "topical", "training"),
)
_WORDS = (*_TEXTS, "models/data/narration.npz", *_modules("diacritics", "spelling", "wording"))
#: Section of the figures → what decides it: how a text is read, what is learnt of it, and how that is measured.
DECIDING = {
    "heads": _HEADS,
    "sources": (*_HEADS, *_modules("sources")),
    "whole": (*_HEADS, *_modules("assessor", "consistent", "settled", "whole")),
    "carry_over": (*_HEADS, *_modules("assessor", "carry_over", "consistent", "settled")),
    "behaviours": (*_HEADS, *_modules("assessor", "behaviours", "consistent", "settled")),
    "retrieval": (*_WORDS, *_modules("examples", "likeness", "minhash", "narration", "retrieval", "said", "weights")),
    "claims": (
        *_WORDS,
        "models/data/claims.json",
        "models/data/diacritics.npz",
        *_modules("claim_features", "examples", "matching", "reading", "train_claims"),
    ),
}


#: What an item is answered by beside the heads' numbers.
_ANSWERING = (
    *_modules(
        "assessor",
        "consistent",
        "cues",
        "diacritics",
        "encoder",
        "explaining",
        "features",
        "gazetteer",
        "heads",
        "kernel",
    ),
    *_modules(
        "landmarks",
        "not_places",
        "place_reading",
        "place_resolving",
        "places",
        "quotations",
        "reading",
        "reasons",
        "settled",
        "spelling",
    ),
    "models/topical.py",
    *(f"models/data/{name}.json" for name in ("communes", "cues", "provinces", "topics")),
    "models/data/diacritics.npz",
    *(f"records/{name}.py" for name in ("places", "ports/understanding", "source", "text", "topics")),
)


def code_sha256() -> dict[str, str]:
    """Section of the figures → sha256 of the files that decide it."""
    return {section: _sha256(names) for section, names in DECIDING.items()}


@cache
def answering_sha256() -> str:
    """Changes with every rule that an assessment is made by: answers of two rules never stand under one version."""
    return _sha256(_ANSWERING)


def _sha256(names: Iterable[str]) -> str:
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for name in sorted(set(names)):
        digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()
