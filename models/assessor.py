"""The port `Assessor`: items → assessments. Filter, embedding, heads, then rules that keep them consistent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import cues as signs
from models.consistent import kind_and_stance
from models.deciding import answering_sha256
from models.explaining import Explainer
from models.features import ngrams
from models.heads import IDF_FILE, NAMES, SHIPPED, Head, HeadSet, View, load_idf
from models.landmarks import LANDMARKS_FILE, load_landmarks
from models.places import listed, named_places
from models.reading import Reading, read
from models.settled import settle
from models.training import load_heads
from records.assessment import (
    AssessableItem,
    AssessedItem,
    Assessment,
    Harm,
    Kind,
    Reason,
    Stance,
    chance_key,
)
from records.source import Owner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from records.ports import Assessor, Encoder

_BATCH = 512
_FILTER = "filter"
#: What kind an item can be that is not about health.
_OTHER_KINDS = (Kind.NEWS, Kind.QUESTION, Kind.ADVERT, Kind.CHATTER)
#: Of two dozen topics, those with a smaller probability are not kept.
_LEAST_KEPT = 0.05


def load_assessor(
    encoder: Encoder, *, filter_threshold: float | None = None, heads_folder: Path | None = None, home: str = ""
) -> Assessor:
    """The assessor with the heads of `heads_folder` (the desk's, TIN3C_HOME/models/heads), else the shipped ones.

    `filter_threshold`: health probability under which the filter stops; the trained one when None.
    `home`: the department's province, see models/places.py; "" when none is set.
    Raises ModelMissing or ModelMismatch.
    """
    folder = heads_folder if heads_folder and heads_folder.is_dir() else None
    landmarks = load_landmarks(folder if folder and (folder / LANDMARKS_FILE).is_file() else SHIPPED)
    heads = HeadSet(load_heads(folder, NAMES), getattr(encoder, "family", encoder.version), landmarks)
    idf = load_idf(folder if folder and (folder / IDF_FILE).is_file() else SHIPPED)
    return HeadAssessor(encoder, heads, idf, filter_threshold, home)


@dataclass(frozen=True)
class _Verdicts:
    """One row of each head's probabilities, by head."""

    rows: dict[str, NDArray[np.float64]]

    def yes(self, name: str) -> float:
        return float(self.rows[name][0])

    def by_class(self, head: Head) -> dict[str, float]:
        return {name: float(chance) for name, chance in zip(head.classes, self.rows[head.name], strict=True)}

    def lifted(self, head: Head) -> dict[str, float]:
        """What speaks for each class: see Head.answer."""
        lift = head.lift or (1.0,) * len(head.classes)
        return {name: chance * by for (name, chance), by in zip(self.by_class(head).items(), lift, strict=True)}


class HeadAssessor:
    """Deterministic: an item gets the same answer in any company."""

    def __init__(
        self,
        encoder: Encoder,
        heads: HeadSet,
        idf: NDArray[np.float32],
        filter_threshold: float | None = None,
        home: str = "",
    ) -> None:
        self._encoder, self._idf, self._home = encoder, idf, home
        self._filter = HeadSet([heads.heads[_FILTER]], "")
        self._heads = heads
        given = filter_threshold is not None
        self._filter_threshold = filter_threshold if given else heads.heads[_FILTER].threshold
        self._explainer = Explainer(heads, idf)
        rules = f"{answering_sha256()}{home}"
        digest = hashlib.sha256(f"{heads.version}{self._filter_threshold}{rules}".encode() + idf.tobytes())
        self.version = f"{encoder.version}+{digest.hexdigest()[:12]}"

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        """See the port. The first 3,000 characters of a text are read, and the first 1,000 embedded."""
        assessed: list[AssessedItem] = []
        for start in range(0, len(items), _BATCH):
            assessed += self._assess(items[start : start + _BATCH], cascade)
        return tuple(assessed)

    def _assess(self, items: Sequence[AssessableItem], cascade: bool) -> list[AssessedItem]:
        readings = [read(item) for item in items]
        whole = ngrams([reading.whole for reading in readings], self._idf)
        chances = self._filter.probabilities({"whole": whole}, None)[_FILTER][:, 0]
        passed = [n for n in range(len(items)) if not cascade or chances[n] >= self._filter_threshold]
        answers: dict[int, AssessedItem] = {}
        if passed:
            own = whole[passed]
            if any(readings[n].context for n in passed):
                own = ngrams([readings[n].own for n in passed], self._idf)
            views: dict[View, Any] = {"whole": whole[passed], "own": own}
            owners = [signs.owner_of(readings[n]) for n in passed]
            deep = self._encoder.encode_deep([readings[n].embedded for n in passed]).astype("<f2")
            vectors = deep[:, : self._encoder.dimensions]
            dense = None
            if self._heads.wants_dense():
                matrix = signs.cue_matrix([readings[n] for n in passed], owners)
                dense = signs.beside_cues(deep.astype(np.float32), matrix)
            rows = self._heads.probabilities(views, dense)
            for place, n in enumerate(passed):
                verdicts = _Verdicts({name: row[place] for name, row in rows.items()})
                assessment = self._judge(readings[n], owners[place], verdicts)
                vector = vectors[place].tobytes() if assessment.health or not cascade else b""
                answers[n] = AssessedItem(
                    items[n].id, items[n].version, assessment, vector, self._encoder.version if vector else ""
                )
        return [
            answers[n] if n in answers else self._stopped(items[n], readings[n], float(chances[n]))
            for n in range(len(items))
        ]

    def _stopped(self, item: AssessableItem, reading: Reading, chance: float) -> AssessedItem:
        below = Reason("health", "filter_below", detail=str(self._filter_threshold))
        assessment = Assessment(
            health=False,
            attention=False,
            topic=None,
            kind=Kind.NEWS,
            stance=Stance.NEUTRAL,
            harm=Harm.NONE,
            probabilities={"health": round(chance, 4)},
            places=(),
            reasons=(below if reading.whole else Reason("health", "empty"),),
            model_version=self.version,
            full=False,
        )
        return AssessedItem(item.id, item.version, assessment)

    def _judge(self, reading: Reading, owner: Owner | None, verdicts: _Verdicts) -> Assessment:
        heads = self._heads.heads
        readable = any(character.isalpha() for character in reading.whole)
        # Rounded first: what is kept never stands on the other side of a threshold than the answer.
        chances = {
            "health": round(verdicts.yes("health"), 4) if readable else 0.0,
            "unreliable": round(verdicts.yes("reliability"), 4),
            "attention": round(verdicts.yes("attention"), 4) if readable else 0.0,
        }
        health = readable and chances["health"] >= heads["health"].threshold
        kinds = verdicts.by_class(heads["kind"])
        chances |= _rounded(kinds)
        # An item that is not about health speaks of no claim about health: neither a rumor nor a correction.
        kind, stance, harm, topic = max(_OTHER_KINDS, key=kinds.__getitem__), Stance.NEUTRAL, Harm.NONE, None
        paired: dict[str, str] = {}
        if health:
            stances = verdicts.lifted(heads["stance"])
            kind, stance = kind_and_stance(kinds, stances, owner)
            alone = max(Kind, key=kinds.__getitem__), self._best("stance", verdicts)
            paired = _paired((kind, stance), kind_and_stance(kinds, stances), alone)
            harm = Harm(self._best("harm", verdicts))
            topic = self._best("topic", verdicts)
            for about, answer, least in (("stance", stance, 0.0), ("harm", harm, 0.0), ("topic", topic, _LEAST_KEPT)):
                rounded = _rounded(verdicts.by_class(heads[about]))
                kept = {name: chance for name, chance in rounded.items() if chance >= least or name == answer}
                chances |= {chance_key(about, name): chance for name, chance in kept.items()}
            topic = None if topic == "none" else topic
        settled = settle(reading, owner) if health else None
        if settled:
            kind, paired = Kind.CORRECTION, {}
            # That a spreader was fined need not say what was claimed: then there is nothing that it refutes.
            stance = Stance.REFUTES if settled.denied or stance is not Stance.NEUTRAL else Stance.NEUTRAL
        if kind is Kind.CHATTER:  # the labelling guide: harm is that of a claim, and there is none to believe
            harm = Harm.NONE
        ruled = health and _wanted(kind, stance, harm)
        # What is taken for a denial only because of who speaks is still looked at where it ought to be.
        refuting = (kind is Kind.CORRECTION or stance is Stance.REFUTES) and "doubted" not in paired.values()
        attention = health and not refuting and (ruled or chances["attention"] >= heads["attention"].threshold)
        named = named_places(reading.whole, self._home)
        said = Assessment(
            health=health,
            attention=attention,
            topic=topic,
            kind=kind,
            stance=stance,
            harm=harm,
            probabilities=chances,
            places=listed(named),
            reasons=(),
            model_version=self.version,
        )
        if not readable:
            return replace(said, reasons=(Reason("health", "empty"),))
        reasons = self._explainer.reasons(reading, owner, said, named, settled=settled, ruled=ruled, paired=paired)
        return replace(said, reasons=reasons)

    def _best(self, name: str, verdicts: _Verdicts) -> str:
        return self._heads.heads[name].answer(verdicts.rows[name])


def _paired(said: tuple[str, str], undoubted: tuple[str, str], alone: tuple[str, str]) -> dict[str, str]:
    """Field → the code of the reason why its answer is not what its own head says, or not what the heads say together.

    `said`, `undoubted`, `alone`: kind and stance as answered, whoever spoke, and of each head by itself.
    """
    codes = {}
    for at, about in enumerate(("kind", "stance")):
        if said[at] != undoubted[at]:
            codes[about] = "doubted"
        elif said[at] != alone[at]:
            codes[about] = "joined"
    return codes


def _wanted(kind: Kind, stance: Stance, harm: Harm) -> bool:
    """The rule of the labelling guide: asserted as a rumor or an advert, or asked about, with harm medium or more."""
    if harm < Harm.MEDIUM:
        return False
    return stance is Stance.ASKS or (stance is Stance.ASSERTS and kind in {Kind.RUMOR, Kind.ADVERT})


def _rounded(chances: dict[str, float]) -> dict[str, float]:
    """Rounded to 4 places so that they still add up to 1: what rounding moved goes to the likeliest."""
    rounded = {name: round(chance, 4) for name, chance in chances.items()}
    likeliest = max(rounded, key=rounded.__getitem__)
    rounded[likeliest] = round(rounded[likeliest] + 1 - sum(rounded.values()), 4)
    return rounded
