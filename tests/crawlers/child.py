"""One crawl with a sink in memory, in a process of its own: a JSON order on stdin, what the sink got on stdout."""

import contextlib
import json
import sys
import threading
import time
from dataclasses import replace

import psutil
from pydantic import TypeAdapter

from crawlers.crawl import crawl
from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading


class MemorySink:
    def __init__(self, states: list[FetchState], due: list[PageTask], with_pages: bool) -> None:
        self.states = {state.address: state for state in states}
        self.due = due
        self.with_pages = with_pages
        self.sources: list[SourceReading] = []
        self.pages: list[PageReading] = []
        self.failures: list[PageFailure] = []

    def fetch_state(self, address):
        return self.states.get(address)

    def source_read(self, order, reading):
        self.sources.append(reading)
        if not self.with_pages:
            return ()
        return tuple(PageTask(e.address, reading.source_id, e.address) for e in reading.entries if not e.text)

    def due_pages(self, order):
        return tuple(self.due)

    def page_read(self, order, reading):
        if reading.capture:
            assert reading.capture.body
            reading = replace(reading, capture=replace(reading.capture, body=b""))
        self.pages.append(reading)

    def page_failed(self, order, failure):
        self.failures.append(failure)


def peak_memory(peak: list[int]) -> None:
    me = psutil.Process()
    while True:
        with contextlib.suppress(psutil.Error):
            peak[0] = max(peak[0], sum(one.memory_info().rss for one in (me, *me.children(recursive=True))))
        time.sleep(0.05)


def main() -> None:
    given = json.load(sys.stdin)
    states = TypeAdapter(list[FetchState]).validate_python(given["states"])
    due = TypeAdapter(list[PageTask]).validate_python(given["due"])
    sink = MemorySink(states, due, given["with_pages"])
    peak = [0]
    threading.Thread(target=peak_memory, args=(peak,), daemon=True).start()
    crawl(TypeAdapter(CrawlOrder).validate_python(given["order"]), sink)
    sys.stdout.write(
        json.dumps(
            {
                "sources": TypeAdapter(list[SourceReading]).dump_python(sink.sources, mode="json"),
                "pages": TypeAdapter(list[PageReading]).dump_python(sink.pages, mode="json"),
                "failures": TypeAdapter(list[PageFailure]).dump_python(sink.failures, mode="json"),
                "peak_bytes": peak[0],
            }
        )
    )


if __name__ == "__main__":
    main()
