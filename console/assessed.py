"""An assessment as its page tells it: each answer in words, how sure it is, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from console import labels
from records.assessment import Assessment, Harm, Kind, Stance, chance_key
from records.places import shown
from records.reasons import RULES, percent, sentence
from records.sureness import sureness

#: Half of them are: from here on "yes" is said plainly. A level may lie far below it, so that nothing is missed.
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of an assessment: its value in words, how sure that is ("" where nothing can be said), and why."""

    name: str
    value: str
    sure: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Chances:
    """What the heads gave each answer of one field, likeliest first."""

    name: str
    answers: list[tuple[str, float]]


def field_rows(
    said: Assessment, word: Callable[[str], str], language: str, corrected: Collection[str] = ()
) -> list[FieldRow]:
    """`corrected`: fields in which a person's word stands, so that the models' chance and reasons are not of it."""
    rows = []
    for name, value in _values(said, word, language).items():
        if name in corrected:
            rows.append(FieldRow(name, value, word("said by a person"), []))
            continue
        reasons = [sentence(reason, language) for reason in said.reasons if reason.about == name]
        if not said.full and name not in {"health", "attention", "places"}:
            value, reasons = word("Not judged"), []
        rows.append(FieldRow(name, value, _sure(said, name, word, language), reasons))
    return rows


def chances(said: Assessment, word: Callable[[str], str], language: str) -> list[Chances]:
    """Of the fields with more than two answers; older assessments have them of the kind alone."""
    names: dict[str, dict[str, str]] = {
        "kind": {kind: word(name) for kind, name in labels.KINDS.items()},
        "stance": {stance: word(labels.STANCES[stance]) for stance in Stance},
        "harm": {harm: word(labels.HARMS[harm]) for harm in Harm},
        "topic": {
            key.removeprefix("topic."): _topic(key.removeprefix("topic."), word, language)
            for key in said.probabilities
            if key.startswith("topic.")
        },
    }
    found = []
    for about, answers in names.items():
        keys = {chance_key(about, answer): name for answer, name in answers.items()}
        given = [(name, said.probabilities[key]) for key, name in keys.items() if key in said.probabilities]
        if given:
            found.append(Chances(about, sorted(given, key=lambda pair: -pair[1])))
    return found


def _values(said: Assessment, word: Callable[[str], str], language: str) -> dict[str, str]:
    values = {
        "health": _yes_or_no(said, "health", said.health, word),
        "attention": _yes_or_no(said, "attention", said.attention, word),
        "topic": _topic(said.topic or "none", word, language),
        "kind": word(labels.KINDS[said.kind]),
        "stance": word(labels.STANCES[said.stance]),
        "harm": word(labels.HARMS[said.harm]),
    }
    if said.chance("reliability") is not None:
        values["reliability"] = word("Signs of unreliability") if _doubted(said) else word("No sign of unreliability")
    return values | {"places": shown(said.places) or word("None")}


def _topic(key: str, word: Callable[[str], str], language: str) -> str:
    return word("No topic") if key == "none" else labels.topic_name(key, language)


def _yes_or_no(said: Assessment, name: str, yes: bool, word: Callable[[str], str]) -> str:
    chance = said.chance(name)
    if yes and chance is not None and chance < _LIKELY and not _by_rule(said, name):
        return word("Possibly")
    return word("Yes") if yes else word("No")


def _doubted(said: Assessment) -> bool:
    return (said.chance("reliability") or 0.0) >= (_level(said, "reliability") or _LIKELY)


def _sure(said: Assessment, name: str, word: Callable[[str], str], language: str) -> str:
    if name == "places":
        # A list of names found them: what can be said is how each is written, and its reason says it.
        return word("found by a list of names, not by a model") if said.places else ""
    chance = said.chance(name)
    if chance is None or (not said.health and name not in {"health", "kind", "reliability"}):
        return ""
    shown = _percent(chance, _level(said, name), language)
    yes = {"health": said.health, "attention": said.attention, "reliability": _doubted(said)}.get(name, True)
    if _by_rule(said, name):
        sure = (
            word("by a rule; the model's chance: %(chance)s") if yes else word("by a rule; chance of yes: %(chance)s")
        )
    else:
        sure = word(labels.SURENESS[sureness(chance)] if yes else labels.SURENESS_OF_NO[sureness(1 - chance)])
    return sure % {"chance": shown}


def _by_rule(said: Assessment, name: str) -> bool:
    """Whether a rule gave the answer, and the heads alone would have given another."""
    codes = {reason.code for reason in said.reasons if reason.about == name}
    if not codes & RULES or "attention_from" in codes:
        return False
    answers: dict[str, Collection[str]] = {"kind": tuple(Kind), "stance": tuple(Stance)}
    highest = (said.probabilities.get(chance_key(name, one), 0.0) for one in answers.get(name, ()))
    return max(highest, default=math.inf) > (said.chance(name) or 0.0)


def _level(said: Assessment, name: str) -> float | None:
    """The chance from which the field's answer is yes, where its reasons tell it."""
    codes = {f"{name}_from", f"{name}_below", "filter_below"}
    given = (reason.detail for reason in said.reasons if reason.about == name and reason.code in codes)
    return next((float(level) for level in given), None)


def _percent(chance: float, level: float | None, language: str) -> str:
    """With as many decimals as tell it from the level that it did not reach."""
    shown = percent(chance, language)
    if level is not None and chance < level and shown == percent(level, language):
        return percent(chance, language, 2)
    return shown
