"""How large Tin3C has to be for a commune, a province and the country: docs/scaling.md's tables.

    python -m tests.bench.capacity

What one item costs was measured (`Measured`); how many there are, what machines cost and how load runs through a day is
assumed (`Load`, `Assumed`). Everything else is arithmetic, and tests/bench/simulation.py for what waits in a queue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

DAY_SECONDS = 86_400
_KILO, _GIGA, _TERA = 1e3, 1e9, 1e12
_FEWEST_NODES = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """Costs, on two shared cores of an Intel Xeon with AMX, 2026-11-22; the document says where each comes from."""

    page_bytes: float = 255_361  # 22 real article and listing pages, unpacked
    page_packed_bytes: float = 53_711  # the same by gzip: what crosses the network and what a WARC keeps
    extracted_a_second: float = 31.0  # real pages, a core
    assessed_a_second: float = 16.0  # end to end on two cores with a tenth of health items
    narrated_a_second: tuple[tuple[int, float], ...] = ((1_000, 685.0), (10_000, 198.0), (50_000, 155.0))
    narrator_item_bytes: float = 21_144  # in memory, of an item in the window
    narrator_window_a_second: float = 1_487.0  # items of the window read at a start
    store_health_bytes: float = 4_381
    store_other_bytes: float = 1_085
    sqlite_index_bytes: float = 4_544
    vector_memory_bytes: float = 384 + 2 * 16 * 4 + 16  # int8, and HNSW's links of 16 to a layer
    elasticsearch_bytes: float = 6_772
    crawler_memory_bytes: float = 293e6
    worker_memory_bytes: float = 1_492e6


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of an Elasticsearch cluster. What is not heap holds vectors and what was read from disk."""

    cores: int
    memory_bytes: float
    heap_bytes: float
    disk_bytes: float

    @property
    def for_vectors_bytes(self) -> float:
        return self.memory_bytes - self.heap_bytes


@dataclass(frozen=True, slots=True)
class Assumed:
    """Not measured. Prices: our assumption of 2026-11-22, in dong a month, for rented machines; nobody quoted them."""

    health_share: float = 0.10
    pages_share: float = 0.70  # of items whose page is fetched; posts carry their text in the feed
    polls_a_day: int = 48
    rereads: int = 3  # of a health item's page
    morning_peak: float = 2.5
    crisis_peak: float = 10.0
    busy: float = 0.6  # a core's share that may be used at the morning peak
    window_days: int = 14
    not_health_days: int = 90
    shard_bytes: float = 40e9
    node: Node = Node(8, 64e9, 30e9, 4e12)
    small_node: Node = Node(4, 16e9, 8e9, 0.5e12)
    database_disk_bytes: float = 4e12
    disk_full_share: float = 0.8
    dong_a_core: float = 150_000
    dong_a_gigabyte_memory: float = 60_000
    dong_a_gigabyte_ssd: float = 3_000
    dong_a_gigabyte_archive: float = 600
    dong_a_dollar: float = 26_000


@dataclass(frozen=True, slots=True)
class Load:
    name: str
    sources: int
    items_a_day: float
    years: float
    busiest_share: float  # of all items that the busiest host publishes

    def kept_days(self) -> float:
        return 365 * self.years


COMMUNE = Load("a commune", 15, 500, 3, 0.30)
PROVINCE = Load("a province", 300, 50_000, 3, 0.05)
COUNTRY = Load("the country", 10_000, 5_000_000, 3, 0.01)
LOADS = (COMMUNE, PROVINCE, COUNTRY)


