"""Model cards: people write what a model is for and where it fails; every figure in them is written here.

Figures stand between two lines of docs/models/<card>.md, and in its sentences between `<!--= path -->` and `<!--=-->`:
`path` leads through the facts that models/measuring.py gives, ` %` behind it shows a share in per cent, and `not `
before it what is left to one. Nothing else of a card is touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.heads import NAMES as HEADS
from models.heads import SHIPPED
from records.errors import InputError

BEGIN = "<!-- from here: written by `tin3c models evaluate --cards` -->"
END = "<!-- to here -->"
#: Cards with figures: of each head, of what the heads and other models do together, and of the names of places.
NAMES = (*HEADS, "assessor", "narration", "evidence", "claims", "places")
Facts = Mapping[str, Any]

_VALUE = re.compile(r"<!--= (?P<rest>not )?(?P<path>[^>]+?)(?P<share> %)? -->[^<]*<!--=-->")
_PARTS = (("set", "by_set"), ("channel", "by_channel"), ("spelling", "by_spelling"), ("topic", "by_topic"))
_READ = {"of_health": "Judged health, by what was read", "of_rumors": "Wanted by an officer"}
_ASKED = ("items", "labelled", "recall", "precision", "passed", "false_alarms")
_SHOWN_DIGITS = 16


def write(folder: Path, facts: Facts) -> tuple[Path, ...]:
    """Write the figures into the cards of `folder`; the cards that changed.

    Raises InputError, and writes none, where a card cannot be read, has no place for figures, or names one that was not
    measured.
    """
    changed = {}
    for name in NAMES:
        path = folder / f"{name}.md"
        try:
            before = path.read_text("utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        after = with_figures(before, name, facts)
        if after != before:
            changed[path] = after
    for path, card in changed.items():
        path.write_text(card, "utf-8")
    return tuple(changed)


def with_figures(card: str, name: str, facts: Facts) -> str:
    """`card` with these figures between its marks and in its sentences. Raises InputError."""
    above, mark, rest = card.partition(BEGIN)
    _, end, below = rest.partition(END)
    if not (mark and end):
        raise InputError(f"the card {name} has no line {BEGIN!r} with {END!r} below it")
    try:
        whole = f"{above}{BEGIN}\n{part(name, facts)}{END}{below}"
        return _VALUE.sub(lambda found: _written(found, facts), whole)
    except (KeyError, TypeError) as error:
        raise InputError(f"the card {name} names a figure that was not measured: {error}") from error


def part(name: str, facts: Facts) -> str:
    """The figures as Markdown."""
    match name:
        case "assessor":
            lines = _assessor(facts)
        case "narration":
            lines = _of_one(facts["retrieval"]["same_story"])
        case "evidence":
            lines = _of_one(facts["retrieval"]["claims"])
        case "claims":
            lines = _claims(facts["claims"])
        case "places":
            lines = _places(facts["places"])
        case _:
            lines = _head(name, facts)
    return "\n".join(lines)


def _written(found: re.Match[str], facts: Facts) -> str:
    value: Any = facts
    for step in found["path"].split("/"):
        value = value[step]
    return f"<!--= {found['rest'] or ''}{found['path']}{found['share'] or ''} -->{_shown(value, found)}<!--=-->"


def _shown(value: float | None, found: re.Match[str]) -> str:
    if value is None:
        return "(too few)"
    value = 1 - value if found["rest"] else value
    if found["share"]:
        return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.1f} %"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def _head(name: str, facts: Facts) -> list[str]:
    head = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
    figures = facts["figures"][name]
    lines = [
        "## Figures, out of fold (five folds that never split a group)",
        "",
        f"{facts['rows'][name]:,} rows, copies without marks included; the copies are not measured. Encoder family"
        f" `{head['family']}`; threshold {head['threshold']}; sha256 of the weights"
        f" `{head['sha256'][:_SHOWN_DIGITS]}…`, of the corpora:",
        "",
        *(f"- {corpus}: `{sha256[:_SHOWN_DIGITS]}…`" for corpus, sha256 in facts["corpora"][name].items()),
        "",
    ]
    rows = {"all": figures["headline"]}
    rows |= {"n-grams alone": figures["ngrams_alone"]} if figures["ngrams_alone"] != figures["headline"] else {}
    for key, each in figures.get("crossed", {}).items():
        if isinstance(each, dict):
            rows["crossed: " + key.replace("_", " ")] = each
    rows |= {"crossed": figures["crossed"]} if "crossed" in figures else {}
    rows |= {f"{kind}: {key}": part for kind, by in _PARTS for key, part in figures.get(by, {}).items()}
    columns = [key for key, value in figures["headline"].items() if not isinstance(value, dict)]
    lines += [*_table(columns, columns, rows), ""]
    for key, heading in _READ.items():
        if key in figures:
            read = ("rows", "yes", "recall", "precision", "false_alarms")
            shown = ("rows", "labelled so", "recall", "precision", "false alarms")
            lines += [f"### {heading}", "", *_table(read, shown, figures[key]), ""]
    if name in facts["sources"]:
        by = {"all" if key == "all" else f"part {key}": each for key, each in facts["sources"][name].items()}
        lines += ["### By source: each part of the corpus judged by what was learnt from the other parts", ""]
        lines += [*_table(columns, columns, by), ""]
    if "steps_off" in figures:
        steps = ", ".join(f"{step}: {100 * share:.1f} %" for step, share in figures["steps_off"].items())
        lines += [f"Steps between the answer and the label: {steps}.", ""]
    if news := figures.get("by_set", {}).get("health_news"):
        shares = ", ".join(f"{recall} → {share}" for recall, share in news["passed_at_recall"].items())
        lines += [f"Of health_news, the share of all items that passes at a recall of: {shares}.", ""]
    return lines


def _assessor(facts: Facts) -> list[str]:
    corpus, news = facts["whole"]["corpus"], facts["whole"]["health_news"]
    every = corpus["all"]
    asked = {
        "health, filter and head together: health_news": news,
        "health, filter and head together: own corpus": every["health"],
        "wanting attention": every["attention"],
        "shown as a rumor": every["rumor"],
    }
    corrections = every["corrections"]
    lines = ["## Figures: the own corpus and health_news, out of fold", "", *_table(_ASKED, _ASKED, asked), ""]
    lines += [
        f"Of {corrections['items']:,} corrections {_percent(corrections['shown_as_rumor'])} are shown as a rumor and"
        f" {_percent(corrections['wanting_attention'])} want attention; of the {corrections['of_authorities']:,} by"
        f" offices and newspapers {_percent(corrections['of_authorities_shown_as_rumor'])} and"
        f" {_percent(corrections['of_authorities_wanting_attention'])}.",
        "",
    ]
    parts = {"all": every}
    for kind, by in _PARTS[1:]:
        parts |= {f"{kind}: {key}": each for key, each in corpus[by].items()}
    flat = {name: _flat(each) for name, each in parts.items()}
    columns = list(flat["all"])
    lines += ["### By part", "", *_table(columns, columns, flat), ""]
    suites = {
        f"{suite}: {group}": counts
        for suite, each in facts["behaviours"].items()
        for group, counts in {**each["groups"], "all": each["all"]}.items()
    }
    return [*lines, "### Texts written to be got wrong", "", *_table(("right", "of"), ("right", "of"), suites), ""]


def _flat(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "items": each["items"],
        "harmful rumors wanting attention": each["attention"]["recall_of_harmful_rumors"],
        "all wanting attention": each["attention"]["passed"],
        "rumor recall": each["rumor"]["recall"],
        "rumor precision": each["rumor"]["precision"],
        "corrections as rumor": each["corrections"]["shown_as_rumor"],
        "health recall": each["health"]["recall"],
        "kind F1": each["kind"]["macro_f1"],
        "stance F1": each["stance"]["macro_f1"],
        "harm F1": each["harm"]["macro_f1"],
    }


def _of_one(figures: Mapping[str, Any]) -> list[str]:
    rows = [(key, value) for key, value in figures.items() if key != "sha256"]
    lines = ["## Figures", "", "| figure | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows), ""]
    return [*lines, f"sha256 of the data: `{figures['sha256'][:_SHOWN_DIGITS]}…`.", ""]


def _claims(figures: Mapping[str, Any]) -> list[str]:
    rows = {}
    for way, shown in (("joint", "words and vectors"), ("words", "words alone")):
        if way in figures:
            rows[shown] = figures[way]
            rows |= {f"{shown}: {form}": each for form, each in figures[way]["by_form"].items()}
    columns = [key for key, value in figures["words"].items() if not isinstance(value, dict)]
    lines = ["## Figures on the measuring part", ""]
    lines += [f"{figures['queries']} texts, {figures['about_a_claim']} about a claim; sha256:", ""]
    lines += [f"- {corpus}: `{sha256[:_SHOWN_DIGITS]}…`" for corpus, sha256 in figures["corpora"].items()]
    return [*lines, "", *_table(columns, columns, rows), ""]


def _places(figures: Mapping[str, Any]) -> list[str]:
    rows = {"all": figures["all"]}
    rows |= {f"{kind}: {key}": each for kind, by in _PARTS for key, each in figures.get(by, {}).items()}
    rows |= {f"how: {key}": each for key, each in figures["by_how"].items()}
    columns = list(figures["all"])
    lines = ["## Figures: provinces, against the labels of the own corpus", "", *_table(columns, columns, rows), ""]
    lines += ["`same`: the share of items whose provinces are just those of the label.", ""]
    return [*lines, f"sha256 of the corpus: `{figures['sha256'][:_SHOWN_DIGITS]}…`.", ""]


def _table(columns: Iterable[str], shown: Sequence[str], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    columns = list(columns)
    lines = [f"| part | {' | '.join(name.replace('_', ' ') for name in shown)} |", f"|---|{'---|' * len(shown)}"]
    for name, row in rows.items():
        values = [row.get(column) for column in columns]
        lines.append(f"| {name} | {' | '.join('' if value is None else str(value) for value in values)} |")
    return lines


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"
