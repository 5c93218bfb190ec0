"""Learns and measures how texts are matched with known claims, on models/corpus/claim_pairs.jsonl.

    python -m models.train_claims --home FOLDER [--output FILE]

The file has texts of our own writing: for each shipped claim paraphrases in plain, chat and unmarked spelling,
questions and denials (`claim`), near misses of the same subject (`near`), and unrelated ones. Those of claims with even
numbers teach, by cross-validation over claims they give the thresholds; those of odd numbers only measure.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.claim_features import JOINT, WORDS, pair_features, texts_of
from models.examples import OWN_CORPUS, read_jsonl, sha256_of
from models.matching import MOST_SUGGESTED, SHIPPED, MatchingModel, Scorer
from records.claim import ClaimPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]

PAIRS = OWN_CORPUS / "claim_pairs.jsonl"
CLAIMS = OWN_CORPUS / "claims.jsonl"
#: Claims of a text that teach: the likeliest ones. Others are told apart by anything.
_CANDIDATES = 3
_FOLDS = 5
_STRENGTH = 1.0  # of the logistic model, the inverse of its regularisation
#: What the thresholds are to reach on texts of claims that the model has not seen. Where there are words alone, more
#: would be a suggestion for half of all that is about no known claim.
_SUGGESTED_RECALL = {"joint": 0.96, "words": 0.95}
_STRONG_PRECISION = 0.95
_DESK_WEIGHT = 2.0
#: By how much a figure of a new model may lie below the old one: one text of a hundred.
_WORSE = 0.01


@dataclass(frozen=True, slots=True)
class Queries:
    """`gold`: the claim of each text by its place in `claims`, -1 for none; `owner`: that which keeps it together."""

    texts: list[str]
    claims: list[str]
    gold: Places
    owner: Places
    forms: list[str]

    def part(self, teaching: bool) -> Places:
        return np.flatnonzero((self.owner % 2 == 0) == teaching)

    def of(self, teaching: bool) -> Queries:
        """That part alone, against all claims."""
        places = self.part(teaching)
        texts, forms = ([values[at] for at in places.tolist()] for values in (self.texts, self.forms))
        return Queries(texts, self.claims, self.gold[places], self.owner[places], forms)


def read_queries() -> Queries:
    claims = read_jsonl(CLAIMS)
    place = {row["id"]: at for at, row in enumerate(claims)}
    rows = read_jsonl(PAIRS)
    # c001 is 1; what belongs to no claim is dealt out in turn.
    owners = [int((row["claim"] or row["near"] or f"c{at}")[1:]) for at, row in enumerate(rows)]
    return Queries(
        texts=[row["text"] for row in rows],
        claims=[row["text"] for row in claims],
        gold=np.array([place.get(row["claim"], -1) for row in rows], np.int64),
        owner=np.array(owners, np.int64),
        forms=[row["form"] for row in rows],
    )


def hashes() -> dict[str, str]:
    return {path.stem: sha256_of([path]) for path in (CLAIMS, PAIRS)}


def features_of(queries: Queries, cache: VectorCache | None) -> dict[str, Numbers]:
    """Of every text with every claim; on words alone without a `cache`."""
    texts, claims = (
        texts_of(those, None if cache is None else cache.encode(those)) for those in (queries.texts, queries.claims)
    )
    return pair_features(texts, claims, np.arange(len(queries.claims)), len(queries.claims))


def fit(
    names: tuple[str, ...],
    features: dict[str, Numbers],
    gold: Places,
    weights: Numbers | None = None,
) -> Scorer:
    """A scorer without thresholds, learnt from the likeliest claims of each text."""
    from sklearn.linear_model import LogisticRegression

    order = np.argsort(-_together(features), axis=1)[:, :_CANDIDATES]
    values = np.stack([np.take_along_axis(features[name], order, axis=1) for name in names], axis=-1)
    labels = (order == gold[:, None]).astype(int).ravel()
    rows = values.reshape(-1, len(names))
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    each = None if weights is None else np.repeat(weights, order.shape[1])
    model = LogisticRegression(C=_STRENGTH, max_iter=3000).fit((rows - mean) / scale, labels, sample_weight=each)
    return Scorer(
        names, _rounded(mean), _rounded(scale), _rounded(model.coef_[0]), round(float(model.intercept_[0]), 6), 0.0, 1.0
    )


def train(cache: VectorCache, pairs: Sequence[ClaimPair] = ()) -> tuple[MatchingModel, dict[str, Any]]:
    """(the model, its figures on the measuring part). `pairs`: the desk's words, which weigh more."""
    queries = read_queries()
    desk = _desk(queries, pairs)
    found = {}
    for label, names, using in (("joint", JOINT, cache), ("words", WORDS, None)):
        features = features_of(desk, using)
        teaching = np.concatenate([queries.part(True), np.arange(len(queries.texts), len(desk.texts))])
        weights = np.where(np.arange(len(desk.texts)) < len(queries.texts), 1.0, _DESK_WEIGHT)
        held_out = np.zeros((len(desk.texts), len(desk.claims)))
        for fold in range(_FOLDS):
            inside = desk.owner[teaching] // 2 % _FOLDS == fold
            learnt = fit(names, _rows(features, teaching[~inside]), desk.gold[teaching[~inside]])
            held_out[teaching[inside]] = learnt.chances(_rows(features, teaching[inside]))
        scorer = fit(names, _rows(features, teaching), desk.gold[teaching], weights[teaching])
        own = queries.part(True)
        suggested, strong = thresholds(held_out[own], desk.gold[own], _SUGGESTED_RECALL[label])
        found[label] = Scorer(
            scorer.features, scorer.mean, scorer.scale, scorer.weights, scorer.bias, suggested, strong
        )
    model = MatchingModel(found["joint"], found["words"])
    return model, evaluate(model, cache)


