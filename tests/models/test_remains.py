"""What a killed process left half-written goes, and what another is writing stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from models import remains
from models.vectors import VectorCache
from tests.support.small_learning import SmallEncoder


def test_only_what_nobody_has_written_to_for_an_hour_goes(tmp_path: Path) -> None:
    for name, hours in (("small.1.part", 2), ("small.2.part", 0), ("small.npz", 2), ("other.3.part", 2)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - hours * 3_600 - 1,) * 2)
    remains.clear(tmp_path, "small.*.part")
    assert {path.name for path in tmp_path.iterdir()} == {"small.2.part", "small.npz", "other.3.part"}


def test_keeping_vectors_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    left = tmp_path / "small.4194305.part"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    VectorCache(SmallEncoder(), tmp_path).encode(["một", "hai"])
    assert [path.name for path in tmp_path.iterdir()] == ["small.npz"]


def test_deep_vectors_of_another_cut_go_and_those_of_other_encoders_stay(tmp_path: Path) -> None:
    small = SmallEncoder()
    for name in (f"{small.version}-deep-12345678", f"{small.version}-deep6", small.version, "other-deep-12345678"):
        (tmp_path / f"{name}.npz").write_bytes(b"of before")
        os.utime(tmp_path / f"{name}.npz", (0, 0))
    VectorCache(small, tmp_path, deep=True).encode(["bệnh viện"])
    kept = {path.name for path in tmp_path.iterdir()}
    assert {f"{small.version}.npz", "other-deep-12345678.npz"} < kept
    (made,) = kept - {f"{small.version}.npz", "other-deep-12345678.npz"}
    assert made.startswith(f"{small.version}-deep-")
