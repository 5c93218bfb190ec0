"""Assessment (nhận định): what the models say of an item, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import total_ordering

from records.source import Owner


class Kind(StrEnum):
    RUMOR = "rumor"
    CORRECTION = "correction"
    NEWS = "news"
    QUESTION = "question"
    ADVERT = "advert"
    CHATTER = "chatter"


class Stance(StrEnum):
    """Of the item to the claim that it speaks of; NEUTRAL when it takes none."""

    ASSERTS = "asserts"
    REFUTES = "refutes"
    ASKS = "asks"
    NEUTRAL = "neutral"


@total_ordering
class Harm(StrEnum):
    """If people believe and act (Internews). Ordered: NONE < LOW < MEDIUM < HIGH."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return list(Harm).index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Harm) else NotImplemented

    # str is ordered already, so total_ordering alone would leave its letters' order standing.
    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, Harm) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, Harm) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, Harm) else NotImplemented


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason that a person can check. `about` names the field it explains (health, kind, harm, ...).

    `code` is one of a closed set (see models/reasons.py) that the console translates; `words` are the words of the item
    that weighed most, `detail` the rest (a source's name, a similarity).
    """

    about: str
    code: str
    words: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """`probabilities`: health, unreliable, attention, one for each kind by its name, and of health items by
    `chance_key` one for each stance and harm, and for the likelier topics; each 0 to 1, rounded to 4 places.

    They are the heads', calibrated out of fold, also where a rule gave the answer: then a reason says so. Older
    assessments have none of stance, harm and topic, and none has one of the places: these are told by a list of names.
    """

    health: bool
    attention: bool
    topic: str | None  # a key of topics.json
    kind: Kind
    stance: Stance
    harm: Harm
    probabilities: dict[str, float]
    places: tuple[str, ...]
    reasons: tuple[Reason, ...]
    model_version: str
    full: bool = True  # False: the filter judged not health, and the other fields are its defaults

    def chance(self, about: str) -> float | None:
        """What the heads gave the answer in that field: of health, attention and reliability ("unreliable") the chance
        of yes, whatever the answer. None where they gave none."""
        if about in {"health", "attention"}:
            return self.probabilities.get(about)
        if about == "reliability":
            return self.probabilities.get("unreliable")
        answers = {"kind": self.kind, "stance": self.stance, "harm": self.harm, "topic": self.topic}
        return self.probabilities.get(chance_key(about, answers[about])) if about in answers else None


def chance_key(about: str, answer: str | None) -> str:
    """Under which an answer's probability stands: a kind's by its name alone, "stance.asserts", "topic.none"."""
    return str(answer) if about == "kind" else f"{about}.{answer or 'none'}"


@dataclass(frozen=True, slots=True)
class AssessableItem:
    """What the models are given. `context`: the title of the article that a comment stands under."""

    id: str
    text: str
    title: str = ""
    context: str = ""
    source: str = ""  # the source's name or id
    owner: Owner | None = None
    published: datetime | None = None
    version: int = 1
    deaths: int = 0  # how often a process ended that had it to assess


@dataclass(frozen=True, slots=True)
class AssessedItem:
    """`vector`: float16, little-endian, L2-normalised, `dimensions` numbers; b"" when the item is not health."""

    item_id: str
    version: int
    assessment: Assessment
    vector: bytes = b""
    encoder_version: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentFailure:
    """An item that an assessor could not take, and was given up at, so that it holds up nothing else.

    `problem`: the error's kind and the place in our code, never its message, which may quote the text.
    """

    item_id: str
    version: int
    model_version: str
    problem: str


@dataclass(frozen=True, slots=True)
class Correction:
    """An officer's word on what the models said: a training row for later.

    Where both say the same the officer agreed. `owner`: of the item's source, as the store knows it when it is asked;
    None where nobody asked.
    """

    item_id: str
    about: str  # the field: health, topic, kind, stance, harm, attention
    model_said: str
    person_said: str
    actor: str
    at: datetime
    reason: str = ""
    owner: Owner | None = None
