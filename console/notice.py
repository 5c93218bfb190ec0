"""What a page tells the person after an act."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is translated already; `tone` is good, quiet or bad."""

    text: str
    tone: str


class FormProblem(Exception):
    """Something in a form must be changed; the text, translated already, says what."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Given(dict[str, str]):
    """What was typed, to be shown again; "" for what was not."""

    def __missing__(self, key: str) -> str:
        return ""


def good(text: str) -> Message:
    return Message(text, "good")


def bad(text: str) -> Message:
    return Message(text, "bad")
