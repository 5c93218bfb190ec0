"""`tin3c extract`: what would be stored of an article, shown and not stored."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def extract(
    address: Annotated[str, typer.Argument(metavar="ADDRESS|FILE", help="An article's address, or a saved page.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print title, text, date and author of an article as they would be stored, and store nothing."""
    from flows import crawling, wiring
    from flows.settings import load
    from records.calendar import local
    from store.handles import author_hash

    settings = load()
    found = crawling.extract(settings, address)
    author = author_hash(wiring.key(settings, "author"), found.author) if found.author else None
    if as_json:
        published = found.published.isoformat() if found.published else None
        values = {"address": found.address, "title": found.title, "published": published, "author": author}
        typer.echo(json.dumps(values | {"text": found.text}, ensure_ascii=False))
        return
    typer.echo(f"Title:     {found.title or '(none)'}")
    typer.echo(
        f"Published: {local(found.published):%d/%m/%Y %H:%M} (Vietnam time)"
        if found.published
        else "Published: unknown"
    )
    typer.echo(f"Author:    {author or 'unknown'}" + (" (only this keyed hash is kept)" if author else ""))
    typer.echo(f"Address:   {found.address}")
    typer.echo("")
    typer.echo(found.text)
