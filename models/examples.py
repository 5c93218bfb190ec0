"""Rows to learn from: the project's own corpus, the local-only shared data, and the desk's corrections."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.assessment import AssessableItem, Correction
from records.errors import ModelMissing
from records.item import Item
from records.source import Owner
from records.text import fold, normalize

OWN_CORPUS = Path(__file__).parent / "corpus"
#: Texts that share a run of so many words are near-duplicates, and stay on one side of every split.
RUN_OF_WORDS = 8
_CORRECTED_WEIGHT, _AGREED_WEIGHT = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """`labels`: field → label, of the fields that this row teaches. `group`: never split. `channel`: for figures."""

    item: AssessableItem
    origin: str  # corpus, desk, or the name of a shared file
    group: str
    labels: dict[str, str]
    channel: str = ""
    weight: float = 1.0
    narrative: str = ""
    spelling: str = "full"
    original: AssessableItem | None = None  # of an augmented copy: learnt from, never measured

    @property
    def copy(self) -> bool:
        return self.original is not None

    def unmarked(self, weight: float = 0.5) -> Row:
        """The same without marks and without its owner, as a stranger would type it; `weight`: beside this row's."""
        item = dataclasses.replace(
            self.item,
            title=_unmarked(self.item.title),
            text=_unmarked(self.item.text),
            context=_unmarked(self.item.context),
            owner=None,
            source="",
        )
        return dataclasses.replace(self, item=item, weight=weight * self.weight, original=self.item)


def _unmarked(text: str) -> str:
    return fold(normalize(text))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise ModelMissing(f"{path.name}: {error.strerror}") from error


def sha256_of(paths: Iterable[Path]) -> str:
    """One hash for files in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def own_corpus(folder: Path = OWN_CORPUS) -> list[Row]:
    """Every row of the project's own writing, by file name and line."""
    rows = []
    for path in sorted(folder.glob("part_*.jsonl")):
        for values in read_jsonl(path):
            labels = {name: values[name] for name in ("kind", "stance", "harm")}
            labels |= {name: "yes" if values[name] else "no" for name in ("health", "attention")}
            labels["topic"] = values["topic"] or "none"
            # A comment has no title of its own: it is that of the article that it stands under.
            title, above = values.get("title") or "", ""
            if values["channel"] == "comment":
                title, above = "", title
            item = AssessableItem(
                id=values["id"], text=values["text"], title=title, context=above, owner=Owner(values["owner"])
            )
            rows.append(
                Row(
                    item,
                    "corpus",
                    f"corpus:{values['narrative']}",
                    labels,
                    values["channel"],
                    narrative=values["narrative"],
                    spelling=values["spelling"],
                )
            )
    return rows


def desk_rows(corrections: Sequence[tuple[Correction, Item]]) -> list[Row]:
    """The officers' last word on each field, of items as the machine reads them: with their owner and context.

    Of an item one row with what they corrected and one with what they agreed to, where they did. To agree takes less
    thought: it weighs what a row of the corpus does, a correction twice that.
    """
    read: dict[str, AssessableItem] = {}
    said: dict[str, dict[str, tuple[str, str]]] = {}  # item → field → (the machine's answer, the last person's)
    for correction, item in corrections:
        read[item.id] = AssessableItem(
            id=item.id, text=item.own_text, title=item.title, context=item.context, owner=correction.owner
        )
        fields = said.setdefault(item.id, {})
        machine, _ = fields.get(correction.about, (_label(correction.model_said), ""))
        fields[correction.about] = machine, _label(correction.person_said)
    rows = []
    for id, fields in said.items():
        for agreed, weight in ((False, _CORRECTED_WEIGHT), (True, _AGREED_WEIGHT)):
            labels = {field: person for field, (machine, person) in fields.items() if (machine == person) is agreed}
            if labels:
                rows.append(Row(read[id], "desk", f"desk:{id}", labels, "desk", weight))
    return rows


def _label(answer: str) -> str:
    return {"true": "yes", "false": "no", "": "none"}.get(answer.lower(), answer)


#: Shared file → (weight of a row, one in so many is used). All questions are health: much weight would teach that
#: asking is. They are drawn by hash, so that the draw is always the same.
SHARED_HEALTH = {
    "health_news": (1.0, 1),
    "health_titles": (1.0, 1),
    "health_comments": (0.25, 1),
    "health_questions": (0.5, 16),
}
COMMENTS_ALONE = "health_comments_alone"
#: Of the articles, one in so many has its comments taken alone, too.
_ALONE = 4
_ALONE_WEIGHT = 0.5


def shared_health(folder: Path) -> list[Row]:
    """A title that is a row, the comments below it, and whatever shares a run of words with it are one group."""
    found = []
    for name, (_, part) in SHARED_HEALTH.items():
        values = read_jsonl(folder / f"{name}.jsonl")
        found += [(name, row) for row in values if drawn(row.get("title") or row["text"], part)]
    groups = near_duplicates([row.get("title") or row["text"] for _, row in found])
    rows = []
    for (name, row), number in zip(found, groups, strict=True):
        item = AssessableItem(id=row["id"], text=row["text"], title=row.get("title", ""))
        labels, group = {"health": "yes" if row["label"] else "no"}, f"health:{number}"
        rows.append(Row(item, name, group, labels, name, SHARED_HEALTH[name][0]))
        if name == "health_comments" and not row["label"] and drawn(item.title, _ALONE):
            # Alone, too: ordinary talk, which the corpus of health talk has little of. A comment under a health
            # article says often nothing of health, so those are not taken alone.
            alone = dataclasses.replace(item, title="")
            rows.append(Row(alone, COMMENTS_ALONE, group, labels, COMMENTS_ALONE, _ALONE_WEIGHT))
    return rows


def drawn(text: str, part: int) -> bool:
    """Whether it is one of so many, by hash: always the same ones."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % part == 0


def shared_reliability(folder: Path) -> list[Row]:
    """A text that stands there more than once is one row."""
    values = list({normalize(row["text"]): row for row in read_jsonl(folder / "reliability.jsonl")}.values())
    groups = near_duplicates([row["text"] for row in values])
    return [
        Row(
            AssessableItem(id=row["id"], text=row["text"]),
            "reliability",
            f"reliability:{group}",
            {"reliability": "yes" if row["label"] else "no"},
            "reliability",
        )
        for row, group in zip(values, groups, strict=True)
    ]


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """A group's number for each text; texts that share a run of RUN_OF_WORDS words are in one."""
    parents = list(range(len(texts)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first_with: dict[str, int] = {}
    for place, text in enumerate(texts):
        words = _unmarked(text).split()
        for start in range(max(1, len(words) - RUN_OF_WORDS + 1)):
            run = " ".join(words[start : start + RUN_OF_WORDS])
            one, other = root(first_with.setdefault(run, place)), root(place)
            parents[max(one, other)] = min(one, other)
    return [root(place) for place in range(len(texts))]
