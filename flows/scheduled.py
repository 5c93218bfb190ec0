"""What the schedule starts, each in a process of its own. Imports Prefect."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows import digests, lifeline
from flows.parts import parts_of
from flows.watching import run_once
from records.digest import Period
from records.errors import LeaseTaken


@flow(name="scheduled-watch")
def watch(home: str) -> str:
    """One run over the sources that are due; skipped while another run is at work."""
    lifeline.follow_parent()
    try:
        run_once(parts_of(home), datetime.now(UTC), all_sources=False)
    except LeaseTaken as error:
        return str(error)
    return "done"


@task(name="digest", retries=3, retry_delay_seconds=[60.0, 300.0, 1800.0], cache_policy=NO_CACHE)
def send_digest(home: str, period: str, until: datetime, recipient: str) -> None:
    digests.send(parts_of(home), Period(period), until, recipient)


@flow(name="scheduled-digest")
def digest(home: str, period: str) -> None:
    """One task a recipient: whose mail failed gets it again, and nobody else does."""
    lifeline.follow_parent()
    parts, until = parts_of(home), datetime.now(UTC)
    if not parts.settings.mail.host or not parts.settings.mail.digest_recipients:
        return
    states = [send_digest(home, period, until, one, return_state=True) for one in digests.recipients(parts)]
    for state in states:
        state.result()


@flow(name="scheduled-keep", retries=1, retry_delay_seconds=600)
def keep(home: str) -> None:
    """What the law and the settings say must go, goes."""
    lifeline.follow_parent()
    parts_of(home).store.keep(datetime.now(UTC))
