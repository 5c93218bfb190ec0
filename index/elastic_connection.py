"""The way to an Elasticsearch cluster: who we are there, how long we wait, and its errors as ours."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records.errors import SearchUnavailable

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: A cluster that did not answer is not asked again for so long: a page must not wait for it again and again.
PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Access:
    """Where the cluster is and who we are there. `ca_file`: whom to trust, in place of the system's authorities."""

    addresses: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca_file: Path | None = None
    search_seconds: float = 5.0
    write_seconds: float = 60.0


class Connection:
    """Safe for threads. The cluster is not asked anything before the first call."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._client: Elasticsearch | None = None
        self._away_until = 0.0
        self._why_away = ""

    @contextmanager
    def searching(self) -> Iterator[Elasticsearch]:
        yield from self._asking(self._access.search_seconds)

    @contextmanager
    def writing(self) -> Iterator[Elasticsearch]:
        yield from self._asking(self._access.write_seconds)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _asking(self, seconds: float) -> Iterator[Elasticsearch]:
        """Raises SearchUnavailable for everything that the cluster does or does not answer."""
        from elasticsearch import ApiError, SerializationError, TransportError

        if time.monotonic() < self._away_until:
            raise SearchUnavailable(self._why_away)
        try:
            yield self._opened().options(request_timeout=seconds)
        except ApiError as error:
            raise SearchUnavailable(_said(error)) from error
        except (TransportError, SerializationError) as error:
            # A driver's message may hold the request, and with it a text.
            reason = (getattr(error, "errors", None) and error.errors[-1]) or error
            self._why_away = f"the search cluster does not answer: {type(reason).__name__}{_certificate(error)}"
            self._away_until = time.monotonic() + PAUSE_SECONDS
            raise SearchUnavailable(self._why_away) from error
        self._away_until = 0.0

    def _opened(self) -> Elasticsearch:
        with self._lock:
            if self._client is None:
                self._client = _client(self._access)
            return self._client


def _client(access: Access) -> Elasticsearch:
    from elasticsearch import Elasticsearch

    several = len(access.addresses) > 1
    options: dict[str, Any] = {}
    if access.api_key:
        options["api_key"] = access.api_key
    elif access.user:
        # The client itself would take no letters but English ones.
        options["basic_auth"] = base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
    if access.ca_file is not None:
        options["ca_certs"] = str(access.ca_file)
    return Elasticsearch(
        list(access.addresses),
        # Another node is tried at once; versions make a repeated write harmless.
        max_retries=len(access.addresses) - 1,
        retry_on_timeout=several,
        **options,
    )


def _said(error: Any) -> str:
    status = error.meta.status
    if status in {401, 403}:
        return f"the search cluster refuses our user ({status}): see index.user and docs/settings.md"
    return f"the search cluster answered {status} {error.error}"


def _certificate(error: Exception) -> str:
    return ": its certificate is not one that we trust (index.ca_file)" if "CERTIFICATE_VERIFY" in repr(error) else ""
