"""What stands between the web and the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.routing import APIRoute

from console.app import create_app
from console.render import local_path
from console.session import COOKIE, Session, Signer
from records.errors import StoreError
from tests.console.conftest import Desk
from tests.support import console_seed as seed


def test_every_form_wants_its_token(empty_desk: Desk) -> None:
    routes = [route for route in _routes(empty_desk) if "POST" in (route.methods or ())]
    assert len(routes) >= 12
    for route in routes:
        path = route.path.format(narrative_id="x", item_id="x", statement_id="x")
        for fields in ({}, {"token": "0" * 64}, {"token": Signer(b"x" * 32).token(Session("1"))}):
            response = empty_desk.client.post(path, data=fields)
            assert response.status_code == 403, path
            assert "Biểu mẫu không được chấp nhận" in response.text


def _routes(desk: Desk) -> list[APIRoute]:
    from console.pages import inbox, item, narrative, person, search, sources, statements

    pages = (inbox, item, narrative, person, search, sources, statements)
    return [route for page in pages for route in page.router.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://xau.example"},
        {"Origin": "http://127.0.0.1:9"},
    ],
)
def test_forms_from_elsewhere_are_refused(empty_desk: Desk, headers: dict[str, str]) -> None:
    fields = {"token": empty_desk.token, "language": "en"}
    assert empty_desk.client.post("/language", data=fields, headers=headers).status_code == 403
    assert empty_desk.client.post("/language", data=fields, headers={"Origin": "http://127.0.0.1"}).status_code == 303


def test_a_token_of_another_session_is_refused(empty_desk: Desk) -> None:
    token = empty_desk.token
    other = empty_desk.other_person()
    other.page("/")
    assert other.client.post("/language", data={"token": token, "language": "en"}).status_code == 403


def test_a_forged_cookie_is_a_stranger(empty_desk: Desk) -> None:
    forged = Signer(b"another key that is long enough!").write(Session("1", name="Giả mạo"))
    empty_desk.client.cookies.set(COOKIE, forged)
    assert "Giả mạo" not in empty_desk.page("/person")


@pytest.mark.parametrize("host", ["xau.example", "127.0.0.1.xau.example", "10.0.0.1", ""])
def test_other_hosts_are_refused(empty_desk: Desk, host: str) -> None:
    assert empty_desk.client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8033", "localhost:8033", "[::1]:8033"])
def test_loopback_is_served(empty_desk: Desk, host: str) -> None:
    assert empty_desk.client.get("/healthz", headers={"Host": host}).text == "ok"


@pytest.mark.parametrize("path", ["/", "/nope", "/static/console.css", "/healthz"])
def test_headers_are_on_every_answer(empty_desk: Desk, path: str) -> None:
    headers = empty_desk.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_large_form_is_turned_away(empty_desk: Desk) -> None:
    response = empty_desk.client.post("/person", data={"token": empty_desk.token, "name": "x" * 300_000})
    assert response.status_code == 413


class _Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_: object, **__: object) -> object:
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [(StoreError("away"), 503, "Kho dữ liệu không phản hồi"), (RuntimeError("bí mật"), 500, "Đã xảy ra lỗi")],
)
def test_errors_are_told_in_vietnamese(
    desk_with: Callable[..., Desk], error: Exception, status: int, words: str
) -> None:
    response = desk_with(reader=_Broken(error)).client.get("/")
    assert response.status_code == status and words in response.text
    assert "bí mật" not in response.text
    assert response.headers["X-Frame-Options"] == "DENY"


def test_methods_and_paths_that_are_not_there(empty_desk: Desk) -> None:
    assert empty_desk.client.get("/nope").status_code == 404
    assert empty_desk.client.put("/", headers={"Content-Length": "0"}).status_code in {403, 405}
    assert empty_desk.client.get("/openapi.json").status_code == 404


@pytest.mark.parametrize("given", ["https://xau.example", "//xau.example", "/\\xau.example", "xau", "/a\nb", ""])
def test_nobody_is_sent_elsewhere(given: str) -> None:
    assert local_path(given) == "/"


def test_a_short_signing_key_is_an_error(empty_desk: Desk) -> None:
    with pytest.raises(ValueError, match="32"):
        create_app(seed.services_of(empty_desk.store, empty_desk.index, signing_key=b"short"))
