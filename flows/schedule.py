"""The schedule for one machine: Prefect's `serve` starts the watch, the digests, the keeping and the
learning at their times.

Run as a child of `tin3c up`: `python -m flows.schedule HOME`. Each run is a process of its own, which ends with it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from flows import lifeline
from flows.settings import Schedule, load
from records.digest import Period

ZONE = "Asia/Ho_Chi_Minh"


def crons(schedule: Schedule) -> dict[str, str]:
    """{deployment: cron line in Vietnam time} for the digests, the keeping and the learning."""
    day_hour, day_minute = schedule.digest_day.split(":")
    weekday, week_time = schedule.digest_week.split(" ")
    week_hour, week_minute = week_time.split(":")
    return {
        "digest-day": f"{int(day_minute)} {int(day_hour)} * * *",
        "digest-week": f"{int(week_minute)} {int(week_hour)} * * {weekday}",
        "keep": "30 2 * * *",
        "learn": "0 3 * * sun",
    }


def main() -> None:
    lifeline.watch()
    home = Path(sys.argv[1])
    os.environ["TIN3C_HOME"] = str(home)
    settings = load(home)
    from prefect import serve
    from prefect.schedules import Cron, Interval

    from flows import scheduled

    times = crons(settings.schedule)
    every = Interval(settings.schedule.watch_minutes * 60)
    day, week = {"period": Period.DAY.value}, {"period": Period.WEEK.value}

    def deployment(flow: Any, name: str, schedule: Any, **parameters: str) -> Any:
        return flow.to_deployment(name, schedule=schedule, parameters={"home": str(home), **parameters})

    serve(
        deployment(scheduled.watch, "watch", every),
        deployment(scheduled.digest, "digest-day", Cron(times["digest-day"], timezone=ZONE), **day),
        deployment(scheduled.digest, "digest-week", Cron(times["digest-week"], timezone=ZONE), **week),
        deployment(scheduled.keep, "keep", Cron(times["keep"], timezone=ZONE)),
        deployment(scheduled.learn, "learn", Cron(times["learn"], timezone=ZONE)),
        limit=2,
        print_starting_message=False,
    )


if __name__ == "__main__":
    main()
