"""Times as an index holds them, microseconds since 1970; hours, days and weeks as Viet Nam counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from records.search import Interval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTERVAL_SECONDS = {Interval.HOUR: 3_600, Interval.DAY: 86_400, Interval.WEEK: 604_800}
_VIETNAM_SECONDS = 7 * 3_600
#: 1970 began on a Thursday in Viet Nam too; weeks begin on Mondays.
_MONDAY_SECONDS = 3 * 86_400


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def shift_seconds(interval: Interval) -> int:
    """Added to a time, it makes the starts of the intervals multiples of their length."""
    return _VIETNAM_SECONDS + (_MONDAY_SECONDS if interval is Interval.WEEK else 0)
