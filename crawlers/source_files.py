"""Lists of sources in files: TOML (ours, lossless), OPML (everybody's), and the list of known sources. No network.

A file is somebody else's: XML entities are not expanded, unknown keys are errors, and every address is looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from importlib import resources
from typing import Any

from records.address import canonical_address, is_web_address
from records.errors import InputError
from records.source import Owner, Source, SourceKind
from records.text import fold, normalize

LONGEST_PATTERN = 300
MOST_SOURCES = 10_000

_REGION = "/region/"


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would do with one source."""

    source: Source
    change: Change


def source_id(address: str) -> str:
    """An id for a source that has none: its host and six hex digits of its canonical address."""
    canonical = canonical_address(address)
    host = re.sub(r"[^a-z0-9]+", "-", canonical.removeprefix("https://").partition("/")[0]).strip("-")
    return f"{host[:40]}-{hashlib.sha256(canonical.encode()).hexdigest()[:6]}"


def check_pattern(pattern: str) -> str:
    """Raises InputError when `pattern` is not a regular expression that we would run."""
    if len(pattern) > LONGEST_PATTERN:
        raise InputError(f"the link pattern is longer than {LONGEST_PATTERN} characters")
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError(f"the link pattern is not a regular expression: {error}") from error
    return pattern


def plan(read: Iterable[Source], known: Iterable[Source]) -> tuple[Planned, ...]:
    """Each source of a file against those on the list: the same id, or else the same address, is the same source."""
    by_id = {source.id: source for source in known}
    by_address = {canonical_address(source.read_address): source for source in by_id.values()}
    planned = []
    for source in read:
        before = by_id.get(source.id) or by_address.get(canonical_address(source.read_address))
        if before is None:
            planned.append(Planned(source, Change.NEW))
            continue
        after = replace(source, id=before.id)
        planned.append(Planned(after, Change.UNCHANGED if after == before else Change.CHANGED))
    return tuple(planned)


