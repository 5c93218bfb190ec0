"""Time as people in Viet Nam count it. Pure: "now" is always passed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

#: Asia/Ho_Chi_Minh has had no daylight saving and no change of offset since 1975.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

#: Nothing on the web that we read is older; an earlier date is a server's default, not a date.
EARLIEST_BELIEVED = datetime(1995, 1, 1, tzinfo=UTC)
LATEST_BELIEVED_AHEAD = timedelta(days=1)


def to_utc(moment: datetime) -> datetime:
    """`moment` in UTC; one without a zone is taken as Vietnam time, as Vietnamese pages mean it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)


def believed(published: datetime | None, now: datetime) -> datetime | None:
    """`published` in UTC, or None when it is missing, before 1995, or later than `now` + 1 day.

    An impossible date stays unknown; it is never replaced by the time of crawling.
    """
    if published is None:
        return None
    try:
        moment = to_utc(published)
    except OverflowError:  # year 1 or 9999 with an offset
        return None
    return moment if EARLIEST_BELIEVED <= moment <= now + LATEST_BELIEVED_AHEAD else None


def local(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


def day_start(moment: datetime) -> datetime:
    """Midnight in Viet Nam of the day that `moment` falls on, in UTC."""
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def week_start(moment: datetime) -> datetime:
    """Monday's midnight in Viet Nam of `moment`'s week, in UTC."""
    return day_start(moment) - timedelta(days=local(moment).weekday())
