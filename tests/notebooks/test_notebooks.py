"""Every notebook runs from top to bottom, and none is committed with its outputs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_no_outputs(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    # In a process of its own: a kernel's libraries warn of things that are not ours.
    program = (
        "import sys, nbformat; from nbclient import NotebookClient; "
        "NotebookClient(nbformat.read(sys.argv[1], 4), timeout=240, resources={'metadata': {'path': sys.argv[2]}})"
        ".execute()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path), str(ROOT)],
        env={
            "PATH": "",
            "HOME": str(tmp_path),
            "IPYTHONDIR": str(tmp_path),
            "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
