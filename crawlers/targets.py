"""What a probe is pointed at. Apart, so that the parent of a crawling child need not import Scrapy."""

from __future__ import annotations

from dataclasses import dataclass

from records.source import SourceKind


@dataclass(frozen=True, slots=True)
class Target:
    """An address to look at. `typed`: the operator typed it, so that it may be a private one.

    `kind`: what it is known to be; None finds out. `link_pattern` as a Source has it.
    """

    address: str
    typed: bool = True
    kind: SourceKind | None = None
    link_pattern: str | None = None
