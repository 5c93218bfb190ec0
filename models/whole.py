"""What the assessor as a whole gets right: filter, health, heads, and the rules above them, on items none had seen.

The assessor itself judges. Only what its heads say is put in their place: out of fold, with the thresholds and lifts of
the other folds. So "not health, hence nothing else", the rule on denials and the rule on attention are measured, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.assessor import HeadAssessor
from models.evaluation import Answers
from models.examples import Row
from models.heads import Head, HeadSet
from records.assessment import Assessment, Harm, Kind, Stance
from records.ports import DEEP
from records.source import ANSWERABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.landmarks import Landmarks
    from records.ports import Encoder

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_FILTER, _HEALTH = "filter", "health"
#: Smaller parts are left out of the tables.
_LEAST_ITEMS = 30


@dataclass(frozen=True)
class Shown:
    """What the desk is shown of an item."""

    health: bool
    attention: bool
    kind: Kind
    stance: Stance
    harm: Harm

    @classmethod
    def of(cls, said: Assessment) -> Shown:
        return cls(said.health, said.attention, said.kind, said.stance, said.harm)


#: What stands for an item that the filter stops.
_STOPPED = Shown(False, False, Kind.NEWS, Stance.NEUTRAL, Harm.NONE)


class _Said(HeadSet):
    """Heads that say of each row in turn what is written down, whatever they are given."""

    def __init__(self, heads: Sequence[Head], family: str, landmarks: Landmarks, chances: Mapping[str, Floats]) -> None:
        super().__init__(heads, family, landmarks)
        self._chances, self._at = chances, 0

    def probabilities(self, views: Mapping[Any, Any], *_: object, **__: object) -> dict[str, Floats]:
        count = next(iter(views.values())).shape[0]
        here = slice(self._at, self._at + count)
        self._at += count
        return {name: rows[here] for name, rows in self._chances.items()}

    def wants_dense(self) -> bool:
        return False


class _NoVectors:
    """In the encoder's place, where nothing is read but what the heads are known to say."""

    def __init__(self, encoder: Encoder) -> None:
        self.version, self.dimensions = encoder.version, encoder.dimensions
        self.family = getattr(encoder, "family", encoder.version)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), self.dimensions), np.float32)

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), DEEP * self.dimensions), np.float32)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self.encode([text])[0])


def shown(
    rows: Sequence[Row],
    answers: Mapping[str, Answers],
    encoder: Encoder,
    heads: Sequence[Head],
    landmarks: Landmarks,
    idf: NDArray[np.float32],
) -> list[Shown]:
    """What the assessor makes of each row. `answers`: of each head, for these rows; a head without any says the same
    of all."""
    chances = {}
    for head in heads:
        plain = np.tile([1 / (len(head.classes) + 1)], (len(rows), len(head.classes)))
        chances[head.name] = agreeing(head, answers[head.name]) if head.name in answers else plain
    silent = _NoVectors(encoder)
    assessor = HeadAssessor(silent, _Said(heads, silent.family, landmarks, chances), idf)
    # Whatever the filter says: its answers are the row's own, below.
    assessed = assessor.assess([row.item for row in rows], cascade=False)
    passed = answers[_FILTER].said == 1
    return [Shown.of(one.assessment) if go else _STOPPED for one, go in zip(assessed, passed, strict=True)]


def agreeing(head: Head, answers: Answers) -> Floats:
    """(n, c): the chances, moved where the head's own threshold or lift would say otherwise than `answers.said`."""
    chances = answers.chances.copy()
    if len(head.classes) == 1:
        yes = answers.said == 1
        below = np.nextafter(head.threshold, 0) - 1e-4  # the assessor rounds to four places
        chances[:, 0] = np.where(yes, np.maximum(chances[:, 0], head.threshold), np.minimum(chances[:, 0], below))
        return np.clip(chances, 0, 1)
    lift = np.array(head.lift or np.ones(len(head.classes)))
    lifted = chances * lift
    rows, best = np.arange(len(chances)), lifted.argmax(axis=1)
    most = lifted[rows, best]
    lifted[rows, best] = lifted[rows, answers.said]
    lifted[rows, answers.said] = most
    chances = lifted / lift
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def figures(rows: Sequence[Row], said: Sequence[Shown]) -> dict[str, Any]:
    """Of rows that have every label: all of them, and by channel, spelling and topic."""
    out: dict[str, Any] = {"all": _part(rows, said)}
    for name, keys in (
        ("by_channel", [row.channel for row in rows]),
        ("by_spelling", [row.spelling for row in rows]),
        ("by_topic", [row.labels["topic"] for row in rows]),
    ):
        out[name] = {}
        for key in sorted(set(keys)):
            here = [at for at, each in enumerate(keys) if each == key]
            if len(here) >= _LEAST_ITEMS:
                out[name][key] = _part([rows[at] for at in here], [said[at] for at in here])
    return out


def health_figures(rows: Sequence[Row], filter_: Answers, health: Answers) -> dict[str, Any]:
    """Of rows with no label but health: what both let pass, one after the other."""
    yes = np.array([row.labels["health"] == "yes" for row in rows])
    passed = filter_.said == 1
    return _asked(yes, passed & (health.said == 1)) | {"filter_passed": _share(passed)}


def _part(rows: Sequence[Row], said: Sequence[Shown]) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    labels = {name: np.array([row.labels[name] for row in rows]) for name in ("health", "attention", "kind", "harm")}
    rumor, grave = labels["kind"] == Kind.RUMOR, np.isin(labels["harm"], [Harm.MEDIUM, Harm.HIGH])
    correction = labels["kind"] == Kind.CORRECTION
    speaks = np.array([row.item.owner in ANSWERABLE for row in rows])
    as_rumor = np.array([each.kind is Kind.RUMOR for each in said])
    wanted = np.array([each.attention for each in said])
    out: dict[str, Any] = {"items": len(rows)}
    out["health"] = _asked(labels["health"] == "yes", np.array([each.health for each in said]))
    out["attention"] = _asked(labels["attention"] == "yes", wanted) | {
        "recall_of_harmful_rumors": _share(wanted[rumor & grave])
    }
    out["rumor"] = _asked(rumor, as_rumor)
    out["corrections"] = {
        "items": int(correction.sum()),
        "shown_as_rumor": _share(as_rumor[correction]),
        "wanting_attention": _share(wanted[correction]),
        "of_authorities": int((correction & speaks).sum()),
        "of_authorities_shown_as_rumor": _share(as_rumor[correction & speaks]),
        "of_authorities_wanting_attention": _share(wanted[correction & speaks]),
    }
    for name in ("kind", "stance", "harm"):
        truth, answer = [row.labels[name] for row in rows], [str(getattr(each, name)) for each in said]
        f1 = f1_score(truth, answer, average="macro", labels=sorted(set(truth)), zero_division=0)
        out[name] = {
            "macro_f1": _rounded(f1),
            "accuracy": _share(np.array([one == other for one, other in zip(truth, answer, strict=True)])),
        }
    return out


def _asked(yes: Bools, said: Bools) -> dict[str, Any]:
    return {
        "items": len(yes),
        "labelled": int(yes.sum()),
        "recall": _share(said[yes]),
        "precision": _share(yes[said]),
        "passed": _share(said),
        "false_alarms": _share(said[~yes]),
    }


def _share(values: Bools) -> float | None:
    """None of nothing."""
    return _rounded(values.mean()) if len(values) else None


def _rounded(value: float) -> float:
    return round(float(value), 4)
