"""The port `Assessor`: items → assessments. Filter, embedding, heads, then rules that keep them consistent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import cues as signs
from models.features import ngrams
from models.heads import IDF_FILE, NAMES, SHIPPED, HeadSet, View, load_idf
from models.landmarks import LANDMARKS_FILE, load_landmarks
from models.places import places
from models.reading import Reading, read
from models.reasons import TextReasons, field_reasons, owner_reason
from models.settled import is_settled
from models.training import load_heads
from records.assessment import AssessableItem, AssessedItem, Assessment, Harm, Kind, Reason, Stance
from records.source import Owner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from records.ports import Assessor, Encoder

_BATCH = 512
_FILTER = "filter"
#: What kind an item can be that is not about health.
_OTHER_KINDS = (Kind.NEWS, Kind.QUESTION, Kind.ADVERT, Kind.CHATTER)


def load_assessor(
    encoder: Encoder, *, filter_threshold: float | None = None, heads_folder: Path | None = None
) -> Assessor:
    """The assessor with the heads of `heads_folder` (the desk's, TIN3C_HOME/models/heads), else the shipped ones.

    `filter_threshold`: health probability under which the filter stops; the trained one when None.
    Raises ModelMissing or ModelMismatch.
    """
    folder = heads_folder if heads_folder and heads_folder.is_dir() else None
    landmarks = load_landmarks(folder if folder and (folder / LANDMARKS_FILE).is_file() else SHIPPED)
    heads = HeadSet(load_heads(folder, NAMES), getattr(encoder, "family", encoder.version), landmarks)
    idf = load_idf(folder if folder and (folder / IDF_FILE).is_file() else SHIPPED)
    return HeadAssessor(encoder, heads, idf, filter_threshold)


@dataclass(frozen=True)
class _Verdicts:
    """One row of each head's probabilities, by head."""

    rows: dict[str, NDArray[np.float64]]

    def yes(self, name: str) -> float:
        return float(self.rows[name][0])


class HeadAssessor:
    """Deterministic: an item gets the same answer in any company."""

    def __init__(
        self, encoder: Encoder, heads: HeadSet, idf: NDArray[np.float32], filter_threshold: float | None = None
    ) -> None:
        self._encoder, self._idf = encoder, idf
        self._filter = HeadSet([heads.heads[_FILTER]], "")
        self._heads = heads
        given = filter_threshold is not None
        self._filter_threshold = filter_threshold if given else heads.heads[_FILTER].threshold
        digest = hashlib.sha256(f"{heads.version}{self._filter_threshold}".encode() + idf.tobytes())
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
            vectors = self._encoder.encode([readings[n].embedded for n in passed]).astype("<f2")
            dense = None
            if self._heads.wants_dense():
                matrix = signs.cue_matrix([readings[n] for n in passed], owners)
                dense = np.hstack([vectors.astype(np.float32), matrix])
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
        assessment = Assessment(
            health=False,
            attention=False,
            topic=None,
            kind=Kind.NEWS,
            stance=Stance.NEUTRAL,
            harm=Harm.NONE,
            probabilities={"health": round(chance, 4)},
            places=(),
            reasons=(Reason("health", "filtered" if reading.whole else "empty"),),
            model_version=self.version,
            full=False,
        )
        return AssessedItem(item.id, item.version, assessment)

    def _judge(self, reading: Reading, owner: Owner | None, verdicts: _Verdicts) -> Assessment:
        heads = self._heads.heads
        readable = any(character.isalpha() for character in reading.whole)
        health = readable and verdicts.yes("health") >= heads["health"].threshold
        kinds = {Kind(name): float(p) for name, p in zip(heads["kind"].classes, verdicts.rows["kind"], strict=True)}
        # An item that is not about health speaks of no claim about health: neither a rumor nor a correction.
        kind = max(_OTHER_KINDS if not health else tuple(Kind), key=kinds.__getitem__)
        stance, harm, topic = Stance.NEUTRAL, Harm.NONE, None
        if health:
            stance = Stance(self._best("stance", verdicts))
            harm = Harm(self._best("harm", verdicts))
            topic = self._best("topic", verdicts)
            topic = None if topic == "none" else topic
        if health and is_settled(reading, owner):
            kind, stance = Kind.CORRECTION, Stance.REFUTES
            # What is shown as the likeliest is what is said; this share is the heads', and not calibrated for the rule.
            likeliest = max(kinds, key=kinds.__getitem__)
            kinds[kind], kinds[likeliest] = kinds[likeliest], kinds[kind]
        attention_chance = verdicts.yes("attention") * (1.0 if readable else 0.0)
        ruled = health and _wanted(kind, stance, harm)
        refuting = kind is Kind.CORRECTION or stance is Stance.REFUTES
        attention = health and not refuting and (ruled or attention_chance >= heads["attention"].threshold)
        if ruled:
            attention_chance = max(attention_chance, heads["attention"].threshold)
        chances = {
            "health": verdicts.yes("health") if readable else 0.0,
            "unreliable": verdicts.yes("reliability"),
            "attention": attention_chance,
        }
        chances |= _rounded_kinds(kinds)
        return Assessment(
            health=health,
            attention=attention,
            topic=topic,
            kind=kind,
            stance=stance,
            harm=harm,
            probabilities={name: round(chance, 4) for name, chance in chances.items()},
            places=places(reading.whole),
            reasons=self._reasons(reading, owner, health, kind, stance, harm, topic, attention, ruled, chances),
            model_version=self.version,
        )

    def _best(self, name: str, verdicts: _Verdicts) -> str:
        return self._heads.heads[name].answer(verdicts.rows[name])

    def _reasons(
        self,
        reading: Reading,
        owner: Owner | None,
        health: bool,
        kind: Kind,
        stance: Stance,
        harm: Harm,
        topic: str | None,
        attention: bool,
        ruled: bool,
        chances: dict[str, float],
    ) -> tuple[Reason, ...]:
        if not reading.whole:
            return (Reason("health", "empty"),)
        text = TextReasons(reading.own, self._idf)
        whole = TextReasons(reading.whole, self._idf) if reading.context else text
        found = signs.found(reading.own)

        def words(about: str, answer: str, sign: float = 1.0) -> tuple[str, ...]:
            head = self._heads.heads[about]
            column = head.classes.index(answer) if len(head.classes) > 1 else 0
            weighed = whole if head.view == "whole" else text
            return weighed.words(self._heads.word_weights(about, column), sign)

        reasons = field_reasons("health", "", words("health", "", 1.0 if health else -1.0), found)
        reasons += field_reasons("kind", kind, words("kind", kind), found)
        sign = 1.0 if chances["unreliable"] >= 0.5 else -1.0
        reasons += owner_reason(owner, reading.source)
        reasons += field_reasons("reliability", "", words("reliability", "", sign), found)
        if not health:
            reasons += [Reason(about, "not_health") for about in ("harm", "stance", "topic")]
            return tuple(reasons)
        if stance is Stance.NEUTRAL:
            reasons.append(Reason("stance", "no_claim"))
        else:
            reasons += field_reasons("stance", stance, words("stance", stance), found)
        reasons += field_reasons("harm", harm, words("harm", harm), found)
        reasons += field_reasons("topic", "", words("topic", topic or "none"), found)
        if attention:
            reasons.append(
                Reason("attention", "rule") if ruled else Reason("attention", "words", words("attention", ""))
            )
        if named := places(reading.whole):
            reasons.append(Reason("places", "places", named))
        return tuple(reasons)


def _wanted(kind: Kind, stance: Stance, harm: Harm) -> bool:
    """The rule of the labelling guide: asserted as a rumor or an advert, or asked about, with harm medium or more."""
    if harm < Harm.MEDIUM:
        return False
    return stance is Stance.ASKS or (stance is Stance.ASSERTS and kind in {Kind.RUMOR, Kind.ADVERT})


def _rounded_kinds(kinds: dict[Kind, float]) -> dict[str, float]:
    """Rounded to 4 places so that they still add up to 1: what rounding moved goes to the likeliest."""
    rounded = {kind.value: round(chance, 4) for kind, chance in kinds.items()}
    likeliest = max(rounded, key=rounded.__getitem__)
    rounded[likeliest] = round(rounded[likeliest] + 1 - sum(rounded.values()), 4)
    return rounded
