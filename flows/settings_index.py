"""The settings of the search index."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from flows.settings_section import LOOPBACK, Section


class Index(Section):
    engine: Literal["sqlite", "elasticsearch"] = "sqlite"
    addresses: tuple[str, ...] = Field((), description="Of the cluster's nodes; https, except on loopback.")
    user: str = ""
    password: SecretStr | None = None
    password_file: Path | None = None
    api_key: SecretStr | None = Field(None, description="In place of user and password.")
    api_key_file: Path | None = None
    ca_file: Path | None = Field(None, description="Whom to trust; the system's authorities when absent.")
    prefix: str = Field("tin3c", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    shards: int = Field(1, ge=1, le=100)
    replicas: int = Field(1, ge=0, le=5, description="At most: as many as there are other nodes.")
    search_seconds: float = Field(5.0, gt=0, description="A page waits no longer for the cluster.")
    write_seconds: float = Field(60.0, gt=0, description="For one bulk request.")

    @field_validator("addresses")
    @classmethod
    def _secrets_travel_safely(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port is None:
                raise ValueError("an address is https://HOST:PORT")
            if parts.username or parts.password:
                raise ValueError("user and password are settings of their own")
            if parts.scheme != "https" and parts.hostname not in LOOPBACK:
                raise ValueError("must be https, except on a loopback host")
        return addresses

    @model_validator(mode="after")
    def _a_cluster_has_an_address(self) -> Index:
        if self.engine == "elasticsearch" and not self.addresses:
            raise ValueError("addresses is missing")
        has_key = self.api_key is not None or self.api_key_file is not None
        if has_key and self.user:
            raise ValueError("api_key and user are both given")
        if self.user and self.password is None and self.password_file is None:
            raise ValueError("password or password_file is missing")
        return self