def narrated_a_second(window_items: float, measured: Measured) -> float:
    """Between the measured windows by a power law; beyond the largest, the last two go on."""
    points = measured.narrated_a_second
    if window_items <= points[0][0]:
        return points[0][1]
    pairs = list(pairwise(points))
    (low, slow), (high, fast) = next((pair for pair in pairs if window_items <= pair[1][0]), pairs[-1])
    slope = math.log(fast / slow) / math.log(high / low)
    return slow * (window_items / low) ** slope


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load needs."""

    load: Load
    measured: Measured
    assumed: Assumed

    @property
    def items_a_second(self) -> float:
        return self.load.items_a_day / DAY_SECONDS

    @property
    def health_a_day(self) -> float:
        return self.load.items_a_day * self.assumed.health_share

    @property
    def health_items(self) -> float:
        """Kept at the end of the years."""
        return self.health_a_day * self.load.kept_days()

    # --- the web ------------------------------------------------------------------------------------------------------

    @property
    def pages_a_day(self) -> float:
        a = self.assumed
        return self.load.items_a_day * a.pages_share + self.health_a_day * a.pages_share * a.rereads

    @property
    def requests_a_day(self) -> float:
        return self.pages_a_day + self.load.sources * self.assumed.polls_a_day

    @property
    def busiest_host_requests(self) -> float:
        """Requests to the host with the most items, a day. A second each: 86,400 is all that politeness leaves."""
        return self.pages_a_day * self.load.busiest_share + self.assumed.polls_a_day

    @property
    def megabits_a_second(self) -> float:
        """At the morning peak."""
        return self.pages_a_day / DAY_SECONDS * self.measured.page_packed_bytes * 8 / 1e6 * self.assumed.morning_peak

    # --- machines -----------------------------------------------------------------------------------------------------

    @property
    def worker_cores(self) -> int:
        """For collecting and assessing at the morning peak. A crisis' peak waits in the queue or takes more workers."""
        extracting = self.pages_a_day / DAY_SECONDS / self.measured.extracted_a_second
        assessing = self.items_a_second * 2 / self.measured.assessed_a_second
        return max(math.ceil((extracting + assessing) * self.assumed.morning_peak / self.assumed.busy), 1)

    @property
    def crisis_cores(self) -> int:
        return math.ceil(self.worker_cores * self.assumed.crisis_peak / self.assumed.morning_peak)

    @property
    def window_items(self) -> float:
        return self.health_a_day * self.assumed.window_days

    @property
    def narrator_bytes(self) -> float:
        return self.window_items * self.measured.narrator_item_bytes

    @property
    def narrator_share(self) -> float:
        """How busy the one narrator is at the morning peak; beyond 1 it falls behind."""
        return self.health_a_day / DAY_SECONDS * self.assumed.morning_peak / self.narrated_a_second

    @property
    def narrated_a_second(self) -> float:
        return narrated_a_second(self.window_items, self.measured)

    @property
    def narrator_start_seconds(self) -> float:
        return self.window_items / self.measured.narrator_window_a_second

    # --- what is kept -------------------------------------------------------------------------------------------------

    @property
    def store_bytes(self) -> float:
        others = self.load.items_a_day * (1 - self.assumed.health_share) * self.assumed.not_health_days
        return self.health_items * self.measured.store_health_bytes + others * self.measured.store_other_bytes

    @property
    def archive_bytes(self) -> float:
        """WARC files of health items' pages, one reading each."""
        return self.health_items * self.assumed.pages_share * self.measured.page_packed_bytes

    @property
    def on_one_machine(self) -> bool:
        """SQLite for store and index: up to what was measured, half a million items to search."""
        return self.health_items <= 500_000

    @property
    def copies(self) -> int:
        return 1 if self.on_one_machine else 2

    @property
    def index_bytes(self) -> float:
        """Both copies."""
        each = self.measured.sqlite_index_bytes if self.on_one_machine else self.measured.elasticsearch_bytes
        return self.health_items * each * self.copies

    @property
    def vector_memory_bytes(self) -> float:
        """That has to be in memory for a quick search of neighbors, both copies."""
        return self.health_items * self.measured.vector_memory_bytes * self.copies

    @property
    def shards(self) -> int:
        """Primary shards."""
        if self.on_one_machine:
            return 0
        return math.ceil(self.health_items * self.measured.elasticsearch_bytes / self.assumed.shard_bytes)

    @property
    def node(self) -> Node:
        """Three small ones, where they hold it all: one may fail, and two still agree."""
        small = self.assumed.small_node
        return small if self._nodes(small) == _FEWEST_NODES else self.assumed.node

    @property
    def index_nodes(self) -> int:
        return 0 if self.on_one_machine else self._nodes(self.node)

    def _nodes(self, node: Node) -> int:
        by_disk = self.index_bytes / (node.disk_bytes * self.assumed.disk_full_share)
        by_memory = self.vector_memory_bytes / node.for_vectors_bytes
        return max(math.ceil(by_disk), math.ceil(by_memory), _FEWEST_NODES)

    # --- money --------------------------------------------------------------------------------------------------------

    @property
    def cores(self) -> int:
        if self.on_one_machine:
            return 2
        store, console, narrator = 16 if self.store_bytes > _TERA else 4, 4, 2
        return self.worker_cores + self.index_nodes * self.node.cores + store + console + narrator

    @property
    def memory_bytes(self) -> float:
        m = self.measured
        if self.on_one_machine:
            return 8e9
        workers = self.worker_cores / 2 * (m.worker_memory_bytes + m.crawler_memory_bytes)
        store = 128e9 if self.store_bytes > _TERA else 16e9
        return workers + self.index_nodes * self.node.memory_bytes + store + self.narrator_bytes * 1.5 + 4e9

    @property
    def ssd_bytes(self) -> float:
        # The store twice: a standby, or the snapshot that a backup is taken from. Room for growth and merges.
        return (self.store_bytes * 2 + self.index_bytes) / self.assumed.disk_full_share

    @property
    def dong_a_month(self) -> float:
        a = self.assumed
        return (
            self.cores * a.dong_a_core
            + self.memory_bytes / _GIGA * a.dong_a_gigabyte_memory
            + self.ssd_bytes / _GIGA * a.dong_a_gigabyte_ssd
            + self.archive_bytes / _GIGA * a.dong_a_gigabyte_archive
        )


