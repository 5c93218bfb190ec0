"""The desk's heads, version beside version, and one small file that says which is in use.

    models/heads/                    what `tin3c models train` left here; without it the shipped heads are in use
    models/heads/20260302T030000Z/   a version that was learnt: its heads with all that they need, and version.json
    models/heads/in_use.json         every switch, the last one holds; without it the folder itself is in use
    models/heads/learnings/          one report for each learning

A version is written under another name first and renamed when it is whole, and the switch is one rename: a kill
anywhere leaves the version in use as it was. Heads, the weights of n-grams and landmarks belong together: a version has
them all, so that those that a later program ships are never mixed with them. What narration learnt (models/weights.py)
lies beside them and goes by itself: every new version has that of the one in use, unless it learns it anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import remains, weights
from records.errors import InputError, ModelMismatch

#: The heads that no learning made: those of the folder itself, and where there are none, the shipped ones.
BASE = "base"
#: Why a switch was made, where it went back: what lies between was given up.
ROLLED_BACK = "rolled back"
_NAME = re.compile(r"\d{8}T\d{6}Z")
_SWITCHES, _ABOUT, _REPORTS, _STAGED = "in_use.json", "version.json", "learnings", ".staged"
_SHOWN_REPORTS = 20


@dataclass(frozen=True, slots=True)
class Version:
    """`about`: what its learning wrote of it, nothing of the base. `since`: when the one in use was switched to.
    `fits`: whether its heads read the features of this program; where they do not, the shipped ones are used."""

    name: str
    in_use: bool
    since: str
    about: dict[str, Any]
    fits: bool = True


def in_use(heads: Path) -> str:
    """The version in use. Raises ModelMismatch when the file that says it cannot be read."""
    switches = _switches(heads)
    return str(switches[-1]["version"]) if switches else BASE


def folder_in_use(heads: Path) -> Path:
    """Where its heads are. Raises ModelMismatch when they are gone."""
    name = in_use(heads)
    if name != BASE and not (heads / name / _ABOUT).is_file():
        raise ModelMismatch(f"the version {name} is in use and not in {heads}: `tin3c models rollback {BASE}`")
    return folder_of(heads, name)


def folder_of(heads: Path, name: str) -> Path:
    return heads if name == BASE else heads / name


def fits(folder: Path) -> bool:
    """Whether no head in `folder` was learnt on other features than this program's. What is damaged is not judged here:
    who loads it hears of it."""
    from models.heads import FEATURES, NAMES

    for name in NAMES:
        try:
            words = json.loads((folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(words, dict) and words.get("features", FEATURES) != FEATURES:
            return False
    return True


def folder_to_load(heads: Path) -> Path:
    """Where the heads are that are to be loaded, all from there: of the version in use, and as a whole the shipped ones
    where it does not fit this program. Raises ModelMismatch as `folder_in_use` does."""
    from models.heads import SHIPPED

    folder = folder_in_use(heads)
    return folder if fits(folder) else SHIPPED


def about(heads: Path, name: str) -> dict[str, Any]:
    return {} if name == BASE else _read(heads / name / _ABOUT)


def listed(heads: Path) -> tuple[Version, ...]:
    """Newest first, the base last."""
    found = [path.name for path in heads.iterdir() if _is_version(path)] if heads.is_dir() else []
    now, switches = in_use(heads), _switches(heads)
    since = str(switches[-1]["at"]) if switches else ""
    names = [*sorted(found, reverse=True), BASE]
    return tuple(
        Version(name, name == now, since if name == now else "", about(heads, name), fits(folder_of(heads, name)))
        for name in names
    )


def known(heads: Path, name: str) -> str:
    """`name`. Raises InputError when there is no such version: whatever was typed, it is no path."""
    if name != BASE and not (_NAME.fullmatch(name) and _is_version(heads / name)):
        raise InputError(f"there is no version {name!r}: `tin3c models list` names them")
    return name


def earlier(heads: Path) -> str:
    """What was in use before, without what was rolled back from since: again and again it goes to the base. Raises
    InputError when nothing was."""
    names = [BASE]
    for switch in _switches(heads):
        name = str(switch["version"])
        if switch.get("why") == ROLLED_BACK and name in names:
            while names[-1] != name:
                names.pop()
        elif name != names[-1]:
            names.append(name)
    for name in reversed(names[:-1]):
        if name != names[-1] and (name == BASE or _is_version(heads / name)):
            return name
    raise InputError(f"{names[-1]} is in use, and nothing was before it: `tin3c models list` names what there is")


def stage(heads: Path, made: datetime) -> Path:
    """A new version's folder under another name, whole: the heads in use and all that they need are in it. Remains of
    killed ones go."""
    heads.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in heads.glob(f"{_STAGED}-*"):
        shutil.rmtree(left)
    staged = heads / f"{_STAGED}-{made.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    staged.mkdir(mode=0o700)
    _copy_shipped(staged)
    _copy(folder_to_load(heads), staged)
    _keep_narration(heads, staged)
    return staged


def publish(staged: Path, told: dict[str, Any]) -> str:
    """The staged version gets its name: it is whole, and not in use yet."""
    _write(staged / _ABOUT, told)
    name = staged.name.removeprefix(f"{_STAGED}-")
    staged.rename(staged.parent / name)
    return name


@contextmanager
def trained(heads: Path) -> Iterator[Path]:
    """A whole folder to train heads in; what is in it is the base when the block ends well. Heads of the base that read
    n-grams or landmarks otherwise than the shipped ones are not in it: training without the shared data goes by
    those. Remains of killed ones go."""
    heads.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in heads.glob(".trained-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".trained-", dir=heads) as name:
        folder = Path(name)
        _copy_shipped(folder)
        if fits(heads) and _reads_as_shipped(heads):
            _copy(heads, folder)
        _keep_narration(heads, folder)
        yield folder
        # Without its words a head is as shipped: one that is replaced is never half the old one.
        for file in _files(folder):
            (heads / file.name).with_suffix(".json").unlink(missing_ok=True)
        (heads / weights.FILE).unlink(missing_ok=True)
        for file in sorted(_files(folder), key=lambda file: file.suffix, reverse=True):
            file.replace(heads / file.name)


def use(heads: Path, name: str, at: datetime, why: str) -> None:
    """Switch to the version `name`. Raises InputError when there is none."""
    switch = {"version": known(heads, name), "at": at.astimezone(UTC).isoformat(timespec="seconds"), "why": why}
    heads.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(heads / _SWITCHES, {"switches": [*_switches(heads), switch]})


def keep_report(heads: Path, at: datetime, report: dict[str, Any]) -> None:
    folder = heads / _REPORTS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json", report)


def reports(heads: Path) -> tuple[dict[str, Any], ...]:
    """Of the last learnings, newest first."""
    files = sorted((heads / _REPORTS).glob("*.json"), reverse=True)[:_SHOWN_REPORTS]
    return tuple(_read(file) for file in files)


def _files(folder: Path) -> list[Path]:
    """Heads and what they need."""
    return [
        file
        for file in sorted(folder.iterdir())
        if file.suffix in {".json", ".npz"} and file.stem != "claims" and file.name not in {_SWITCHES, _ABOUT}
    ]


def _copy(folder: Path, to: Path) -> None:
    for file in _files(folder):
        shutil.copy2(file, to)


def _keep_narration(heads: Path, to: Path) -> None:
    (to / weights.FILE).unlink(missing_ok=True)
    if (file := folder_in_use(heads) / weights.FILE).is_file():
        shutil.copy2(file, to)


def _copy_shipped(to: Path) -> None:
    """With the time 0: a shipped head knows no correction, whenever the program was installed (flows/learn.py)."""
    from models.heads import SHIPPED

    for file in _files(SHIPPED):
        os.utime(shutil.copyfile(file, to / file.name), (0, 0))


def _reads_as_shipped(folder: Path) -> bool:
    from models.heads import IDF_FILE, SHIPPED
    from models.landmarks import LANDMARKS_FILE

    own = [folder / name for name in (IDF_FILE, LANDMARKS_FILE) if (folder / name).is_file()]
    return all(file.read_bytes() == (SHIPPED / file.name).read_bytes() for file in own)


def _is_version(path: Path) -> bool:
    return bool(_NAME.fullmatch(path.name)) and (path / _ABOUT).is_file()


def _switches(heads: Path) -> list[dict[str, Any]]:
    file = heads / _SWITCHES
    if not file.is_file():
        return []
    try:
        switches: list[dict[str, Any]] = _read(file)["switches"]
        if not all(one["version"] == BASE or _NAME.fullmatch(one["version"]) for one in switches):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise ModelMismatch(f"{file.name} of the heads cannot be read") from error
    return switches


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMismatch(f"{file.name} of the heads cannot be read") from error
    if not isinstance(found, dict):
        raise ModelMismatch(f"{file.name} of the heads cannot be read")
    return found


def _write(file: Path, values: dict[str, Any]) -> None:
    """Whole or not at all, and on the disk before it has its name."""
    remains.clear(file.parent, ".*.json.*")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as open_file:
        json.dump(values, open_file, ensure_ascii=False, indent=1)
        open_file.flush()
        os.fsync(open_file.fileno())
    part.replace(file)
