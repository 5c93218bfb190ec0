"""What every message says of its sender, and where its links lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from records.address import is_web_address


@dataclass(frozen=True, slots=True)
class Letterhead:
    """`console_address` is the console's http(s) address; "" leaves the links to it out.

    `topic_names`: a topic's key → its Vietnamese name.
    """

    department: str = "Sở Y tế"
    province: str = ""
    console_address: str = ""
    topic_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        return f"{self.department} {self.province}".strip()

    def topic(self, key: str | None) -> str:
        return self.topic_names.get(key, key) if key else ""

    def narrative_link(self, narrative_id: str) -> str:
        """The narrative's page in the console; "" without a console."""
        return self._link(f"narratives/{quote(narrative_id, safe='')}")

    @property
    def inbox_link(self) -> str:
        return self._link("")

    def _link(self, path: str) -> str:
        if not is_web_address(self.console_address):
            return ""
        return f"{self.console_address.rstrip('/')}/{path}"


def safe_link(address: str) -> str:
    """`address` when it is http(s), else "": nothing else is ever made a link."""
    return address.strip() if is_web_address(address) else ""