def read_sources(data: bytes, known: Iterable[Source] = ()) -> tuple[Source, ...]:
    """The sources of a TOML or OPML file. Raises InputError.

    OPML knows little of a source: what it does not say stays as it is with a source of `known` at the same address.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _from_opml(data, known)
    return _from_toml(data)


# --- TOML


def to_toml(sources: Iterable[Source]) -> str:
    import tomlkit

    document = tomlkit.document()
    tables = tomlkit.aot()
    for source in sources:
        table = tomlkit.table()
        for field in fields(Source):
            value = getattr(source, field.name)
            if value is not None and (field.default is MISSING or value != field.default):
                table.add(field.name, value.value if isinstance(value, StrEnum) else value)
        tables.append(table)
    document.add("source", tables)
    return tomlkit.dumps(document)


def _from_toml(data: bytes) -> tuple[Source, ...]:
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"not a TOML file: {error}") from error
    tables = document.get("source")
    if set(document) != {"source"} or not isinstance(tables, list) or len(tables) > MOST_SOURCES:
        raise InputError("a list of sources holds [[source]] tables and nothing else")
    return _unique(source_from(table, f"source {number}") for number, table in enumerate(tables, 1))


def source_from(values: dict[str, Any], where: str) -> Source:
    """A checked Source of plain values. Raises InputError, which begins with `where`."""
    from pydantic import TypeAdapter, ValidationError

    unknown = set(values) - {field.name for field in fields(Source)}
    if unknown:
        raise InputError(f"{where}: unknown key {min(unknown)!r}")
    values = dict(values)
    if "id" not in values and is_web_address(str(values.get("address", ""))):
        values["id"] = source_id(values["address"])
    try:
        source = TypeAdapter(Source).validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {key}: {first['msg']}") from error
    for address in filter(None, (source.address, source.feed_address)):
        if not is_web_address(address):
            raise InputError(f"{where}: {address[:200]!r} is not a web address")
    if source.link_pattern is not None:
        check_pattern(source.link_pattern)
    if source.every_minutes < 1 or source.expected_items < 0 or not source.id or not source.name.strip():
        raise InputError(f"{where}: id and name are wanted, every_minutes from 1 and expected_items from 0")
    return replace(source, name=normalize(source.name))


def _unique(sources: Iterable[Source]) -> tuple[Source, ...]:
    seen: dict[str, Source] = {}
    for source in sources:
        if source.id in seen:
            raise InputError(f"two sources have the id {source.id!r}")
        seen[source.id] = source
    return tuple(seen.values())


# --- OPML


def to_opml(sources: Iterable[Source], title: str = "Tin3C") -> str:
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for source in sources:
        categories = [f"/{source.owner.value}", *([_REGION + source.region] if source.region else [])]
        outline = etree.SubElement(body, "outline", text=source.name, title=source.name, category=",".join(categories))
        if source.kind is SourceKind.FEED:
            outline.set("type", "rss")
            outline.set("xmlUrl", source.read_address)
            if source.feed_address:
                outline.set("htmlUrl", source.address)
        else:
            outline.set("type", "link")
            outline.set("url", source.address)
    return str(etree.tostring(root, encoding="unicode", pretty_print=True, doctype='<?xml version="1.0"?>'))


def _from_opml(data: bytes, known: Iterable[Source]) -> tuple[Source, ...]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"not an OPML file: {error}") from error
    if root.tag != "opml" or root.getroottree().docinfo.internalDTD is not None:
        raise InputError("not an OPML file")
    by_address = {canonical_address(source.read_address): source for source in known}
    found: dict[str, Source] = {}
    for number, outline in enumerate(root.iter("outline"), 1):
        if (source := _from_outline(outline, number, by_address)) is not None:
            found.setdefault(canonical_address(source.read_address), source)
        if len(found) > MOST_SOURCES:
            raise InputError(f"more than {MOST_SOURCES} sources")
    if not found:
        raise InputError("there is no source in this OPML file")
    return tuple(found.values())


def _from_outline(outline: Any, number: int, by_address: dict[str, Source]) -> Source | None:
    """None for a folder."""
    feed, page = (outline.get("xmlUrl") or "").strip(), (outline.get("htmlUrl") or "").strip()
    listing = (outline.get("url") or "").strip() if outline.get("type") == "link" else ""
    address = feed or listing
    if not address:
        return None
    where = f"outline {number}"
    if not is_web_address(address):
        raise InputError(f"{where}: {address[:200]!r} is not a web address")
    name = normalize(outline.get("title") or outline.get("text") or "") or address
    owner, region = _categories(outline)
    before = by_address.get(canonical_address(address))
    if before is not None:
        return replace(before, name=name, owner=owner or before.owner, region=region or before.region)
    from crawlers.social import platform_of

    platform = platform_of(page or address)
    own_page = is_web_address(page) and platform != "web"
    values: dict[str, Any] = {
        "name": name,
        "address": page if own_page else address,
        "feed_address": address if own_page else None,
        "kind": SourceKind.FEED if feed else SourceKind.LISTING,
        "owner": owner or (Owner.SOCIAL if platform != "web" else Owner.PRESS),
        "region": region,
        "platform": platform,
    }
    return source_from(values, where)


def _categories(outline: Any) -> tuple[Owner | None, str | None]:
    """Owner and region by the outline's categories, or by the folders that it lies in."""
    names = [part.strip() for part in (outline.get("category") or "").split(",")]
    names += [one.get("text") or "" for one in outline.iterancestors("outline")]
    owners = {owner.value: owner for owner in Owner}
    owner = next((owners[name.strip("/").lower()] for name in names if name.strip("/").lower() in owners), None)
    region = next((normalize(name.removeprefix(_REGION)) for name in names if name.startswith(_REGION)), None)
    return owner, region


# --- the known sources


def suggested_sources(province: str = "") -> tuple[Source, ...]:
    """The known sources of the whole country and of `province`, each off until it was checked."""
    data = json.loads(resources.files("crawlers").joinpath("data/sources.json").read_text("utf-8"))
    sources = []
    for row in data["sources"]:
        others = row.pop("other_addresses", [])
        if others:
            row["note"] = "; ".join(filter(None, [row.get("note", ""), "other addresses: " + " ".join(others)]))
        source = source_from(row, row["id"])
        if source.region is None or fold(source.region) == fold(province):
            sources.append(source)
    return tuple(sources)
