"""What store.url may say: what is said to another machine is encrypted and its certificate verified."""

from __future__ import annotations

import pytest

from records.errors import StoreError
from store.address import database_address, is_local, place_of, shown, with_password


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://tin3c:secret@localhost/tin3c",
        "postgres://tin3c@127.0.0.1:5433/tin3c",
        "postgresql+psycopg2://tin3c@[::1]/tin3c",
        "postgresql://tin3c@/tin3c?host=/run/postgresql",
        "postgresql://tin3c:secret@db.soyte.example/tin3c?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql://tin3c@/tin3c?host=db1.example:5432&host=db2.example&sslmode=verify-full",
    ],
)
def test_these_are_connected_to_by_psycopg(address: str) -> None:
    assert database_address(address).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://tin3c:secret@db.soyte.example/tin3c", "sslmode=verify-full"),
        ("postgresql://tin3c:secret@db.soyte.example/tin3c?sslmode=require", "sslmode=verify-full"),
        ("postgresql://tin3c:secret@10.0.0.7/tin3c?sslmode=verify-ca", "sslmode=verify-full"),
        ("postgresql://tin3c:secret@localhost,db.soyte.example/tin3c", "sslmode=verify-full"),
        ("postgresql://tin3c:secret@localhost/tin3c?host=db.soyte.example", "sslmode=verify-full"),
        ("postgresql://tin3c:secret@localhost/tin3c?hostaddr=10.0.0.7", "hostaddr cannot be set"),
        ("postgresql://tin3c:secret@localhost/tin3c?options=-csearch_path%3Dx", "options cannot be set"),
        ("postgresql://tin3c:se@secret@localhost/tin3c", "%40"),
        ("postgresql:///tin3c", "names no host"),
        ("postgresql://tin3c:secret@localhost", "names no database"),
        ("mysql://tin3c:secret@localhost/tin3c", "mysql is neither"),
        ("postgresql://tin3c:secret@localhost:port/tin3c", "not an SQLAlchemy URL"),
        ("secret", "not an SQLAlchemy URL"),
    ],
)
def test_these_are_refused_and_the_password_is_not_said(address: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as refused:
        database_address(address)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "/run/postgresql"])
def test_these_stay_on_this_machine(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.7", "0.0.0.0", "::", "127.0.0.1.example", "db"])
def test_these_do_not(host: str) -> None:
    assert not is_local(host)


def test_a_password_from_a_file_and_what_is_shown() -> None:
    whole = with_password("postgresql://tin3c@localhost:5433/kho", "p@ss/word: 1")
    assert database_address(whole).password == "p@ss/word: 1"
    assert shown(whole) == "postgresql://tin3c@localhost:5433/kho"
    assert place_of(database_address(whole)) == "kho on localhost:5433"
    with pytest.raises(StoreError, match="password_file"):
        with_password(whole, "another")
