"""`tin3c models evaluate`: everything that is measured of the models, with the hashes of what it was measured on."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import behaviours, carry_over, evaluation, places_evaluation, retrieval, sources, whole
from models.deciding import code_sha256
from models.evaluation import Answers
from models.examples import Row
from models.heads import NAMES, SHIPPED, load_head, load_idf
from models.kept import kept
from models.landmarks import load_landmarks
from models.recalled import RecalledEncoder
from models.training import Trainer
from models.vectors import VectorCache

if TYPE_CHECKING:
    from records.ports import Assessor, Encoder

Progress = Callable[[str], None]
#: Of the texts written to be got wrong. `known`: rules were written after some had failed; `second`: none since, but
#: the corpus grew where its groups failed; `third`: written then by one who had seen neither corpus nor suites;
#: `fourth`: by three such, of texts that quote a claim, to contradict it or to spread it.
SUITES = {
    "known": "behaviours.jsonl",
    "second": "behaviours_2.jsonl",
    "third": "behaviours_3.jsonl",
    "fourth": "behaviours_4.jsonl",
}
_TESTS = Path(__file__).parents[1] / "tests" / "models"


def measure(
    encoder: Encoder, cache: Path, shared: Path | None, progress: Progress, suites: Path = _TESTS
) -> dict[str, Any]:
    """Every section but `claims`. Answers out of fold are those of the training where it left them in `cache`; what
    needs the local-only data or `suites` is left out where that is absent."""
    measuring = _Measuring(encoder, cache, shared, progress)
    facts: dict[str, Any] = {
        "encoder": encoder.version,
        "code": code_sha256(),
        "weights": evaluation.weights_sha256(SHIPPED, NAMES),
        **measuring.heads(),
    }
    facts["sources"] = measuring.told("sources", lambda: sources.by_source(measuring.trainer, measuring.rows))
    if shared is not None:
        facts["whole"] = measuring.told("whole", measuring.whole)
        facts["carry_over"] = measuring.told("carry-over", lambda: measuring.carry_over(shared))
        facts["retrieval"] = measuring.told("retrieval", lambda: retrieval.figures(shared, VectorCache(encoder, cache)))
    there = {name: suites / file for name, file in SUITES.items() if (suites / file).is_file()}
    facts["places"] = measuring.told("places", places_evaluation.figures)
    assessor = measuring.assessor()
    facts["behaviours"] = {name: behaviours.figures(assessor, path) for name, path in there.items()}
    return facts


class _Measuring:
    def __init__(self, encoder: Encoder, cache: Path, shared: Path | None, progress: Progress) -> None:
        self._encoder, self._cache, self._progress = encoder, cache, progress
        self.trainer = Trainer(encoder, cache, shared, progress)
        self.rows = self.trainer.rows()
        self.answers: dict[str, Answers] = {}

    def told(self, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        began = time.monotonic()
        self._progress(f"{name}: measuring")
        found = measure()
        self._progress(f"{name}: measured in {time.monotonic() - began:.0f} s")
        return found

    def heads(self) -> dict[str, Any]:
        """`figures`, `rows` and `corpora` of each head."""
        figures = {name: self.told(name, partial(self._head, name)) for name in self.rows}
        return {
            "figures": figures,
            "rows": {name: len(rows) for name, rows in self.rows.items()},
            "corpora": {name: self.trainer.hashes(name) for name in self.rows},
        }

    def _head(self, name: str) -> dict[str, Any]:
        found = kept(self._cache, SHIPPED / f"{name}.npz", code_sha256()["heads"], self.rows[name])
        if found is not None:
            self._progress(f"{name}: as its training measured it")
            self.answers[name] = found
            figures: dict[str, Any] = load_head(name, SHIPPED).note["figures"]
            return figures
        self.answers[name] = self.trainer.answers(name, self.rows)
        return self.trainer.figures(name, self.rows)

    def whole(self) -> dict[str, Any]:
        own = [row for row in self.rows["kind"] if row.origin == "corpus" and not row.copy]
        answers = {name: _of(self.answers[name], self.rows[name], own) for name in self.rows if name != "reliability"}
        heads = [load_head(name, SHIPPED) for name in NAMES]
        idf, landmarks = load_idf(), load_landmarks(SHIPPED)
        said = whole.shown(own, answers, self._encoder, heads, landmarks, idf)
        news = [row for row in self.rows["health"] if row.origin == "health_news" and not row.copy]
        both = [_of(self.answers[name], self.rows[name], news) for name in ("filter", "health")]
        return {"corpus": whole.figures(own, said), "health_news": whole.health_figures(news, *both)}

    def carry_over(self, shared: Path) -> dict[str, Any]:
        return carry_over.figures(self.trainer, self.rows, self.assessor(), shared)

    def assessor(self) -> Assessor:
        from models.assessor import load_assessor

        return load_assessor(RecalledEncoder(self._encoder, self._cache))


def _of(answers: Answers, rows: list[Row], wanted: list[Row]) -> Answers:
    """Of the rows `wanted`, which are among `rows`."""
    place = {(row.origin, row.item.id): at for at, row in enumerate(rows) if not row.copy}
    those = [place[row.origin, row.item.id] for row in wanted]
    return Answers(answers.chances[those], answers.said[those])