def plans(measured: Measured | None = None, assumed: Assumed | None = None) -> tuple[Plan, ...]:
    return tuple(Plan(load, measured or Measured(), assumed or Assumed()) for load in LOADS)


def size(value: float) -> str:
    """Bytes, as a person reads them."""
    for unit, name in ((_TERA, "TB"), (_GIGA, "GB"), (1e6, "MB")):
        if value >= unit:
            return f"{value / unit:,.1f} {name}" if value < 100 * unit else f"{value / unit:,.0f} {name}"
    return f"{value / _KILO:,.0f} kB"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.2g}"


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3_600:,.1f} h"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _nodes_of(plan: Plan) -> str:
    return f"{plan.index_nodes} of {size(plan.node.memory_bytes)}, {size(plan.node.disk_bytes)}"


def needs() -> str:
    """The table of what each load needs."""
    rows: tuple[tuple[str, Callable[[Plan], str]], ...] = (
        ("sources", lambda p: number(p.load.sources)),
        ("items a day", lambda p: number(p.load.items_a_day)),
        ("items a second: mean, morning, crisis", lambda p: " / ".join(
            number(p.items_a_second * peak) for peak in (1, p.assumed.morning_peak, p.assumed.crisis_peak))),
        ("health items kept after 3 years", lambda p: number(p.health_items)),
        ("requests a day", lambda p: number(p.requests_a_day)),
        ("of them to the busiest host (at most 86,400)", lambda p: number(p.busiest_host_requests)),
        ("network in at the morning peak, Mbit/s", lambda p: number(p.megabits_a_second)),
        ("workers' cores, morning peak", lambda p: number(p.worker_cores)),
        ("workers' cores, crisis", lambda p: number(p.crisis_cores)),
        ("items in the narrator's window", lambda p: number(p.window_items)),
        ("narrator's memory", lambda p: size(p.narrator_bytes)),
        ("narrator busy at the morning peak", lambda p: f"{p.narrator_share:.1%}"),
        ("narrator reads its window at a start", lambda p: duration(p.narrator_start_seconds)),
        ("store", lambda p: size(p.store_bytes)),
        ("WARC of health items", lambda p: size(p.archive_bytes)),
        ("index, with its replica", lambda p: size(p.index_bytes)),
        ("primary shards of at most 40 GB", lambda p: number(p.shards) if p.shards else "SQLite"),
        ("vectors and graph in memory, with the replica", lambda p: size(p.vector_memory_bytes)),
        ("Elasticsearch data nodes", lambda p: _nodes_of(p) if p.index_nodes else "none"),
        ("cores in all", lambda p: number(p.cores)),
        ("memory in all", lambda p: size(p.memory_bytes)),
        ("SSD in all", lambda p: size(p.ssd_bytes)),
        ("million dong a month (assumed prices)", lambda p: number(p.dong_a_month / 1e6)),
        ("dollars a month (assumed prices)", lambda p: number(p.dong_a_month / p.assumed.dong_a_dollar)),
    )  # fmt: skip
    made = plans()
    return markdown(["", *(plan.load.name for plan in made)], [[name, *map(of, made)] for name, of in rows])


