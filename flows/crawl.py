"""The crawling child, `python -m flows.crawl`: one order as JSON on stdin, one result as JSON on stdout.

Scrapy's reactor runs once in a process, and what goes wrong in it must not reach the scheduler: so each crawl, probe
and extract has a process of its own, which ends with its parent. `flows.crawling` is the parent's side.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from crawlers.targets import Target
from records.crawl import CrawlLimits, CrawlOrder, Extract
from records.ports import Leases
from records.run import RUN_LEASE
from records.source import Probe

_LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is asked. `order` for crawl, `targets` for probe, `address` or `file` for extract."""

    mode: Literal["crawl", "probe", "extract"]
    home: Path
    limits: CrawlLimits
    order: CrawlOrder | None = None
    address: str = ""
    file: Path | None = None
    targets: tuple[Target, ...] = ()
    run_holder: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that was raised on purpose: its class in records.errors, and its arguments."""

    kind: str
    message: str
    address: str = ""
    problem: str = ""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    probes: tuple[Probe, ...] = ()
    extract: Extract | None = None
    error: Problem | None = None


ORDER = TypeAdapter(Order)
RESULT = TypeAdapter(Result)


def carry_out(order: Order) -> Result:
    if order.mode == "crawl":
        from crawlers.crawl import crawl
        from flows import logs
        from flows.room import RoomKeepingSink, is_short
        from flows.settings import load
        from flows.wiring import open_store
        from store import this_process

        if order.order is None:
            raise ValueError("a crawl needs its order")
        settings = load(order.home)
        logs.set_up(settings.log, child=True)
        logs.bind(run=order.order.run_id if order.order else "", step="collect")
        store = open_store(settings)
        if order.run_holder:
            _follow_run(store.leases, order.run_holder)
        sink = RoomKeepingSink(store.sink, lambda: is_short(settings))
        crawl(order.order, sink, store.leases, this_process())
        return Result()
    from crawlers.probing import extract, extract_bytes, probe_all

    if order.mode == "probe":
        return Result(probes=probe_all(order.targets, order.limits))
    if order.file is not None:
        return Result(extract=extract_bytes(order.file.read_bytes(), str(order.file), order.limits))
    return Result(extract=extract(order.address, order.limits))


def _follow_run(leases: Leases, run_holder: str) -> None:
    """End this process when the run that it collects for has ended: the next one must not meet it."""
    from records.errors import StoreError

    def look() -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            try:
                if leases.holder(RUN_LEASE) != run_holder:
                    os._exit(1)
            except StoreError:
                continue  # the store is busy: the next look tells

    threading.Thread(target=look, name="follow-run", daemon=True).start()


def main() -> int:
    from flows import lifeline
    from records.errors import FetchError, FetchFailed, Tin3CError

    lifeline.watch()
    order = ORDER.validate_json(sys.stdin.buffer.read())
    try:
        result = carry_out(order)
    except FetchError as error:
        seconds = error.retry_after_seconds if isinstance(error, FetchFailed) else None
        kind = next(one.__name__ for one in type(error).__mro__ if one.__module__ == FetchError.__module__)
        result = Result(error=Problem(kind, str(error), error.address, error.problem, seconds))
    except Tin3CError as error:
        result = Result(error=Problem(type(error).__name__, str(error)))
    sys.stdout.buffer.write(RESULT.dump_json(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
