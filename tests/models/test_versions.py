"""Versions of the heads in a folder: staged, named, switched to, and back, and what a kill leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import versions
from models.heads import SHIPPED
from records.errors import InputError, ModelMismatch

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def made(heads: Path, at: datetime, kind: str) -> str:
    staged = versions.stage(heads, at)
    (staged / "kind.json").write_text(kind, "utf-8")
    return versions.publish(staged, {"made": at.isoformat(), "corrections": 9})


def test_without_a_version_the_folder_itself_is_in_use(tmp_path: Path) -> None:
    assert versions.in_use(tmp_path / "none") == versions.BASE
    assert versions.folder_in_use(tmp_path) == tmp_path
    assert [one.name for one in versions.listed(tmp_path)] == [versions.BASE]
    with pytest.raises(InputError):
        versions.earlier(tmp_path)


def test_a_version_begins_as_the_one_in_use_and_is_used_once_switched_to(tmp_path: Path) -> None:
    (tmp_path / "topic.json").write_text("trained", "utf-8")
    (tmp_path / "claims.json").write_text("of the matching", "utf-8")
    first = made(tmp_path, NOW, "first")
    assert versions.in_use(tmp_path) == versions.BASE, "it is whole, and not in use yet"
    versions.use(tmp_path, first, NOW, "learnt")
    second = made(tmp_path, NOW + timedelta(days=7), "second")
    versions.use(tmp_path, second, NOW + timedelta(days=7), "learnt")
    folder = versions.folder_in_use(tmp_path)
    assert {file.name for file in folder.iterdir()} == {"version.json", *(file.name for file in SHIPPED.iterdir())}
    assert (folder / "topic.json").read_text("utf-8") == "trained"
    assert (folder / "idf.npz").read_bytes() == (SHIPPED / "idf.npz").read_bytes(), "whatever a later program ships"
    assert [(one.name, one.in_use) for one in versions.listed(tmp_path)] == [
        (second, True),
        (first, False),
        (versions.BASE, False),
    ]
    assert versions.earlier(tmp_path) == first
    versions.use(tmp_path, first, NOW + timedelta(days=8), "rolled back")
    assert (versions.folder_in_use(tmp_path) / "kind.json").read_text("utf-8") == "first"


def test_rolling_back_again_goes_on_to_the_base_and_not_to_what_was_given_up(tmp_path: Path) -> None:
    def rolled_back(to: str | None = None) -> str:
        name = to or versions.earlier(tmp_path)
        versions.use(tmp_path, name, NOW, versions.ROLLED_BACK)
        return name

    def learnt(days: int) -> str:
        name = made(tmp_path, NOW + timedelta(days=days), "learnt")
        versions.use(tmp_path, name, NOW, "learnt")
        return name

    first, second = learnt(0), learnt(7)
    assert [rolled_back(), rolled_back()] == [first, versions.BASE]
    with pytest.raises(InputError, match="base is in use, and nothing was before it"):
        rolled_back()
    rolled_back(second)  # it is wanted after all
    assert rolled_back() == versions.BASE
    rolled_back(first)
    third = learnt(14)
    assert rolled_back(second) == second, "by its name, whichever was in use"
    assert [rolled_back(), rolled_back(), rolled_back()] == [third, first, versions.BASE]


def test_heads_that_fit_no_more_are_not_taken_into_a_version(tmp_path: Path) -> None:
    (tmp_path / "topic.json").write_text('{"features": "0"}', "utf-8")
    (tmp_path / "idf.npz").write_bytes(b"of other features")
    staged = versions.stage(tmp_path, NOW)
    assert versions.fits(staged) and (staged / "idf.npz").read_bytes() == (SHIPPED / "idf.npz").read_bytes()


@pytest.mark.parametrize("idf", ["shipped", "own"])
def test_what_was_trained_is_whole_and_of_one_kind(tmp_path: Path, idf: str) -> None:
    shipped = (SHIPPED / "idf.npz").read_bytes()
    (tmp_path / "idf.npz").write_bytes(shipped if idf == "shipped" else b"weighed here")
    (tmp_path / "topic.json").write_text('{"trained": "before"}', "utf-8")
    (tmp_path / "claims.json").write_text("of the matching", "utf-8")
    with pytest.raises(KeyboardInterrupt), versions.trained(tmp_path) as folder:
        (folder / "kind.json").write_text("half", "utf-8")
        raise KeyboardInterrupt
    assert {file.name for file in tmp_path.iterdir()} == {"idf.npz", "topic.json", "claims.json"}
    with versions.trained(tmp_path) as folder:
        (folder / "kind.json").write_text("trained now", "utf-8")
    assert (tmp_path / "kind.json").read_text("utf-8") == "trained now"
    assert (tmp_path / "idf.npz").read_bytes() == shipped
    assert ("before" in (tmp_path / "topic.json").read_text("utf-8")) == (idf == "shipped")
    assert {file.name for file in tmp_path.iterdir()} == {"claims.json", *(file.name for file in SHIPPED.iterdir())}
    assert (tmp_path / "health.json").stat().st_mtime == 0, "it knows no correction"


def test_what_a_killed_learning_left_is_never_in_use_and_goes_with_the_next(tmp_path: Path) -> None:
    killed = versions.stage(tmp_path, NOW)
    (killed / "kind.json").write_text("half", "utf-8")
    assert versions.in_use(tmp_path) == versions.BASE and len(versions.listed(tmp_path)) == 1
    made(tmp_path, NOW + timedelta(days=1), "whole")
    assert not killed.exists() and len(versions.listed(tmp_path)) == 2


@pytest.mark.parametrize("name", ["", "..", "../../etc", "20260302T030000Z", "learnings", "20260302T030000Z/../.."])
def test_only_a_version_that_is_there_can_be_used(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        versions.use(tmp_path, name, NOW, "typed")
    assert versions.in_use(tmp_path) == versions.BASE


@pytest.mark.parametrize("text", ["", "[]", '{"switches": [{"version": "../../x"}]}', '{"switches": 3}'])
def test_a_switch_that_cannot_be_read_is_said_and_not_guessed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "in_use.json").write_text(text, "utf-8")
    with pytest.raises(ModelMismatch):
        versions.in_use(tmp_path)


def test_a_version_in_use_that_is_gone_is_said(tmp_path: Path) -> None:
    name = made(tmp_path, NOW, "first")
    versions.use(tmp_path, name, NOW, "learnt")
    (tmp_path / name / "version.json").unlink()
    with pytest.raises(ModelMismatch, match="rollback base"):
        versions.folder_in_use(tmp_path)


def test_reports_are_listed_newest_first(tmp_path: Path) -> None:
    for days in range(3):
        versions.keep_report(tmp_path, NOW + timedelta(days=days), {"at": days})
    assert [one["at"] for one in versions.reports(tmp_path)] == [2, 1, 0]
    assert json.loads((tmp_path / "learnings" / "20260302T030000Z.json").read_text("utf-8")) == {"at": 0}
