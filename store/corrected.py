"""A person's word over the models': it stands for every later assessment of the item too."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from records.assessment import Assessment, Harm, Kind, Stance
from records.errors import InputError
from store.tables import corrections

_BOOLEANS = {"true": True, "false": False}


def corrected(said: Assessment, about: str, person_said: str) -> Assessment:
    """`said` with the field `about` as the person said it. Health and attention are "true" or "false", no topic is
    "none". Raises InputError for a field or a word that an assessment does not know."""
    try:
        if about == "health":
            return replace(said, health=_BOOLEANS[person_said.lower()])
        if about == "attention":
            return replace(said, attention=_BOOLEANS[person_said.lower()])
        if about == "topic":
            return replace(said, topic=None if person_said in {"", "none"} else person_said)
        if about == "kind":
            return replace(said, kind=Kind(person_said))
        if about == "stance":
            return replace(said, stance=Stance(person_said))
        if about == "harm":
            return replace(said, harm=Harm(person_said))
    except (KeyError, ValueError) as error:
        raise InputError(f"{person_said!r} is no value of {about}") from error
    raise InputError(f"{about!r} cannot be corrected")


def corrections_of(connection: Connection, item_id: str) -> list[tuple[str, str]]:
    """(about, person said), oldest first."""
    found = connection.execute(
        select(corrections.c.about, corrections.c.person_said)
        .where(corrections.c.item_id == item_id)
        .order_by(corrections.c.number)
    )
    return [(row.about, row.person_said) for row in found]
