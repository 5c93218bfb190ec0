from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from console.app import create_app
from console.services import Services
from index.sqlite import SqliteIndex
from store import Store
from tests.support import console_seed as seed
from tests.support import stores


@dataclass
class Desk:
    """The console over a real store and index, and a person before it."""

    store: Store
    index: SqliteIndex
    services: Services
    client: TestClient

    def page(self, path: str, **headers: str) -> str:
        response = self.client.get(path, headers=headers)
        assert response.status_code == 200, (path, response.status_code, response.text[:500])
        return response.text

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="(\w+)"', self.client.get("/person").text)
        assert found
        return found[1]

    def post(self, path: str, htmx: bool = False, **fields: str | list[str]) -> Response:
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(path, data={"token": self.token, **fields}, headers=headers)

    def sit_down(self, name: str, role: str = "officer") -> None:
        assert self.post("/person", name=name, role=role).status_code == 303

    def other_person(self) -> Desk:
        return Desk(self.store, self.index, self.services, _client(self.services))


def _client(services: Services) -> TestClient:
    return TestClient(
        create_app(services), base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An empty home and a filled one, made once: collecting takes most of a test's time."""
    found = {name: tmp_path_factory.mktemp(name) for name in ("empty", "filled")}
    for name, home in found.items():
        store, index = seed.open_parts(home)
        with closing(store), closing(index):
            if name == "filled":
                seed.collect(store)
                seed.fill_index(store, index)
    return found


@contextmanager
def _desk(home: Path, copy: Path) -> Iterator[Desk]:
    shutil.copytree(home, copy)
    stores.copy(home, copy)
    store, index = seed.open_parts(copy)
    with closing(store), closing(index):
        services = seed.services_of(store, index)
        yield Desk(store, index, services, _client(services))


@pytest.fixture
def empty_desk(homes: dict[str, Path], tmp_path: Path) -> Iterator[Desk]:
    with _desk(homes["empty"], tmp_path / "home") as desk:
        yield desk


@pytest.fixture
def desk(homes: dict[str, Path], tmp_path: Path) -> Iterator[Desk]:
    with _desk(homes["filled"], tmp_path / "home") as desk:
        yield desk


@pytest.fixture
def desk_with(empty_desk: Desk) -> Callable[..., Desk]:
    """The desk with some of its services replaced."""

    def make(**more: object) -> Desk:
        services = seed.services_of(empty_desk.store, empty_desk.index, **more)
        return Desk(empty_desk.store, empty_desk.index, services, _client(services))

    return make
