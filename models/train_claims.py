"""Learns and measures how texts are matched with known claims, on models/corpus/claim_pairs.jsonl.

    python -m models.train_claims --home FOLDER [--output FILE]

The file has texts of our own writing: for each shipped claim paraphrases in plain, chat and unmarked spelling,
questions and denials (`claim`), near misses of the same subject (`near`), and unrelated ones. Those of claims with even
numbers teach, by cross-validation over claims they give the thresholds; those of odd numbers only measure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.claim_features import JOINT, WORDS, pair_features, texts_of
from models.examples import OWN_CORPUS, read_jsonl, sha256_of
from models.matching import MOST_SUGGESTED, SHIPPED, MatchingModel, Scorer, load_model
from models.reading import for_encoder
from records.claim import ClaimPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

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
#: By how much a figure of a new model may lie below that of the one in use, and of the shipped one: one text of a
#: hundred. The second, too, or many learnings would lose more than one may.
_WORSE = 0.01
_GUARDED = ("recall_at_3", "precision", "recall")
#: Of the desk's words, which the new model has not seen, it is to get so many more right, and this share of them.
_LEAST_GAIN, _MARGIN = 2, 0.02
_FEWEST_WORDS = 8
#: Of a digest of one of the desk's words.
_DIGITS = 12


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


def features_of(
    texts: Sequence[str], claims: Sequence[str], cache: VectorCache | None, reading: Callable[[str], str] = for_encoder
) -> dict[str, Numbers]:
    """Of every text with every claim; on words alone without a `cache`. `reading`: a text as the encoder gets it."""
    read, known = (
        texts_of(those, None if cache is None else cache.encode([reading(text) for text in those]))
        for those in (texts, claims)
    )
    return pair_features(read, known, np.arange(len(claims)), len(claims))


#: Taught by texts whose marks are not put back: a vector then counts for less, and what is found later, with all marks,
#: is right more often (.973 at recall .883; taught with marks .911 at .933; at precision .98 it finds .842, not .725).
_taught_by = partial(features_of, reading=str)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learnt from: (texts, claims) `about`, whether a text is about a claim; `spoken`, pairs that are taught
    whatever else is likelier; `open`, pairs on which nobody has said anything. `fold`: by claim, or of the desk's words
    by what has a narrative or a claim in common."""

    texts: list[str]
    claims: list[str]
    about: Truths
    spoken: Truths
    open: Truths
    fold: Places
    weights: Numbers

    @classmethod
    def of(cls, queries: Queries, pairs: Sequence[ClaimPair], heard: Truths | None = None) -> Lessons:
        """The teaching part, and behind it a text for each narrative that the desk has spoken on.

        A claim that was rejected is one that the narrative is not about, and says nothing of the other claims. One that
        was confirmed was chosen: then the likeliest others are not it, as with the corpus's texts.

        `heard`: which of `pairs` teach, all where it is not given; texts, claims and folds are the same.
        """
        own = queries.of(True)
        labels = list(dict.fromkeys(pair.label for pair in pairs))
        claims = list(dict.fromkeys([*own.claims, *(pair.claim.text for pair in pairs)]))
        at = np.array([[labels.index(pair.label), claims.index(pair.claim.text)] for pair in pairs], np.int64)
        rows, columns = at.reshape(-1, 2).T + np.array([[len(own.texts)], [0]])
        shape = len(own.texts) + len(labels), len(claims)
        about, spoken, named = (np.zeros(shape, bool) for _ in range(3))
        told = np.flatnonzero(own.gold >= 0)
        about[told, own.gold[told]] = True
        named[rows, columns] = True
        teaching = np.ones(len(pairs), bool) if heard is None else heard
        spoken[rows[teaching], columns[teaching]] = True
        about[rows[teaching], columns[teaching]] = np.array([pair.same for pair in pairs], bool)[teaching]
        nothing_confirmed = (np.arange(shape[0]) >= len(own.texts)) & ~about.any(axis=1)
        return cls(
            texts=[*own.texts, *labels],
            claims=claims,
            about=about,
            spoken=spoken,
            open=nothing_confirmed[:, None] & ~spoken,
            fold=np.concatenate([own.owner // 2, _together_in(named[len(own.texts) :])]) % _FOLDS,
            weights=np.where(np.arange(shape[0]) < len(own.texts), 1.0, _DESK_WEIGHT),
        )

    def part(self, places: Places) -> Lessons:
        return Lessons(
            texts=[self.texts[at] for at in places.tolist()],
            claims=self.claims,
            about=self.about[places],
            spoken=self.spoken[places],
            open=self.open[places],
            fold=self.fold[places],
            weights=self.weights[places],
        )


def _together_in(spoken: Truths) -> Places:
    """A number for each text; texts that have a claim in common, over others too, have one number."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    numbers: Places = connected_components(csr_array(spoken.astype(int) @ spoken.T.astype(int)))[1].astype(np.int64)
    return numbers


def fit(names: tuple[str, ...], features: dict[str, Numbers], lessons: Lessons) -> Scorer:
    """A scorer without thresholds, learnt from the likeliest claims of each text, and from what was said of others."""
    from sklearn.linear_model import LogisticRegression

    order = np.argsort(-_together(features), axis=1)[:, :_CANDIDATES]
    taught = lessons.spoken.copy()
    np.put_along_axis(taught, order, True, axis=1)
    taught &= ~lessons.open
    rows = np.stack([features[name][taught] for name in names], axis=-1)
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    weights = np.broadcast_to(lessons.weights[:, None], taught.shape)[taught]
    model = LogisticRegression(C=_STRENGTH, max_iter=3000)
    model.fit((rows - mean) / scale, lessons.about[taught].astype(int), sample_weight=weights)
    return Scorer(
        names, _rounded(mean), _rounded(scale), _rounded(model.coef_[0]), round(float(model.intercept_[0]), 6), 0.0, 1.0
    )


def _held_out(names: tuple[str, ...], features: dict[str, Numbers], lessons: Lessons) -> Numbers:
    """The chances that a scorer gives each text when it has not learnt from that text's fold."""
    chances = np.zeros(lessons.about.shape)
    for fold in range(_FOLDS):
        inside, others = np.flatnonzero(lessons.fold == fold), np.flatnonzero(lessons.fold != fold)
        learnt = fit(names, _rows(features, others), lessons.part(others))
        chances[inside] = learnt.chances(_rows(features, inside))
    return chances


@dataclass(frozen=True, slots=True)
class Trained:
    """`figures`: on the measuring part. `right`: of the desk's words, held out, those that it would have said too."""

    model: MatchingModel
    figures: dict[str, Any]
    right: int


def train(cache: VectorCache, pairs: Sequence[ClaimPair] = ()) -> Trained:
    """`pairs`: the desk's words, which weigh more."""
    queries = read_queries()
    lessons = Lessons.of(queries, pairs)
    own = np.arange(len(lessons.texts)) < len(queries.part(True))
    found, right = {}, 0
    for label, names, using in (("joint", JOINT, cache), ("words", WORDS, None)):
        features = _taught_by(lessons.texts, lessons.claims, using)
        held_out = _held_out(names, features, lessons)
        scorer = fit(names, features, lessons)
        suggested, strong = thresholds(held_out[own], queries.of(True).gold, _SUGGESTED_RECALL[label])
        found[label] = replace(scorer, suggested=suggested, strong=strong)
        if label == "joint":
            right = _right(held_out, lessons, suggested)
    model = MatchingModel(found["joint"], found["words"], learnt_from=frozenset(map(_digest, pairs)))
    return Trained(model, evaluate(model, cache), right)


@dataclass(frozen=True, slots=True)
class Learnt:
    """`why`: better, too_few, not_better (on the desk's words), worse_on_fixed (than the model in use), or
    worse_than_shipped; `figures`: of the new model where it is better, else of the one that stays."""

    why: str
    figures: dict[str, Any]

    @property
    def taken(self) -> bool:
        return self.why == "better"


def learn(path: Path, cache: VectorCache, pairs: Sequence[ClaimPair], in_use: MatchingModel) -> Learnt:
    """Learn with the desk's words, and write the model to `path` where it is better on those that it has not seen, and
    on the measuring part no worse than the model in use and than the shipped one."""
    before = evaluate(in_use, cache)
    if len(pairs) < _FEWEST_WORDS:
        return Learnt("too_few", before)
    trained, lessons = train(cache, pairs), Lessons.of(read_queries(), pairs)
    gain = trained.right - _right_before(in_use, pairs, lessons, cache)
    if gain < max(_LEAST_GAIN, _MARGIN * int(lessons.spoken.sum())):
        return Learnt("not_better", before)
    if _is_worse(trained.figures, before):
        return Learnt("worse_on_fixed", before)
    if _is_worse(trained.figures, evaluate(load_model(), cache)):
        return Learnt("worse_than_shipped", before)
    path.parent.mkdir(parents=True, exist_ok=True)
    trained.model.write(path, trained.figures | {"desk": len(pairs)})
    return Learnt("better", trained.figures)


def _right_before(in_use: MatchingModel, pairs: Sequence[ClaimPair], lessons: Lessons, cache: VectorCache) -> int:
    """Of the desk's words, those that the model in use would say too, had it not learnt from them: with its own
    threshold, and the words of every other fold that it knew. One that knew none of them answers as it is."""
    features = features_of(lessons.texts, lessons.claims, cache)
    heard = np.array([_digest(pair) in in_use.learnt_from for pair in pairs])
    if heard.any():
        said = _held_out(JOINT, features, Lessons.of(read_queries(), pairs, heard))
    else:
        said = in_use.joint.chances(features)
    return _right(said, lessons, in_use.joint.suggested)


def _digest(pair: ClaimPair) -> str:
    """What tells a word of the desk from others, and does not say it."""
    said = json.dumps([pair.label, pair.claim.text, pair.same])
    return hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]


def _is_worse(figures: dict[str, Any], than: dict[str, Any]) -> bool:
    return any(
        figures[label].get(name, 0.0) < than[label].get(name, 0.0) - _WORSE
        for label in ("joint", "words")
        for name in _GUARDED
    )


def _right(chances: Numbers, lessons: Lessons, suggested: float) -> int:
    """Of the desk's words, those that the chances agree with: suggested what was confirmed, and not what was not."""
    return int(((chances >= suggested) == lessons.about)[lessons.spoken].sum())


def evaluate(model: MatchingModel, cache: VectorCache | None) -> dict[str, Any]:
    """On the measuring part; `joint` only with a `cache` of vectors."""
    queries = read_queries().of(False)
    about = int((queries.gold >= 0).sum())
    out: dict[str, Any] = {"corpora": hashes(), "queries": len(queries.texts), "about_a_claim": about}
    forms = np.array(queries.forms)
    for label, scorer, using in (("joint", model.joint, cache), ("words", model.words, None)):
        if label == "joint" and cache is None:
            continue
        chances = scorer.chances(features_of(queries.texts, queries.claims, using))
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
    trained = train(cache)
    trained.model.write(given.output, trained.figures)


if __name__ == "__main__":
    main()
