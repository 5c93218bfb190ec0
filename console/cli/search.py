"""`tin3c search`: the index asked from the command line."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from records.item import Item
    from records.search import SearchResults

_START, _END = "\x02", "\x03"


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help='Words, all wanted; "a phrase"; -unwanted.')],
    since: Annotated[datetime | None, typer.Option(help="Published at or after this time, as Viet Nam counts.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Published before this time.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="A topic's key; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="rumor, correction, news, ...; may be repeated.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="A source's id; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Hits shown.")] = 20,
    not_health: Annotated[bool, typer.Option("--not-health", help="Also items judged not health, by title.")] = False,
    meaning: Annotated[
        bool, typer.Option("--meaning", help="Also items that mean the same in other words; loads the encoder.")
    ] = False,
    distinguishing: Annotated[
        bool, typer.Option("--words", help="Also the words that set what was found apart from everything else.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Search the items. Words typed without marks also find those with them, below the exact matches."""
    from contextlib import closing

    from flows import wiring
    from flows.settings import load
    from models.reading import for_encoder
    from records.calendar import to_utc
    from records.errors import InputError
    from records.search import Facet, SearchFilter, SearchQuery
    from records.text import normalize

    wanted = {Facet.TOPIC: topic, Facet.KIND: kind, Facet.SOURCE: source}
    filter = SearchFilter(
        values={facet: tuple(values) for facet, values in wanted.items() if values},
        since=to_utc(since) if since else None,
        until=to_utc(until) if until else None,
        include_not_health=not_health,
    )
    if not text.strip() and filter == SearchFilter(include_not_health=not_health):
        raise InputError("nothing to search for: give words, or a filter such as --topic")
    settings = load()
    with closing(wiring.open_index(settings)) as index, closing(wiring.open_store(settings)) as store:
        query = SearchQuery(text, filter, limit=limit)
        if meaning and text.strip():
            found = index.hybrid(query, wiring.encoder(settings).encode_query(for_encoder(normalize(text))))
        else:
            found = index.search(query)
        words = index.distinguishing(query) if distinguishing else ()
        items = {item.id: item for item in store.reader.items([hit.id for hit in found.hits])}
    if as_json:
        said = _as_json(found, items) | ({"words": dict(words)} if distinguishing else {})
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        _show(found, items)
        if words:
            typer.echo(f"\nWords: {', '.join(word for word, _ in words)}")


def _as_json(found: SearchResults, items: dict[str, Item]) -> dict[str, object]:
    hits: list[dict[str, object]] = []
    for hit in found.hits:
        item = items.get(hit.id)
        hits.append(
            {
                "id": hit.id,
                "score": hit.score,
                "exact": hit.exact,
                "title": _plain(hit.title),
                "excerpt": _plain(hit.excerpt),
                "address": item.address if item else None,
                "source": item.source_id if item else None,
                "published": item.published.isoformat() if item and item.published else None,
            }
        )
    return {"total": found.total, "hits": hits}


def _show(found: SearchResults, items: dict[str, Item]) -> None:
    from records.calendar import local

    typer.echo(f"{found.total} found" + (f", {len(found.hits)} shown" if found.total > len(found.hits) else ""))
    for hit in found.hits:
        item = items.get(hit.id)
        when = f"{local(item.published):%d/%m/%Y %H:%M}" if item and item.published else "time unknown"
        typer.echo("")
        typer.echo(_emphasized(hit.title) + ("" if hit.exact else "  (without marks)"))
        typer.echo(f"  {when} · {item.source_id if item else 'unknown source'} · {item.address if item else hit.id}")
        if hit.excerpt:
            typer.echo(f"  {_emphasized(hit.excerpt)}")


def _plain(marked: str) -> str:
    return marked.replace(_START, "").replace(_END, "")


def _emphasized(marked: str) -> str:
    """What matched in bold; typer.echo leaves the codes out where the output is no terminal."""
    pieces = marked.split(_START)
    shown = pieces[0]
    for piece in pieces[1:]:
        match, _, rest = piece.partition(_END)
        shown += typer.style(match, bold=True) + rest
    return shown
