"""One holder a name, and none of them a dead process."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import psutil
import pytest

from records.errors import LeaseTaken
from store import this_process
from store.leases import is_dead, name_of

MINUTE = timedelta(minutes=1)


def test_a_lease_is_held_until_it_is_released_or_runs_out(desk):
    leases = desk.store.leases
    first = leases.acquire("watch", "elsewhere:1:1.0", MINUTE)
    with pytest.raises(LeaseTaken, match="elsewhere"):
        leases.acquire("watch", this_process(), MINUTE)
    leases.release(first)
    mine = leases.acquire("watch", this_process(), timedelta(0))
    other = leases.acquire("watch", "elsewhere:1:1.0", MINUTE)
    with pytest.raises(LeaseTaken):
        leases.renew(mine, MINUTE)
    leases.release(mine)  # releases nothing: it is not mine any more
    assert leases.renew(other, 2 * MINUTE).expires_at > other.expires_at


def test_the_lease_of_a_dead_process_is_taken_over_at_once(desk):
    leases = desk.store.leases
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = name_of(psutil.Process(child.pid))
    leases.acquire("watch", holder, 60 * MINUTE)
    with pytest.raises(LeaseTaken):
        leases.acquire("watch", this_process(), MINUTE)
    child.kill()
    child.communicate()
    assert leases.acquire("watch", this_process(), MINUTE).holder == this_process()


def test_what_rests_is_nobodys_until_then_though_its_holder_has_died(desk):
    leases = desk.store.leases
    host, pid, started = this_process().rsplit(":", 2)
    dead = leases.acquire("host bao.example", f"{host}:{pid}:{float(started) - 100:.2f}", MINUTE)
    leases.rest(dead, MINUTE)
    with pytest.raises(LeaseTaken):
        leases.acquire("host bao.example", this_process(), MINUTE)
    with pytest.raises(LeaseTaken):
        leases.rest(dead, MINUTE)
    assert leases.holder("host bao.example") is None and leases.live() == ()
    watching = leases.acquire("watch", this_process(), MINUTE)
    leases.rest(watching, timedelta(0))
    assert leases.acquire("watch", this_process(), MINUTE)


def test_a_number_that_another_process_bears_by_now_is_dead_too(desk):
    host, pid, started = this_process().rsplit(":", 2)
    desk.store.leases.acquire("watch", f"{host}:{pid}:{float(started) - 100:.2f}", 60 * MINUTE)
    assert desk.store.leases.acquire("watch", this_process(), MINUTE)


def test_a_living_holder_is_not_dead(desk):
    desk.store.leases.acquire("watch", this_process(), MINUTE)
    with pytest.raises(LeaseTaken):
        desk.store.leases.acquire("watch", this_process(), MINUTE)


def test_of_a_process_in_another_container_nothing_is_known(desk):
    """It has this host's name, and a number that no process here has."""
    place, _, started = this_process().rsplit(":", 2)
    host, boot, numbering = place.split("/")
    nobody = f"{2**22 + 1}:{started}"
    assert is_dead(f"{place}:{nobody}")
    for elsewhere in (f"{host}/{boot}/{int(numbering) + 1}", f"{host}/00000000/{numbering}", host):
        assert not is_dead(f"{elsewhere}:{nobody}")
    desk.store.leases.acquire("watch", f"{host}/{boot}/1:{nobody}", MINUTE)
    with pytest.raises(LeaseTaken):
        desk.store.leases.acquire("watch", this_process(), MINUTE)
