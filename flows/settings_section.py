"""What every section of the settings is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
