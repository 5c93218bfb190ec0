"""The Leases port: at most one holder a name, on the wall clock, and none of them a dead process that we can tell of.

Of which processes a process can tell whether they live: those that have its boot of the machine and its numbering of
processes (Linux's PID namespace). Containers may share a host's name without sharing either.
"""

from __future__ import annotations

import contextlib
import functools
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import Connection, or_, select, update

from records.errors import LeaseTaken
from records.run import Lease
from store.database import Database, insert_new, retried
from store.tables import leases

#: A process's start is told to a hundredth of a second, but the boot time it is told from can be set anew.
_SAME_START_SECONDS = 2.0
#: Who holds what rests: no process, so that none can die and free it.
_NOBODY = "nobody"


def this_process() -> str:
    """The holder that this process is."""
    return name_of(psutil.Process())


def name_of(process: psutil.Process) -> str:
    """What a process of this machine, or container, is called as a holder: place:pid:start."""
    return f"{_place()}:{process.pid}:{process.create_time():.2f}"


@functools.cache
def _place() -> str:
    """Names the host for a person, then its boot and the numbering of processes; both only where Linux tells them."""
    boot, numbering = "", ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()[:8]
        numbering = str(Path("/proc/self/ns/pid").stat().st_ino)
    return "/".join(filter(None, (socket.gethostname(), boot, numbering)))


def is_dead(holder: str) -> bool:
    """Whether `holder` was a process of this place that is no more. Of others nothing is known, nor of this machine
    before it was started anew: their leases run out."""
    try:
        place, pid, started = holder.rsplit(":", 2)
        if place != _place():
            return False
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < _SAME_START_SECONDS
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except (ValueError, psutil.AccessDenied):
        return False


def require_held(connection: Connection, lease: Lease) -> None:
    """Raises LeaseTaken when `lease` is not its holder's any more. Until the transaction ends nobody can take it."""
    row = connection.execute(select(leases.c.holder).where(leases.c.name == lease.name).with_for_update()).first()
    if row is None or row.holder != lease.holder:
        raise LeaseTaken(lease.name, row.holder if row else _NOBODY)


class SqlLeases:
    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def acquire(self, name: str, holder: str, length: timedelta) -> Lease:
        now = datetime.now(UTC)
        lease = Lease(name, holder, now + length)
        values = {"holder": holder, "expires_at": lease.expires_at}
        with self._database.writing() as connection:
            if insert_new(connection, leases, {"name": name} | values):
                return lease
            before = connection.execute(select(leases).where(leases.c.name == name)).first()
            free = leases.c.expires_at <= now
            if before is not None and is_dead(before.holder):
                free = or_(free, leases.c.holder == before.holder)
            if not connection.execute(update(leases).where(leases.c.name == name, free).values(**values)).rowcount:
                raise LeaseTaken(name, before.holder if before else "another process")
        return lease

    @retried
    def renew(self, lease: Lease, length: timedelta) -> Lease:
        renewed = Lease(lease.name, lease.holder, datetime.now(UTC) + length)
        self._change(lease, renewed.holder, renewed.expires_at)
        return renewed

    @retried
    def rest(self, lease: Lease, length: timedelta) -> None:
        self._change(lease, _NOBODY, datetime.now(UTC) + length)

    def _change(self, lease: Lease, holder: str, expires_at: datetime) -> None:
        mine = leases.c.name == lease.name, leases.c.holder == lease.holder
        values = {"holder": holder, "expires_at": expires_at}
        with self._database.writing() as connection:
            if not connection.execute(update(leases).where(*mine).values(**values)).rowcount:
                found = connection.execute(select(leases.c.holder).where(leases.c.name == lease.name)).scalar()
                raise LeaseTaken(lease.name, found or _NOBODY)

    @retried
    def holder(self, name: str) -> str | None:
        with self._database.reading() as connection:
            live = leases.c.name == name, leases.c.expires_at > datetime.now(UTC), leases.c.holder != _NOBODY
            found = connection.execute(select(leases.c.holder).where(*live)).scalar()
        return None if found is None or is_dead(found) else found

    def live(self) -> tuple[Lease, ...]:
        """Those that are held now, by name; not by dead processes."""
        held = select(leases).where(leases.c.expires_at > datetime.now(UTC), leases.c.holder != _NOBODY)
        with self._database.reading() as connection:
            found = connection.execute(held.order_by(leases.c.name)).all()
        return tuple(Lease(row.name, row.holder, row.expires_at) for row in found if not is_dead(row.holder))

    def release(self, lease: Lease) -> None:
        mine = leases.c.name == lease.name, leases.c.holder == lease.holder
        with self._database.writing() as connection:
            connection.execute(leases.delete().where(*mine))
