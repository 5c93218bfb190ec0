"""The error tree: one file, one root, and each error says what it speaks of."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

from records import errors
from records.errors import Tin3CError

TREE = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__}

ADDRESS = "https://bao.example/rss"
#: An error of each kind that is raised, what it carries, and its message.
ERRORS: list[tuple[Tin3CError, dict[str, object], str]] = [
    (errors.SettingsError("crawl.delay", "is below 0"), {"key": "crawl.delay"}, "crawl.delay: is below 0"),
    (errors.InputError("no text", 7), {"line": 7}, "line 7: no text"),
    (errors.InputError("no text"), {"line": None}, "no text"),
    (errors.NotFound("case", "case-n1"), {"kind": "case", "id": "case-n1"}, "no case case-n1"),
    # The next four stand beside what they speak of, on screen or in the outbox: the message is what happened to it.
    (errors.ActRefused("case-n1", "The case is closed."), {"id": "case-n1"}, "The case is closed."),
    (
        errors.AssessmentChanged("i-1", ("kind", "harm")),
        {"id": "i-1", "about": ("kind", "harm")},
        "changed meanwhile: kind, harm",
    ),
    (
        errors.DeliveryDelayed("case:n1:high", "Slack: busy", 5.0),
        {"key": "case:n1:high", "retry_after_seconds": 5.0},
        "Slack: busy",
    ),
    (errors.DeliveryRefused("case:n1:high", "mail: 550"), {"key": "case:n1:high"}, "mail: 550"),
    *(
        (kind(ADDRESS, "why"), {"address": ADDRESS, "problem": "why"}, f"{ADDRESS}: why")
        for kind in (errors.AddressNotAllowed, errors.FetchRefused, errors.NotReadable)
    ),
    (
        errors.FetchFailed(ADDRESS, "503", 30.0),
        {"address": ADDRESS, "problem": "503", "retry_after_seconds": 30.0},
        f"{ADDRESS}: 503",
    ),
    (
        errors.CrawlerDied(ADDRESS, "it ended", "exit status 1", asked=True),
        {"address": ADDRESS, "problem": "it ended", "retry_after_seconds": None, "how": "exit status 1", "asked": True},
        f"{ADDRESS}: it ended",
    ),
    (
        errors.StoreMoved("here", "there", "2026-03-03"),
        {"to": "there"},
        "the store at here was moved to there at 2026-03-03, and nothing is written here any more: name the new one in"
        " [store] of tin3c.toml. To go on with this one all the same, run `tin3c store reopen`",
    ),
    (
        errors.LeaseTaken("watch", "elsewhere:1:1.0"),
        {"name": "watch", "holder": "elsewhere:1:1.0"},
        "the lease 'watch' is held by elsewhere:1:1.0",
    ),
    *(
        (kind("what is wrong, and what to do"), {}, "what is wrong, and what to do")
        for kind in (
            errors.StoreError,
            errors.StoreBusy,
            errors.StoreAway,
            errors.StoreFull,
            errors.StoreOutOfDate,
            errors.SearchUnavailable,
            errors.QueryError,
            errors.ModelMissing,
            errors.ModelMismatch,
        )
    ),
]


def _drawn() -> dict[str, str]:
    """Each class that the docstring's tree shows, and the one that it hangs from."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ((?:[│ ] {3})*(?:[├└]── )?)(\w+)(?:  |$)", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1] if depth else ""
    return parents


def test_the_docstring_shows_the_tree() -> None:
    assert _drawn() == {kind.__name__: _parent(kind) for kind in TREE}


def _parent(kind: type) -> str:
    (parent,) = kind.__bases__
    return "" if kind is Tin3CError else parent.__name__


def test_one_catch_gets_them_all_and_nothing_else() -> None:
    assert all(issubclass(kind, Tin3CError) for kind in TREE)
    assert not any(issubclass(kind, (OSError, ValueError, LookupError, RuntimeError)) for kind in TREE)


def test_each_kind_is_looked_at() -> None:
    # What only groups others needs no example of its own.
    raised = {errors.StoreError, errors.FetchFailed, errors.ActRefused}
    groups = {parent for kind in TREE for parent in kind.__bases__} - raised
    assert {type(error) for error, _, _ in ERRORS} == TREE - groups


@pytest.mark.parametrize(("error", "carried", "message"), ERRORS, ids=lambda value: type(value).__name__)
def test_an_error_says_what_it_speaks_of(error: Tin3CError, carried: dict[str, object], message: str) -> None:
    assert str(error) == message
    assert vars(error) == carried


@pytest.mark.parametrize("error", [error for error, _, _ in ERRORS], ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_in_another_process(error: Tin3CError) -> None:
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(same) is type(error)
        assert (str(same), vars(same)) == (str(error), vars(error))
