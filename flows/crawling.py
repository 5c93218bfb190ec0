"""The parent's side of the crawling child: start it, wait for it, and say what it said. Plain functions."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from crawlers.targets import Target
from flows.crawl import ORDER, RESULT, Order, Problem, Result
from flows.lifeline import how_it_ended, start
from flows.settings import Settings
from flows.wiring import crawl_limits
from records import errors
from records.crawl import CrawlOrder, Extract
from records.source import Probe

#: Beyond a run's own limit the child has this long for what it was in the middle of. Seconds.
PATIENCE_SECONDS = 120.0
#: To fetch and extract one page.
EXTRACT_LIMIT_SECONDS = 300.0
LARGEST_FILE_BYTES = 50_000_000
_LAST_LINES = 5
_TOLD_TO_END = frozenset({-signal.SIGTERM, -signal.SIGINT})


def crawl(settings: Settings, order: CrawlOrder, run_holder: str = "") -> None:
    """One crawl in a child, which commits what it reads to the store. Raises StoreError, FetchFailed, SettingsError.

    With `run_holder` the child ends when that process does not hold the run's lease any more.
    """
    wanted = Order("crawl", settings.home, order.limits, order=order, run_holder=run_holder)
    _run(wanted, order.limits.run_limit_seconds + PATIENCE_SECONDS)


def probe(settings: Settings, address: str, *, typed: bool = True) -> Probe:
    """What a source at `address` would give. `typed`: by the operator, so that it may be a private address."""
    return probe_all(settings, (Target(address, typed),))[0]


def probe_all(settings: Settings, targets: Sequence[Target]) -> tuple[Probe, ...]:
    """As `probe`, for all of `targets` in one child, in their order. Raises FetchFailed when the child fails."""
    if not targets:
        return ()
    limits = crawl_limits(settings)
    order = Order("probe", settings.home, limits, targets=tuple(targets))
    probes = _run(order, limits.run_limit_seconds + PATIENCE_SECONDS).probes
    if len(probes) != len(targets):
        raise errors.FetchFailed(targets[0].address, "the crawling process gave no answer")
    return probes


def extract(settings: Settings, address_or_file: str) -> Extract:
    """The article at an address or in a file, as it would be stored but for the author, which is as given.

    Raises FetchError, or InputError for a file that cannot be read.
    """
    file = None if "://" in address_or_file else _readable(Path(address_or_file))
    address = "" if file else address_or_file
    result = _run(
        Order("extract", settings.home, crawl_limits(settings), address=address, file=file), EXTRACT_LIMIT_SECONDS
    )
    if result.extract is None:
        raise errors.FetchFailed(address_or_file, "the crawling process gave no answer")
    return result.extract


def _readable(path: Path) -> Path:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise errors.InputError(f"{path} is larger than {LARGEST_FILE_BYTES} bytes")
        if not path.is_file():
            raise errors.InputError(f"{path} is not a file")
    except OSError as error:
        raise errors.InputError(f"{path} cannot be read: {error.strerror}") from error
    return path.resolve()


def _run(order: Order, limit_seconds: float) -> Result:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = start([sys.executable, "-m", "flows.crawl"], **pipes)
    try:
        output, complaints = child.communicate(ORDER.dump_json(order), timeout=limit_seconds)
    except subprocess.TimeoutExpired:
        raise errors.FetchFailed(
            order.address or order.mode, f"the crawl did not end within {limit_seconds:g} s"
        ) from None
    finally:
        if child.poll() is None:
            child.end(patience_seconds=0.0)
    if child.returncode != 0:
        lines = complaints.decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
        what = f"the crawling process ended with status {child.returncode}"
        said = ": ".join([what, *([" | ".join(lines)] if lines else [])])
        asked = child.returncode in _TOLD_TO_END
        raise errors.CrawlerDied(order.address or order.mode, said, how_it_ended(child.returncode), asked=asked)
    result = RESULT.validate_json(output)
    if result.error:
        raise _raised(result.error)
    return result


def _raised(problem: Problem) -> errors.Tin3CError:
    kind = getattr(errors, problem.kind, errors.Tin3CError)
    if kind is errors.FetchFailed:
        return errors.FetchFailed(problem.address, problem.problem, problem.retry_after_seconds)
    if issubclass(kind, errors.FetchError):
        return kind(problem.address, problem.problem)
    if kind is errors.SettingsError:
        key, _, what = problem.message.partition(": ")
        return errors.SettingsError(key, what)
    if kind is errors.StoreFull:
        return errors.StoreFull(problem.message)
    return (
        errors.StoreError(problem.message)
        if issubclass(kind, errors.StoreError)
        else errors.Tin3CError(problem.message)
    )
