"""The parts of one process, each built when it is first needed and kept: loading an encoder takes seconds.

Prefect's tasks name their home and find the parts by it, so that no text, secret or model passes through Prefect.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flows import logs, wiring
from flows.settings import Settings, load
from records.message import Channel
from records.ports import Assessor, Deliverer, Encoder, Narrator, SearchIndex

if TYPE_CHECKING:
    from flows.claims import Resemblance
    from store import Store


class Parts:
    """`settings` may differ from the file's (`watch --delay`)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def store(self) -> Store:
        return wiring.open_store(self.settings)

    @cached_property
    def index(self) -> SearchIndex:
        return wiring.open_index(self.settings)

    @cached_property
    def encoder(self) -> Encoder:
        return wiring.encoder(self.settings)

    @cached_property
    def assessor(self) -> Assessor:
        return wiring.assessor(self.settings, self.encoder)

    @cached_property
    def narrator(self) -> Narrator:
        return wiring.narrator(self.settings)

    @cached_property
    def resemblance(self) -> Resemblance:
        """Narratives against the library of known claims."""
        from flows.claims import Resemblance

        return Resemblance(self.store.reader, self.settings.home, lambda: self.encoder.version)

    @cached_property
    def deliverers(self) -> dict[Channel, Deliverer]:
        return wiring.deliverers(self.settings)

    def close(self) -> None:
        for name in ("store", "index"):
            if part := self.__dict__.pop(name, None):
                part.close()
        _KNOWN.pop(str(self.settings.home), None)


_KNOWN: dict[str, Parts] = {}


def use(settings: Settings) -> Parts:
    """The parts of this process for `settings.home`, with exactly these settings."""
    logs.set_up(settings.log)
    parts = _KNOWN[str(settings.home)] = Parts(settings)
    return parts


def parts_of(home: str) -> Parts:
    """Those that this process uses for `home`; in a process that Prefect started, made from its settings."""
    if home not in _KNOWN:
        os.environ.setdefault("TIN3C_HOME", home)
        use(load(Path(home)))
    return _KNOWN[home]