def learn(path: Path, cache: VectorCache, pairs: Sequence[ClaimPair], in_use: MatchingModel) -> dict[str, Any] | None:
    """Learn with the desk's words, and write the model to `path` where it is no worse on the measuring part than the
    one in use: then its figures, else None."""
    model, measured = train(cache, pairs)
    before, after = evaluate(in_use, cache)["joint"], measured["joint"]
    if any(after.get(name, 0.0) < before.get(name, 0.0) - _WORSE for name in ("recall_at_3", "precision", "recall")):
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    model.write(path, measured | {"desk": len(pairs)})
    return measured


def evaluate(model: MatchingModel, cache: VectorCache | None) -> dict[str, Any]:
    """On the measuring part; `joint` only with a `cache` of vectors."""
    queries = read_queries().of(False)
    about = int((queries.gold >= 0).sum())
    out: dict[str, Any] = {"corpora": hashes(), "queries": len(queries.texts), "about_a_claim": about}
    forms = np.array(queries.forms)
    for label, scorer, using in (("joint", model.joint, cache), ("words", model.words, None)):
        if label == "joint" and cache is None:
            continue
        chances = scorer.chances(features_of(queries, using))
        out[label] = figures(chances, queries.gold, scorer.suggested, scorer.strong)
        out[label]["by_form"] = {
            form: figures(chances[forms == form], queries.gold[forms == form], scorer.suggested, scorer.strong)
            for form in sorted(set(queries.forms))
        }
    return out


def thresholds(chances: Numbers, gold: Places, recall: float) -> tuple[float, float]:
    """(suggested, strong): the highest chance that keeps enough of the right claims among the suggested; the lowest
    at and above which enough are right."""
    about = gold >= 0
    order = np.argsort(-chances, axis=1)[:, :MOST_SUGGESTED]
    there = (order == gold[:, None]).any(axis=1) & about
    rights = np.sort(chances[there, gold[there]])[::-1]
    wanted = min(int(np.ceil(recall * about.sum())), len(rights))
    suggested = float(rights[wanted - 1])
    best = chances.max(axis=1)
    right = chances.argmax(axis=1) == gold
    ranked = np.argsort(-best)
    precision = np.cumsum(right[ranked]) / np.arange(1, len(ranked) + 1)
    enough = np.flatnonzero(precision >= _STRONG_PRECISION)
    strong = float(best[ranked[enough[-1]]]) if len(enough) else 1.0
    return round(np.floor(suggested * 1e4) / 1e4, 4), round(np.floor(strong * 1e4) / 1e4, 4)


def figures(chances: Numbers, gold: Places, suggested: float, strong: float) -> dict[str, float]:
    """`recall_at_3`: of texts about a claim, those whose claim is suggested. `precision` and `recall` of the strong
    suggestions. `suggested_in_vain`: of texts about none, those that get a suggestion."""
    about = gold >= 0
    order = np.argsort(-chances, axis=1)[:, :MOST_SUGGESTED]
    there = (order == gold[:, None]) & (np.take_along_axis(chances, order, axis=1) >= suggested)
    best, right = chances.max(axis=1), chances.argmax(axis=1) == gold
    said = best >= strong
    out: dict[str, float] = {"texts": len(gold)}
    if about.any():
        out["recall_at_3"] = _share(there.any(axis=1)[about])
        out["recall"] = _share((said & right)[about])
        out["recall_at_precision_98"] = _recall_at(best, right, about, 0.98)
    if said.any():
        out["precision"] = _share(right[said])
    if not about.all():
        out["suggested_in_vain"] = _share((best >= suggested)[~about])
        out["strong_in_vain"] = _share(said[~about])
    return out


def _recall_at(best: Numbers, right: NDArray[np.bool_], about: NDArray[np.bool_], wanted: float) -> float:
    ranked = np.argsort(-best)
    hits = np.cumsum(right[ranked])
    enough = hits / np.arange(1, len(ranked) + 1) >= wanted
    return round(float(hits[enough].max(initial=0) / about.sum()), 4)


def _desk(queries: Queries, pairs: Sequence[ClaimPair]) -> Queries:
    """`queries` with the desk's words behind them; a rejected narrative is about none of the claims."""
    if not pairs:
        return queries
    claims = list(dict.fromkeys([*queries.claims, *(pair.claim.text for pair in pairs)]))
    gold = [claims.index(pair.claim.text) if pair.same else -1 for pair in pairs]
    return Queries(
        texts=[*queries.texts, *(pair.label for pair in pairs)],
        claims=claims,
        gold=np.concatenate([queries.gold, np.array(gold, np.int64)]),
        owner=np.concatenate([queries.owner, 2 * np.arange(len(pairs))]),
        forms=[*queries.forms, *("desk" for _ in pairs)],
    )


def _together(features: dict[str, Numbers]) -> Numbers:
    return features["words"] + (0.5 * features["vectors"] if "vectors" in features else 0.0)


def _rows(features: dict[str, Numbers], places: Places) -> dict[str, Numbers]:
    return {name: values[places] for name, values in features.items()}


def _share(values: NDArray[np.bool_]) -> float:
    return round(float(values.mean()), 4)


def _rounded(values: Numbers) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where the built-in encoder lies or is built")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    given = parser.parse_args()
    from models.encoder import load_encoder
    from models.vectors import VectorCache

    cache = VectorCache(load_encoder("builtin", given.home, "float32"), given.home / "models" / "vectors")
    model, measured = train(cache)
    model.write(given.output, measured)


if __name__ == "__main__":
    main()
