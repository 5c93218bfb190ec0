"""`tin3c models learn|list|rollback|drift`: the desk's words become heads, and back; whether anything moves."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from flows.parts import Parts

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]

_WHY = {
    "better": "better on the desk's held-out words, and not worse on the fixed set",
    "no_words": "nobody has corrected it",
    "nothing_new": "it knows everything that was said",
    "not_here": "the texts that it learns from are not here (../shared/data)",
    "too_few": "too little to measure it on",
    "not_better": "not better than the one in use on the desk's held-out words",
    "not_better_than_shipped": "not better than the shipped one on the desk's held-out words",
    "worse_on_fixed": "worse than the one in use on the fixed set",
    "worse_than_shipped": "on the fixed set it would lose too much against the shipped one, over all learnings",
    "below_floor": "below its floor on the fixed set",
    "others_worse": "a head that stands on it would be worse",
}


def learn(
    dry_run: _DryRun = False,
    again: Annotated[bool, typer.Option("--again", help="Also when nothing is new.")] = False,
    as_json: _Json = False,
) -> None:
    """Learn from the desk's corrections and from how it arranged narratives; nothing is changed but for the better."""
    from console.cli.models import shared_folder
    from flows import learn as learning

    with_parts = _parts()
    try:
        report = learning.learn(
            with_parts, datetime.now(UTC), dry_run=dry_run, again=again, shared=shared_folder(), progress=_progress()
        )
    finally:
        with_parts.close()
    _tell(report, as_text(report), as_json)


def list_versions(as_json: _Json = False) -> None:
    """The versions of the heads: which is in use, when and from how many corrections each was learnt, with figures."""
    from flows import wiring
    from flows.settings import load
    from models import versions

    found = versions.listed(wiring.heads_folder(load()))
    lines = []
    for version in found:
        told = version.about
        made = f"{told['made']}  from {_counted(told)}: " if told else "as shipped, or as trained here"
        heads = [one for one in told.get("judgements", ()) if one["taken"]]
        figures = ", ".join(f"{one['head']} {_change(one)}" for one in heads)
        instead = ": the shipped heads are used instead" if version.in_use else ""
        unfit = "" if version.fits else f"  (does not fit this program{instead})"
        lines.append(f"{'*' if version.in_use else ' '} {version.name:16}  {made}{figures}{unfit}")
    facts = {
        "versions": [
            {"name": one.name, "in_use": one.in_use, "since": one.since, "fits": one.fits} | one.about for one in found
        ],
    }
    _tell(facts, "\n".join(lines), as_json)


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="Of `models list`; the one before when absent, and again the one before that.")
    ] = None,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Use an earlier version again. What was assessed or placed stays as it is; what waits goes by it."""
    from flows import learn as learning

    with_parts = _parts()
    try:
        done = learning.roll_back(with_parts, version, datetime.now(UTC), dry_run=dry_run)
        waiting = with_parts.store.reader.counts()["to_assess"]
    finally:
        with_parts.close()
    facts = {"before": done.before, "to": done.to, "assessor": done.version, "waiting": waiting, "dry_run": dry_run}
    if done.to == done.before:
        _tell(facts, f"{done.to} is in use already (assessor {done.version}): nothing changes.", as_json)
        return
    would = "would be" if dry_run else "is"
    back = "This was a dry run: nothing changed." if dry_run else f"Back: `tin3c models rollback {done.before}`."
    text = (
        f"{done.to} {would} in use instead of {done.before} (assessor {done.version}).\n"
        f"Items that are assessed keep their assessment. {waiting} wait and go by the heads that the next run loads.\n"
        f"{back}"
    )
    _tell(facts, text, as_json)


def drift(as_json: _Json = False) -> None:
    """What the machine said and persons corrected in the last seven whole days, against the eight weeks before."""
    from flows.drift import look

    with_parts = _parts()
    try:
        found = look(with_parts.store.reader, datetime.now(UTC))
    finally:
        with_parts.close()
    lines, facts = [], []
    for share in found.shares:
        low, high = share.interval
        counts = f"{share.part:,} of {share.whole:,}"
        now = f"{share.now:6.1%} ({low:.1%} to {high:.1%}; {counts})" if share.whole else "nothing"
        before = f"{share.before:6.1%} of {share.whole_before:,}" if share.whole_before else "nothing"
        lines.append(f"{'!' if share.moved else ' '} {share.name:26} {now}; before {before}")
        facts.append(asdict(share) | {"low": low, "high": high, "moved": share.moved})
    weeks = [asdict(week) | {"since": week.since.isoformat()} for week in found.weeks]
    _tell({"shares": facts, "weeks": weeks}, "\n".join(lines), as_json)


def _parts() -> Parts:
    from flows import parts as parts_
    from flows.settings import load

    return parts_.use(load())


def as_text(report: dict[str, Any]) -> str:
    lines = [
        f"{_counted(report)} ({report['new']} new); corrections by {report['persons']} persons, who differ on"
        f" {len(report['contradicted'])} answers (the newest word is taken); {report['unusable']} unusable."
    ]
    if not report["judgements"]:
        nothing = not (report["corrections"] or report["arrangements"])
        why = "Nobody has corrected or arranged anything" if nothing else "`--again` looks at all of them once more"
        return f"{lines[0]}\nNothing new to learn. {why}; in use: {report['in_use_before']}."
    yes = "would be taken" if report["dry_run"] else "taken"
    for one in report["judgements"]:
        taken = yes if one["taken"] else "stays"
        lines.append(f"{one['head']:10} {taken}: {_WHY[one['why']]}" + (f" ({_change(one)})" if _measured(one) else ""))
    return "\n".join([*lines, f"{_outcome(report)} ({report['seconds']:.0f} s)"])


def _outcome(report: dict[str, Any]) -> str:
    before = report["in_use_before"]
    if report["version"]:
        return f"{report['version']} is in use instead of {before}. Back: `tin3c models rollback`."
    if not report["dry_run"]:
        return f"{before} stays in use."
    taken = ", ".join(one["head"] for one in report["judgements"] if one["taken"])
    would = f"a new version would be in use, with these anew: {taken}" if taken else f"{before} would stay in use"
    return f"This was a dry run: nothing changed. Without it {would}."


def _counted(told: dict[str, Any]) -> str:
    """What was learnt from; earlier versions knew of no arrangements."""
    return f"{told['corrections']} corrections, {told.get('arrangements', 0)} arrangements of narratives"


def _measured(one: dict[str, Any]) -> bool:
    return one["desk_before"] is not None


def _change(one: dict[str, Any]) -> str:
    return (
        f"desk {one['desk_before']:.2f} → {one['desk_after']:.2f} of {one['held_out']},"
        f" fixed {one['fixed_before']:.3f} → {one['fixed_after']:.3f} of {one['fixed_rows']}"
    )


def _progress() -> Callable[[str], None]:
    """Lines with the seconds that have gone."""
    began = time.monotonic()
    return lambda text: typer.echo(f"{time.monotonic() - began:5.0f} s  {text}", err=True)


def _tell(facts: dict[str, Any], text: str, as_json: bool) -> None:
    sys.stdout.write((json.dumps(facts, ensure_ascii=False) if as_json else text) + "\n")
