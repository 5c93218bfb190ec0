"""Times as they are typed: ISO, in Vietnam time where no zone is given."""

from __future__ import annotations

from datetime import datetime

import typer

from records.calendar import to_utc


def moment(text: str | None, option: str) -> datetime | None:
    """`text` in UTC; None stays None. Raises BadParameter, which names `option`."""
    if text is None:
        return None
    try:
        return to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{option}: {text!r} is not an ISO time such as 2026-08-23T12:00") from error