@dataclass(frozen=True, slots=True)
class Limit:
    """At `items_a_day` this gives way."""

    what: str
    items_a_day: float
    then: str


def limits() -> list[Limit]:
    """What gives way, the smallest load first. A province's shares and years."""
    return sorted(_limits(), key=lambda limit: limit.items_a_day)


def _limits() -> Iterator[Limit]:
    m, a = Measured(), Assumed()
    one = Plan(Load("one item", 0, 1, PROVINCE.years, PROVINCE.busiest_share), m, a)
    yield Limit(
        "SQLite's index: 500,000 health items in 3 years", 500_000 / one.health_items, "Elasticsearch: one setting, "
        "`tin3c index rebuild`"
    )  # fmt: skip
    cores = one.pages_a_day / DAY_SECONDS / m.extracted_a_second + one.items_a_second * 2 / m.assessed_a_second
    yield Limit("one machine of 2 cores, morning peak", 2 * a.busy / (cores * a.morning_peak), "more workers")
    yield Limit(
        "the busiest host (a twentieth of all items), at one request a second",
        DAY_SECONDS / (one.pages_a_day * PROVINCE.busiest_share),
        "nothing of ours: ask that publisher for a feed with whole texts",
    )
    yield Limit(
        "the narrator's memory: its window in 32 GB", 32e9 / one.narrator_bytes, "a shorter window, or a narrator "
        "for each province"
    )  # fmt: skip
    yield Limit("one Elasticsearch node's memory for vectors (34 GB), 3 years",
                a.node.for_vectors_bytes / (one.health_items * m.vector_memory_bytes),
                "more nodes and shards; vectors of the last year only")  # fmt: skip
    yield Limit("one PostgreSQL of 4 TB, 3 years", a.database_disk_bytes * a.disk_full_share / one.store_bytes,
                "a larger disk; old texts to the archive by `keep`")  # fmt: skip
    yield Limit("the narrator's speed, morning peak", _narrator_limit(m, a), "a narrator for each province")


def _narrator_limit(measured: Measured, assumed: Assumed) -> float:
    """Items a day at which one narrator is fully busy at the morning peak."""
    low, high = 1.0, 1e12
    for _ in range(100):
        middle = (low * high) ** 0.5
        share = Plan(Load("", 0, middle, 3, 0), measured, assumed).narrator_share
        low, high = (middle, high) if share < 1 else (low, middle)
    return low


def gives_way() -> str:
    rows = [[limit.what, f"{float(f'{limit.items_a_day:.2g}'):,.0f}", limit.then] for limit in limits()]
    return markdown(["what gives way", "items a day", "then"], rows)


def main() -> None:
    from tests.bench.simulation import delays

    print(needs(), gives_way(), delays(), sep="\n\n")


if __name__ == "__main__":
    main()
