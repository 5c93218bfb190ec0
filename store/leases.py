"""The Leases port: at most one holder a name, on the wall clock, and none of them a dead process of this machine."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import Connection, or_, select, update

from records.errors import LeaseTaken
from records.run import Lease
from store.database import Database, insert_new, retried
from store.tables import leases

#: A process's start is told to a hundredth of a second, but the boot time it is told from can be set anew.
_SAME_START_SECONDS = 2.0


def this_process() -> str:
    """The holder that this process is: host:pid:start."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_dead(holder: str) -> bool:
    """Whether `holder` was a process of this machine that is no more. Of others nothing is known."""
    try:
        host, pid, started = holder.rsplit(":", 2)
        if host != socket.gethostname():
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
        raise LeaseTaken(lease.name, row.holder if row else "nobody")


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
        mine = leases.c.name == lease.name, leases.c.holder == lease.holder
        with self._database.writing() as connection:
            if not connection.execute(update(leases).where(*mine).values(expires_at=renewed.expires_at)).rowcount:
                holder = connection.execute(select(leases.c.holder).where(leases.c.name == lease.name)).scalar()
                raise LeaseTaken(lease.name, holder or "nobody")
        return renewed

    @retried
    def holder(self, name: str) -> str | None:
        with self._database.reading() as connection:
            live = leases.c.name == name, leases.c.expires_at > datetime.now(UTC)
            found = connection.execute(select(leases.c.holder).where(*live)).scalar()
        return None if found is None or is_dead(found) else found

    def release(self, lease: Lease) -> None:
        mine = leases.c.name == lease.name, leases.c.holder == lease.holder
        with self._database.writing() as connection:
            connection.execute(leases.delete().where(*mine))
