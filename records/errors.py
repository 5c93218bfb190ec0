"""Every error that Tin3C raises on purpose.

    Tin3CError
    ├── SettingsError            a setting is missing, unknown or impossible
    ├── InputError               a line or an argument that somebody gave cannot be read
    ├── NotFound                 no record of that kind has that id
    ├── ActRefused               the record's stage, or the person's role, does not allow this act
    │   └── AssessmentChanged    it says something else than what the person saw
    ├── FetchError               something on the web could not be had
    │   ├── AddressNotAllowed    private, loopback, link-local or not http(s), and nobody typed it
    │   ├── FetchRefused         robots.txt, 401, 403, 451: we do not go on
    │   ├── FetchFailed          an error status, a time-out, a cut connection, too large
    │   │   └── CrawlerDied      the crawling process ended before its work did
    │   └── NotReadable          it came, and there is no article or feed in it
    ├── StoreError               the store cannot do what was asked
    │   ├── LeaseTaken           another run holds the lease
    │   ├── StoreBusy            it met another transaction and gave way: the same again may do
    │   ├── StoreAway            the database cannot be reached
    │   ├── StoreFull            there is no room left on a disk
    │   ├── StoreMoved           it was copied to another database, and is not worked on any more
    │   └── StoreOutOfDate       the store's schema is not the one that this code knows
    ├── SearchError              the index cannot answer
    │   ├── SearchUnavailable    the engine is away: the store is still right
    │   └── QueryError           the query itself cannot be read
    ├── ModelError               a model cannot be used
    │   ├── ModelMissing         its files are not there
    │   └── ModelMismatch        its files are not the ones that were promised
    └── DeliveryError            a message was not delivered
        ├── DeliveryDelayed      not now: try again after `retry_after_seconds`
        └── DeliveryRefused      never, as it stands: a person must change something

Each carries what it speaks of, so that the message says what happened, to what, and what to do.
"""

from __future__ import annotations


class Tin3CError(Exception):
    """The root. `str()` is a sentence that can be shown to a person."""

    def __reduce__(self) -> tuple[object, ...]:
        # Python's own way would call the class with the message alone, which most of these do not take.
        return _copied, (type(self), self.args), vars(self)


def _copied(kind: type[Tin3CError], args: tuple[object, ...]) -> Tin3CError:
    return kind.__new__(kind, *args)


class SettingsError(Tin3CError):
    """`key` is the setting's dotted name, as in tin3c.toml, or the environment variable; `place` is where it stands."""

    def __init__(self, key: str, problem: str, place: str = "") -> None:
        super().__init__(f"{key}{f' ({place})' if place else ''}: {problem}")
        self.key = key


class InputError(Tin3CError):
    """`line` counts from 1; None when the input as a whole is meant."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.line = line


class NotFound(Tin3CError):
    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"no {kind} {id}")
        self.kind = kind
        self.id = id


class ActRefused(Tin3CError):
    """`id` is that of the case, statement or narrative that the act was meant for."""

    def __init__(self, id: str, problem: str) -> None:
        super().__init__(problem)
        self.id = id


class AssessmentChanged(ActRefused):
    """`about`: the fields that say something else by now than what the person was shown. Nothing was kept."""

    def __init__(self, id: str, about: tuple[str, ...]) -> None:
        super().__init__(id, f"changed meanwhile: {', '.join(about)}")
        self.about = about


class FetchError(Tin3CError):
    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"{address}: {problem}")
        self.address = address
        self.problem = problem


class AddressNotAllowed(FetchError):
    pass


class FetchRefused(FetchError):
    pass


class FetchFailed(FetchError):
    """`retry_after_seconds` is the server's own wish, where it gave one."""

    def __init__(self, address: str, problem: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(address, problem)
        self.retry_after_seconds = retry_after_seconds


class CrawlerDied(FetchFailed):
    """`how`: "exit status 1", "killed by signal 11". `asked`: somebody told it to end."""

    def __init__(self, address: str, problem: str, how: str, *, asked: bool = False) -> None:
        super().__init__(address, problem)
        self.how = how
        self.asked = asked


class NotReadable(FetchError):
    pass


class StoreError(Tin3CError):
    pass


class LeaseTaken(StoreError):
    def __init__(self, name: str, holder: str) -> None:
        super().__init__(f"the lease {name!r} is held by {holder}")
        self.name = name
        self.holder = holder


class StoreBusy(StoreError):
    pass


class StoreAway(StoreError):
    pass


class StoreFull(StoreError):
    pass


class StoreMoved(StoreError):
    """`to`: where it is now, without user and password."""

    def __init__(self, place: str, to: str, at: str) -> None:
        super().__init__(
            f"the store at {place} was moved to {to} at {at}, and nothing is written here any more: name the new one in"
            " [store] of tin3c.toml. To go on with this one all the same, run `tin3c store reopen`"
        )
        self.to = to


class StoreOutOfDate(StoreError):
    pass


class SearchError(Tin3CError):
    pass


class SearchUnavailable(SearchError):
    pass


class QueryError(SearchError):
    pass


class ModelError(Tin3CError):
    pass


class ModelMissing(ModelError):
    pass


class ModelMismatch(ModelError):
    pass


class DeliveryError(Tin3CError):
    """`key` is the message's dedupe key."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


class DeliveryDelayed(DeliveryError):
    def __init__(self, key: str, problem: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(key, problem)
        self.retry_after_seconds = retry_after_seconds


class DeliveryRefused(DeliveryError):
    pass
