"""Learn: what the desk says becomes heads and numbers of narration, when these are better; the way back as well."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import wiring
from flows.parts import Parts
from flows.watching import held
from models import versions

if TYPE_CHECKING:
    from models.heads import Head
    from models.landmarks import Landmarks
    from models.learn_narration import Learnt as NarrationLearnt
    from models.learning import Said
    from models.weights import Weights
    from records.narrative import NarrativePair

#: Two learnings of one store never meet, wherever they run.
LEARN_LEASE = "learn"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a roll-back does: `before` was in use, `to` is. `version`: that the assessor then writes on assessments."""

    before: str
    to: str
    version: str


def new_words(parts: Parts) -> int:
    """Corrections, and arrangements of narratives, that no learning has looked at yet. To agree is nothing new."""
    seen = _looked_until(parts)
    words = [correction for correction, _ in parts.store.reader.corrections()]
    said = [word.at for word in words if word.person_said != word.model_said]
    said += [at for _, at in _arrangements(parts.store.narration.pairs())]
    return sum(seen is None or at > seen for at in said)


def _arrangements(pairs: Sequence[NarrativePair]) -> set[tuple[str, datetime]]:
    """Who did it, and when."""
    return {(pair.actor, pair.at) for pair in pairs}


def learn_when_due(parts: Parts, now: datetime) -> str:
    """What the schedule does: nothing before `models.learn_corrections` new words; 0 learns never. What was done."""
    wanted, new = parts.settings.models.learn_corrections, new_words(parts)
    if not wanted or new < wanted:
        return f"{new} new corrections; {wanted} are wanted" if wanted else "switched off"
    return f"in use: {learn(parts, now)['version'] or 'as before'}"


