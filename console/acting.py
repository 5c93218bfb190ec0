"""How a form's act is done: by a person who is known, with every refusal told in that person's language."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from casework import refusals
from console import labels
from console.notice import FormProblem, Message, bad, good
from console.render import words
from console.session import Session, session_of
from records.errors import ActRefused, AssessmentChanged, InputError, StoreAway, StoreError, StoreFull


class NameNeeded(Exception):
    """An act was asked for before the person said who it is."""


def actor_of(request: Request) -> Session:
    """The session of a person who has a name. Raises NameNeeded."""
    session = session_of(request)
    if not session.name:
        raise NameNeeded
    return session


def attempt(request: Request, act: Callable[[], object], done: str) -> tuple[int, Message]:
    """Do `act`: (200, `done`); or the status and the words that say why it was not done."""
    word = words(request)
    try:
        act()
    except FormProblem as problem:
        return 422, bad(problem.text)
    except InputError as error:
        return 422, bad(_in_words(word, str(error)))
    except AssessmentChanged as error:
        changed = word(
            "Since this page was opened these have changed: %(fields)s. Nothing is saved: look at the assessment as it "
            "is now, and say it again."
        )
        fields = ", ".join(word(labels.FIELDS[name]) for name in error.about)
        return 409, bad(changed % {"fields": fields})
    except ActRefused as error:
        return 409, bad(_in_words(word, str(error)))
    except (StoreAway, StoreFull):
        raise  # the page that says so is the console's own
    except StoreError:
        return 409, bad(word("Somebody else changed this at the same moment. Look at it as it is now, and try again."))
    return 200, good(done)


def _in_words(word: Callable[[str], str], problem: str) -> str:
    return word(problem) if problem in refusals.ALL else word("This cannot be done at the moment.")
