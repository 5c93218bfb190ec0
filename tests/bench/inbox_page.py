"""The console's main page over a store of a size: its rows put in by SQL, the page made by the real application."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, insert

from console.app import create_app
from index.sqlite import SqliteIndex
from records.assessment import Harm, Reason
from records.case import CaseStage
from records.item import ItemStage
from records.risk import Spread, Trend, assess_risk
from records.search import IndexDocument
from records.source import Owner, Source, SourceKind
from store import Store
from store.core import FILE_NAME
from store.serialize import to_json
from store.tables import assessments, cases, items, narratives, vectors
from tests.bench.index_data import APART, ITEMS_OF_A_NARRATIVE, SOURCES, START, blocks
from tests.bench.index_questions import Times, Watch
from tests.support import console_seed, stores

#: One narrative of so many has an open case.
_NARRATIVES_OF_A_CASE = 20
_ADDRESSES = ("/", "/?period=7", "/?level=high", "/?topic=epidemic", "/?page=3", "/?period=30&level=medium")
_REPEATS = 8

Rows = dict[str, list[dict[str, Any]]]


def fill(home: Path, first: int, end: int) -> None:
    """Put the items `first` to `end` of index_data into the store of `home`, assessed and narrated."""
    with closing(stores.open_at(home, console_seed.KEY)) as store:
        if first == 0:
            for number in range(SOURCES):
                store.sources.save(source_of(number), START)
    engine = create_engine(stores.url_of(home) or f"sqlite:///{home / FILE_NAME}")
    if engine.dialect.name == "sqlite":
        # Filling only: nothing is lost but the benchmark.
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    for block in blocks(first, end):
        made = rows_of(block)
        with engine.begin() as connection:
            for table in (narratives, items, assessments, vectors, cases):
                if made[table.name]:
                    connection.execute(insert(table), made[table.name])
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


def times(home: Path, size: int) -> Times:
    """Of the main page and its filters, after one request that opens everything."""
    with closing(stores.open_at(home, console_seed.KEY)) as store, closing(SqliteIndex(home / "index")) as index:
        services = console_seed.services_of(store, index, clock=lambda: START + APART * size)
        client = TestClient(create_app(services), base_url="http://127.0.0.1")
        client.get("/").raise_for_status()
        watch = Watch()
        for number in range(_REPEATS * len(_ADDRESSES)):
            watch.time(partial(client.get, _ADDRESSES[number % len(_ADDRESSES)])).raise_for_status()
    return watch.times()


def parts(home: Path, size: int) -> Iterator[tuple[str, float]]:
    """(what the page asks of the store, its seconds), for finding what is slow."""
    now = START + APART * size
    store: Store
    with closing(stores.open_at(home, console_seed.KEY)) as store:
        asked: dict[str, Callable[[], object]] = {
            "counts": store.reader.counts,
            "inbox_counts": store.reader.inbox_counts,
            "inbox": lambda: store.reader.inbox(now, limit=20),
            "sources": store.sources.all,
        }
        for name, ask in asked.items():
            started = time.perf_counter()
            ask()
            yield name, time.perf_counter() - started


def source_of(number: int) -> Source:
    return Source(
        id=f"nguon-{number}",
        name=f"Nguồn số {number}",
        address=f"https://nguon-{number}.example/",
        kind=SourceKind.FEED,
        owner=list(Owner)[number % len(Owner)],
        enabled=True,
    )


def rows_of(block: list[IndexDocument]) -> Rows:
    made: Rows = {table.name: [] for table in (narratives, items, assessments, vectors, cases)}
    for at, document in enumerate(block):
        if at % ITEMS_OF_A_NARRATIVE == 0:
            members = block[at : at + ITEMS_OF_A_NARRATIVE]
            narrative = _narrative(members)
            made["narratives"].append(narrative)
            if int(document.id, 16) // ITEMS_OF_A_NARRATIVE % _NARRATIVES_OF_A_CASE == 0:
                made["cases"].append(_case(narrative))
        made["items"].append(_item(document))
        made["assessments"].append(_assessment(document))
        made["vectors"].append({"item_id": document.id, "version": 1, "encoder": "e", "vector": document.vector})
    return made


def _item(document: IndexDocument) -> dict[str, Any]:
    address = f"https://{document.source_id}.example/bai/{document.id}"
    return {
        "id": document.id,
        "canonical": address,
        "source_id": document.source_id,
        "address": address,
        "title": document.title,
        "summary": document.text[:200],
        "text": document.text,
        "published": document.published,
        "first_seen": document.first_seen,
        "last_seen": document.first_seen,
        "version": 1,
        "version_seen": document.first_seen,
        "stage": ItemStage.ASSESSED.value,
        "text_hash": f"{document.id:>064}",
        "entry_hash": f"{document.id:>064}",
        "own_text_hash": f"{document.id:>064}",
        "whole_in_feed": False,
        "capture_sha256": f"{document.id:>064}",
        "revision": 1,
        "narrative_id": document.narrative_id,
        "similarity": 0.9,
        "moment": document.first_seen,
        "quiet": False,
    }


def _assessment(document: IndexDocument) -> dict[str, Any]:
    return {
        "item_id": document.id,
        "version": 1,
        "health": True,
        "attention": False,
        "topic": document.topic,
        "kind": document.kind,
        "stance": document.stance,
        "harm": document.harm,
        "probabilities": {"health": 0.97, "unreliable": 0.41, "attention": 0.2, str(document.kind): 0.9},
        "places": list(document.places),
        "reasons": [to_json(Reason("kind", "words", words=("sốt xuất huyết", "bệnh viện", "trẻ em")))],
        "model_version": "heads-1",
        "full": True,
        "assessed_at": document.first_seen,
    }


def _narrative(members: list[IndexDocument]) -> dict[str, Any]:
    first, number = members[0], int(members[0].id, 16) // ITEMS_OF_A_NARRATIVE
    spread = Spread(1 + number % 5, ("web",), (), (first.source_id,), (), ())
    risk = assess_risk(list(Harm)[number * 7 % len(Harm)], spread, Trend(number % 10 == 0, 3, 1.0, 1.0, 24))
    return {
        "id": first.id,
        "label": first.title,
        "words": ["sốt xuất huyết", "bệnh viện", "trẻ em"],
        "topic": first.topic,
        "places": list(first.places),
        "items": len(members),
        "first_published": first.published,
        "first_seen": first.first_seen,
        "last_seen": members[-1].first_seen,
        "first_source_id": first.source_id,
        "kinds": {str(first.kind): len(members)},
        "stances": {str(first.stance): len(members)},
        "risk": to_json(risk),
        "level": risk.level.value,
        "level_rank": risk.level.rank,
        "harm": risk.harm.value,
        "spread": spread.scale,
        "rising": risk.trend.rising,
        "revision": 1,
        "judged_revision": 1,
        "quiet": False,
    }


def _case(narrative: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"vu-{narrative['id']}",
        "narrative_id": narrative["id"],
        "stage": CaseStage.DETECTED.value,
        "level": narrative["level"],
        "opened_at": narrative["last_seen"],
        "opened_by": "rule",
        "version": 1,
        "note": "",
    }
