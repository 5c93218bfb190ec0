"""`tin3c sources`: the places we read. Added by looking at them first; switched on only when they work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.exits import FAILED
from records.errors import InputError
from records.source import Owner, Probe, Source, SourceKind, SourceState

if TYPE_CHECKING:
    from flows.settings import Settings
    from records.ports import Sources

app = typer.Typer(help="The places that are read.", rich_markup_mode=None, no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For machines: one JSON object a line.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `tin3c sources list` shows them.")]


class FileFormat(StrEnum):
    TOML = "toml"
    OPML = "opml"


@contextmanager
def _sources() -> Iterator[tuple[Settings, Sources]]:
    from flows import wiring
    from flows.settings import load

    settings = load()
    store = wiring.open_store(settings)
    try:
        yield settings, store.sources
    finally:
        store.close()


@app.command("list")
def list_(as_json: Json = False) -> None:
    """All sources, with how their last reading went."""
    with _sources() as (_, sources):
        healths = sources.health(datetime.now(UTC))
    for health in healths:
        if as_json:
            _say_json(asdict(health))
            continue
        source = health.source
        switch = "on " if source.enabled else "off"
        typer.echo(f"{switch}  {health.state.value:<10}  {source.id:<28}  {source.name}")
        typer.echo(f"     {source.kind.value}, {source.owner.value}, {source.read_address}")
        if health.detail:
            typer.echo(f"     {health.detail}")
    if not healths and not as_json:
        typer.echo("No sources yet. Add one with `tin3c sources add ADDRESS`.")


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="A feed, a listing page, a channel's or a profile's page.")],
    name: Annotated[str | None, typer.Option(help="Its name; what it calls itself when not given.")] = None,
    kind: Annotated[SourceKind | None, typer.Option(help="How to read it; found out when not given.")] = None,
    owner: Annotated[Owner | None, typer.Option(help="Whose it is; press, or social for a social page.")] = None,
    region: Annotated[
        str | None, typer.Option(help="The province it speaks of; the whole country when not given.")
    ] = None,
    link_pattern: Annotated[str | None, typer.Option(help="A regular expression of article addresses.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Look at an address, show what is there, and add it as a source that is switched on."""
    from crawlers.source_files import check_pattern, source_id
    from crawlers.targets import Target
    from flows import crawling
    from records.address import canonical_address, is_web_address
    from records.text import normalize

    if not is_web_address(address):
        raise InputError(f"{address} is not an http or https address")
    if link_pattern is not None:
        check_pattern(link_pattern)
    with _sources() as (settings, sources):
        wanted = canonical_address(address)
        for known in sources.all():
            if wanted in (canonical_address(known.address), canonical_address(known.read_address)):
                typer.echo(f"It is on the list already: {known.id} ({known.name}).", err=True)
                raise typer.Exit(FAILED)
        found = crawling.probe_all(settings, [Target(address, kind=kind, link_pattern=link_pattern)])[0]
        if not as_json:
            _show(found)
        if found.state not in (SourceState.WORKING, SourceState.EMPTY) or found.kind is None:
            if as_json:
                _say_json({"added": None, "found": asdict(found)})
            else:
                typer.echo("Not added.", err=True)
            raise typer.Exit(FAILED)
        if kind is not None and kind is not found.kind:
            typer.echo(f"Not added: it is a {found.kind.value}, not a {kind.value}.", err=True)
            raise typer.Exit(FAILED)
        source = Source(
            id=source_id(address),
            name=normalize(name or found.title or address),
            address=address,
            kind=found.kind,
            owner=owner or (Owner.PRESS if found.platform == "web" else Owner.SOCIAL),
            feed_address=found.feed_address if found.feed_address != address else None,
            region=normalize(region) if region else None,
            platform=found.platform,
            enabled=True,
            link_pattern=link_pattern,
        )
        if not (yes or as_json) and not typer.confirm(
            f"Add it as {source.name!r} ({source.owner.value})?", default=True
        ):
            raise typer.Exit(FAILED)
        sources.save(source, datetime.now(UTC))
    if as_json:
        _say_json({"added": asdict(source), "found": asdict(found)})
    else:
        typer.echo(f"Added and switched on: {source.id}")


