"""What the schedule starts, each in a process of its own. Imports Prefect."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow

from flows import digests, lifeline
from flows import keep as keeping
from flows import learn as learning
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


@flow(name="scheduled-digest", retries=3, retry_delay_seconds=60)
def digest(home: str, period: str) -> None:
    """Safe to repeat: each recipient's digest is in the outbox once, and the next watch tries again what failed."""
    lifeline.follow_parent()
    parts = parts_of(home)
    if parts.settings.mail.host and parts.settings.mail.digest_recipients:
        digests.send(parts, Period(period), datetime.now(UTC))


@flow(name="scheduled-keep", retries=1, retry_delay_seconds=600)
def keep(home: str) -> None:
    """What the law and the settings say must go, goes."""
    lifeline.follow_parent()
    keeping.keep(parts_of(home), datetime.now(UTC))


@flow(name="scheduled-learn")
def learn(home: str) -> str:
    """Learn from the desk's corrections, once there are enough that no learning has looked at."""
    lifeline.follow_parent()
    try:
        return learning.learn_when_due(parts_of(home), datetime.now(UTC))
    except LeaseTaken as error:
        return str(error)
