"""Whom a first message goes to. Later ones of its thread follow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from records.alert_rules import AlertRule
from records.message import Address, Channel


@dataclass(frozen=True, slots=True)
class Recipients:
    """The default Slack channels (ids or names) and mail addresses."""

    slack: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return _addresses(self.slack, self.mail)

    def of(self, rules: Iterable[AlertRule]) -> tuple[Address, ...]:
        """Everywhere that `rules` send to, each address once; a rule that names nobody sends to the defaults."""
        found = (
            address
            for rule in rules
            for address in (_addresses(rule.slack, rule.mail) if rule.slack or rule.mail else self.addresses)
        )
        return tuple(dict.fromkeys(found))


NOBODY = Recipients()


def _addresses(slack: tuple[str, ...], mail: tuple[str, ...]) -> tuple[Address, ...]:
    return (*(Address(Channel.SLACK, to) for to in slack), *(Address(Channel.MAIL, to) for to in mail))