def learn(
    parts: Parts,
    now: datetime,
    *,
    dry_run: bool = False,
    again: bool = False,
    shared: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Judge what the desk's corrections and arrangements would change, and use what is better; the report.

    A dry run judges and trains as well, and leaves nothing behind but vectors of texts, which the next need not make
    again. Without one that no learning has looked at nothing is done, unless `again`. Raises LeaseTaken while another
    is at it.
    """
    with held(parts.store.leases, LEARN_LEASE):
        return _learn(parts, now, dry_run=dry_run, again=again, shared=shared, progress=progress)


def _learn(
    parts: Parts, now: datetime, *, dry_run: bool, again: bool, shared: Path | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    from models import learning

    began, heads = time.monotonic(), wiring.heads_folder(parts.settings)
    reader = parts.store.reader
    corrections, said = learning.usable(reader.corrections())
    pairs = parts.store.narration.pairs()
    report: dict[str, Any] = {
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "in_use_before": versions.in_use(heads),
        "version": None,
        "dry_run": dry_run,
        "new": new_words(parts),
        **_told(said),
        "arrangements": len(_arrangements(pairs)),
        "judgements": [],
        "seconds": 0.0,
    }
    if not (corrections or pairs) or not (report["new"] or again):
        return report
    progress(
        f"{report['corrections']} corrections and {report['arrangements']} arrangements of narratives, of which"
        f" {report['new']} are new; in use: {report['in_use_before']}"
    )
    learnt = learning.Learnt((), ())
    if corrections:
        in_use, idf, landmarks = _heads_in_use(heads)
        learnt = learning.learn(
            parts.encoder,
            in_use,
            idf,
            landmarks,
            _vectors_folder(parts),
            corrections,
            reader.corrected_narratives(),
            _known_until(heads),
            shared=shared,
            progress=progress,
        )
    narration = _learn_narration(parts, pairs, progress)
    report["judgements"] = [dataclasses.asdict(one) for one in (*learnt.judgements, narration.judgement)]
    looked = [correction.at for correction, _ in corrections] + [pair.at for pair in pairs]
    report["looked_until"] = max(looked).astimezone(UTC).isoformat()
    report["seconds"] = round(time.monotonic() - began, 1)
    if dry_run:
        return report
    taken = [one["head"] for one in report["judgements"] if one["taken"]]
    if taken:
        report["version"] = _put_in_use(heads, learnt.heads, narration.weights, report, now)
    versions.keep_report(heads, now, report)
    words = said.words, report["arrangements"]
    log.info("learnt from %d corrections and %d arrangements; taken: %d", *words, len(taken))
    return report


def _learn_narration(parts: Parts, pairs: Sequence[NarrativePair], progress: Callable[[str], None]) -> NarrationLearnt:
    from models import learn_narration
    from models.narration import SIMILARITY
    from models.vectors import VectorCache

    narratives = parts.settings.narratives
    in_use = learn_narration.Narration(
        timedelta(days=narratives.window_days),
        SIMILARITY if narratives.similarity is None else narratives.similarity,
        wiring.narration_weights(parts.settings),
    )
    vectors = VectorCache(parts.encoder, _vectors_folder(parts))
    known = _known_until(wiring.heads_folder(parts.settings)).get(learn_narration.NAME)
    return learn_narration.learn(pairs, vectors, in_use, known, progress=progress)


def _vectors_folder(parts: Parts) -> Path:
    return parts.settings.home / "models" / "vectors"


def _told(said: Said) -> dict[str, Any]:
    return {
        "corrections": said.words,
        "persons": said.persons,
        "largest_share": said.largest_share,
        "contradicted": [list(one) for one in said.contradicted],
        "unusable": said.unusable,
    }


def _put_in_use(
    heads: Path,
    learnt: tuple[Head, ...],
    weights: Weights | None,
    report: dict[str, Any],
    now: datetime,
) -> str:
    """The new version beside the others, then the one switch."""
    taken = [one["head"] for one in report["judgements"] if one["taken"]]
    known = {name: until.isoformat() for name, until in _known_until(heads).items()}
    known |= dict.fromkeys(taken, report["looked_until"])
    staged = versions.stage(heads, now)
    for head in learnt:
        head.save(staged)
    if weights:
        weights.save(staged)
    told = {
        "made": report["at"],
        "from": report["in_use_before"],
        "corrections": report["corrections"],
        "arrangements": report["arrangements"],
        "taken": taken,
        "known_until": known,
        "judgements": report["judgements"],
    }
    name = versions.publish(staged, told)
    versions.use(heads, name, now, "learnt")
    return name


def roll_back(parts: Parts, to: str | None, now: datetime, *, dry_run: bool = False) -> Rollback:
    """Use the version `to` again, or the one before. Its heads are read first: a damaged one is refused.

    Raises InputError when there is no such version, ModelMismatch when it cannot be read.
    """
    from models import weights
    from models.assessor import load_assessor

    heads = wiring.heads_folder(parts.settings)
    with held(parts.store.leases, LEARN_LEASE):
        before = versions.in_use(heads)
        wanted = versions.known(heads, to) if to else versions.earlier(heads)
        threshold, home = parts.settings.models.filter_threshold, parts.settings.department.province
        folder = versions.folder_of(heads, wanted)
        version = load_assessor(parts.encoder, filter_threshold=threshold, heads_folder=folder, home=home).version
        weights.load(folder)
        if not dry_run and wanted != before:
            versions.use(heads, wanted, now, versions.ROLLED_BACK)
            log.info("rolled back from %s to %s", before, wanted)
        return Rollback(before, wanted, version)


def _heads_in_use(heads: Path) -> tuple[dict[str, Head], Any, Landmarks]:
    from models.heads import IDF_FILE, NAMES, SHIPPED, load_idf
    from models.landmarks import LANDMARKS_FILE, load_landmarks
    from models.training import load_heads

    folder = versions.folder_to_load(heads)
    found = load_heads(folder if folder.is_dir() else None, NAMES)
    idf = load_idf(folder if (folder / IDF_FILE).is_file() else SHIPPED)
    landmarks = load_landmarks(folder if (folder / LANDMARKS_FILE).is_file() else SHIPPED)
    return {head.name: head for head in found}, idf, landmarks


def _known_until(heads: Path) -> dict[str, datetime]:
    """Head in use → the last correction that it has learnt; what `tin3c models train` left knew those of its time, and
    the shipped heads know none."""
    if not versions.fits(versions.folder_in_use(heads)):
        return {}
    name = versions.in_use(heads)
    if name != versions.BASE:
        known = versions.about(heads, name).get("known_until", {})
        return {head: datetime.fromisoformat(until) for head, until in known.items()}
    return {
        file.stem: datetime.fromtimestamp(file.stat().st_mtime, UTC)
        for file in heads.glob("*.json")
        if file.stem != "claims" and file.with_suffix(".npz").is_file()
    }


def _looked_until(parts: Parts) -> datetime | None:
    reports = versions.reports(wiring.heads_folder(parts.settings))
    return max((datetime.fromisoformat(one["looked_until"]) for one in reports if "looked_until" in one), default=None)