@app.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="All sources when none is given.")] = None,
    enable: Annotated[bool, typer.Option("--enable", help="Switch on those that work.")] = False,
    as_json: Json = False,
) -> None:
    """Read sources once, store nothing, and say how each does. Exit code 1 when one does not work."""
    from crawlers.targets import Target
    from flows import crawling
    from records.address import host_and_port

    with _sources() as (settings, sources):
        chosen = [sources.get(id) for id in ids] if ids else list(sources.all())
        # A feed's address elsewhere than the source's own was named by a page, not typed.
        targets = [
            Target(
                one.read_address,
                typed=host_and_port(one.read_address) == host_and_port(one.address),
                kind=one.kind,
                link_pattern=one.link_pattern,
            )
            for one in chosen
        ]
        failed = 0
        for source, found in zip(chosen, crawling.probe_all(settings, targets), strict=True):
            works = found.state is SourceState.WORKING and found.kind is source.kind
            failed += not works
            switched = enable and works and not source.enabled
            if switched:
                # The page at a feed's address may name the feed that it means.
                feed = found.feed_address if found.feed_address != source.address else source.feed_address
                sources.save(replace(source, enabled=True, feed_address=feed or source.feed_address), datetime.now(UTC))
            if as_json:
                _say_json(
                    {"id": source.id, "works": works, "enabled": source.enabled or switched, "found": asdict(found)}
                )
            else:
                note = "  (switched on)" if switched else ""
                typer.echo(f"{'works ' if works else 'FAILED'}  {found.state.value:<10}  {source.id}{note}")
                typer.echo(f"        {found.detail}")
    if failed:
        raise typer.Exit(FAILED)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A TOML or OPML file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Add and change sources by a file. None is removed; those of an OPML file that are new are switched off."""
    from crawlers.source_files import Change, plan, read_sources

    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    with _sources() as (_, sources):
        known = sources.all()
        try:
            planned = plan(read_sources(data, known), known)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
        for one in planned:
            if one.change is not Change.UNCHANGED:
                typer.echo(f"{one.change.value:<8}  {one.source.id:<28}  {one.source.name}")
                if not dry_run:
                    sources.save(one.source, datetime.now(UTC))
    counts = {change: sum(one.change is change for one in planned) for change in Change}
    said = ", ".join(f"{count} {change.value}" for change, count in counts.items())
    typer.echo(f"{said}{'. Nothing was changed (--dry-run).' if dry_run else '.'}")


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output when not given.")] = None,
    format_: Annotated[FileFormat | None, typer.Option("--format", help="By the file's name when not given.")] = None,
) -> None:
    """Write the list of sources. TOML keeps everything; OPML is for other programs."""
    from crawlers.source_files import to_opml, to_toml

    opml = format_ is FileFormat.OPML or (format_ is None and file is not None and file.suffix in (".opml", ".xml"))
    with _sources() as (_, sources):
        known = sources.all()
    written = to_opml(known) if opml else to_toml(known)
    if file is None:
        typer.echo(written, nl=False)
        return
    try:
        file.write_text(written, "utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error
    typer.echo(f"Wrote {len(known)} sources to {file}.")


@app.command()
def remove(ids: Ids, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Take sources off the list. Their items stay."""
    with _sources() as (_, sources):
        chosen = [sources.get(id) for id in ids]
        if not yes and not typer.confirm(f"Remove {', '.join(one.name for one in chosen)}?"):
            raise typer.Exit(FAILED)
        for source in chosen:
            sources.remove(source.id)
            typer.echo(f"Removed: {source.id}")


@app.command()
def enable(ids: Ids) -> None:
    """Switch sources on."""
    _switch(ids, on=True)


@app.command()
def disable(ids: Ids) -> None:
    """Switch sources off."""
    _switch(ids, on=False)


def _switch(ids: list[str], on: bool) -> None:
    with _sources() as (_, sources):
        for source in [sources.get(id) for id in ids]:
            sources.save(replace(source, enabled=on), datetime.now(UTC))
            typer.echo(f"Switched {'on' if on else 'off'}: {source.id}")


def _show(found: Probe) -> None:
    typer.echo(found.detail)
    if found.title:
        typer.echo(f"Its title:    {found.title}")
    if found.feed_address:
        typer.echo(f"Its feed:     {found.feed_address}")
    if found.newest:
        typer.echo(f"Newest entry: {found.newest:%Y-%m-%d %H:%M} UTC")
    for title in found.sample_titles:
        typer.echo(f"  - {title}")
    for feed in found.other_feeds:
        typer.echo(f"Another feed: {feed}")


def _say_json(values: dict[str, Any]) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, default=lambda moment: moment.isoformat()))
