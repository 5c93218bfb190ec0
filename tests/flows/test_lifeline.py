"""A child ends with its parent, killed or not, and takes its own children along."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.lifeline import start

ROOT = Path(__file__).parents[2]
GRANDCHILD = "import time; time.sleep(60)"
CHILD = f"""
import subprocess, sys, time
from flows import lifeline
lifeline.watch()
print(subprocess.Popen([sys.executable, "-c", {GRANDCHILD!r}]).pid, flush=True)
time.sleep(60)
"""
PARENT = """
import sys
from flows.lifeline import start
child = start(sys.argv[1:])
print(child.pid, flush=True)
child.wait()
"""


def gone(pid: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def run_parent(arguments: list[str], lines: int) -> tuple[subprocess.Popen, list[int]]:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE, cwd=ROOT)
    return parent, [int(parent.stdout.readline()) for _ in range(lines)]


@pytest.mark.parametrize(
    "arguments",
    [
        [sys.executable, "-c", CHILD],
        # A program that knows nothing of us, and has a child of its own.
        [sys.executable, "-m", "flows.lifeline", "/bin/sh", "-c", "sleep 60 & echo $!; wait"],
    ],
)
def test_kill_9_of_the_parent_ends_child_and_grandchild(arguments):
    parent, pids = run_parent(arguments, lines=2)
    assert not any(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE for pid in pids)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert all(gone(pid) for pid in pids)


def test_end_takes_the_whole_group():
    child = start([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, cwd=ROOT)
    grandchild = int(child.stdout.readline())
    child.end(patience_seconds=0.5)
    child.stdout.close()
    assert gone(child.pid) and gone(grandchild)


def test_a_child_that_ends_by_itself_gives_its_status():
    child = start([sys.executable, "-c", "from flows import lifeline; lifeline.watch(); raise SystemExit(7)"], cwd=ROOT)
    assert child.wait() == 7
