"""How long to wait before an address is asked for again. Pure."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_BACK_OFF_SECONDS = 1.0


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """What Retry-After asks for, in seconds from `now`: a number of seconds or an HTTP date. None when unreadable."""
    if not header:
        return None
    value = header.strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def back_off_seconds(attempt: int) -> float:
    """Exponential, with up to a quarter more by chance so that hosts are not asked in step. `attempt` from 0."""
    return FIRST_BACK_OFF_SECONDS * 2.0**attempt * random.uniform(1.0, 1.25)
