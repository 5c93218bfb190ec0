"""The address of the database: what store.url may say, and how it is said without its password."""

from __future__ import annotations

import ipaddress

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from records.errors import StoreError

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
#: What libpq may be told in the address. `hostaddr` and `service` would lead elsewhere than `host` says.
_PARAMETERS = frozenset(
    {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "target_session_attrs"}
)
_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain"})


def database_address(address: str) -> URL:
    """`address`, an SQLAlchemy URL, as it is connected to.

    Raises StoreError when it is none of SQLite's or PostgreSQL's, or when PostgreSQL on another machine would be talked
    to without its certificate being verified. No message holds any part of a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError("store.url is not an SQLAlchemy URL such as postgresql://user@host/database") from None
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise StoreError(f"store.url: {backend} is neither sqlite nor postgresql")
    url = url.set(drivername=_DRIVERS[backend])
    if backend != "sqlite":
        _check(url)
    return url


def with_password(address: str, password: str) -> str:
    """`address` with the password that it leaves out. Raises StoreError as `database_address`."""
    url = database_address(address)
    if url.password is not None:
        raise StoreError("store.url holds a password, and store.password_file another")
    return url.set(password=password).render_as_string(hide_password=False)


def shown(address: str) -> str:
    """`address` as it may be shown and written down: without its password."""
    url = database_address(address)
    kept = {"username": url.username, "host": url.host, "port": url.port, "database": url.database, "query": url.query}
    return URL.create(url.get_backend_name(), **kept).render_as_string()  # type: ignore[arg-type]


def _check(url: URL) -> None:
    if "@" in (url.host or ""):
        raise StoreError("store.url: write an @ of the password as %40, or keep the password in store.password_file")
    if strange := set(url.query) - _PARAMETERS:
        raise StoreError(f"store.url: {', '.join(sorted(strange))} cannot be set there")
    hosts = hosts_of(url)
    if not hosts:
        here = "localhost, or ?host=/run/postgresql"
        raise StoreError(f"store.url names no host: for the server of this machine write {here}")
    if not url.database:
        raise StoreError("store.url names no database")
    if not all(map(is_local, hosts)) and url.query.get("sslmode") != "verify-full":
        raise StoreError(
            "store.url: PostgreSQL on another machine wants ?sslmode=verify-full, and sslrootcert=FILE with the"
            " certificate of the authority that signed the server's"
        )


def hosts_of(url: URL) -> tuple[str, ...]:
    """Every host that may be connected to: libpq takes several, separated by commas."""
    given = url.query.get("host", ())
    several = [url.host or "", *((given,) if isinstance(given, str) else given)]
    return tuple(_name(one) for part in several for one in part.split(",") if one)


def _name(host: str) -> str:
    """Without the port that SQLAlchemy allows behind it."""
    return host if host.startswith(("/", "[")) or host.count(":") > 1 else host.partition(":")[0]


def is_local(host: str) -> bool:
    """Whether what is said to `host` stays on this machine: a socket's folder, or a loopback address."""
    if host.startswith("/") or host in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def place_of(url: URL) -> str:
    """Where the database is, for a person: a file, or `database on host`. Never the user, never the password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    port = f":{url.port}" if url.port else ""
    return f"{url.database} on {', '.join(hosts_of(url))}{port}"
