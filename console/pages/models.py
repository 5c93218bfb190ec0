"""Which models are in use, what was learnt from the desk, and whether the machine's answers move."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from console.labels import FIELDS, KINDS
from console.language import mark as N_
from console.render import render
from console.services import Services
from records.assessment import Kind
from records.drift import Share
from records.errors import NotFound

router = APIRouter()

_SHOWN_LEARNINGS = 5
HEADS = {
    "filter": N_("First filter"),
    "health": FIELDS["health"],
    "attention": FIELDS["attention"],
    "topic": FIELDS["topic"],
    "kind": FIELDS["kind"],
    "stance": FIELDS["stance"],
    "harm": FIELDS["harm"],
    "narration": N_("How narratives are told apart"),
}
#: Why a head was changed or was not: the codes of models/comparing.py.
LEARNT = {
    "better": N_("Changed: the new one is better"),
    "no_words": N_("Unchanged: nobody has corrected it"),
    "nothing_new": N_("Unchanged: it knows everything that was said"),
    "not_here": N_("Unchanged: the texts that it learns from are not on this machine"),
    "too_few": N_("Unchanged: too little to measure"),
    "not_better": N_("Unchanged: the new one is not better on the desk's answers"),
    "not_better_than_shipped": N_(
        "Unchanged: on the desk's answers the new one is not better than the one that came with the program"
    ),
    "worse_on_fixed": N_("Unchanged: the new one is worse on the fixed set"),
    "worse_than_shipped": N_(
        "Unchanged: on the fixed set the new one loses too much against the one that came with the program"
    ),
    "below_floor": N_("Unchanged: the new one falls below the least that is allowed"),
    "others_worse": N_("Unchanged: others that stand on it would be worse"),
}
_SHARES = {
    "health": N_("Share that is about health"),
    "attention": N_("Share that wants attention today"),
    "words unseen in training": N_("Words that the models have not learnt"),
}


@router.get("/models")
def models(request: Request) -> Response:
    services: Services = request.app.state.services
    if services.learning is None:
        raise NotFound("page", "models")
    found = services.learning()
    return render(
        request,
        "models.html",
        versions=[(version, _moment(version.about.get("made"))) for version in found.versions],
        learnings=[(report, _moment(report["at"])) for report in found.reports[:_SHOWN_LEARNINGS]],
        heads=HEADS,
        why=LEARNT,
        shares=[(*_named(share), share) for share in found.shares],
        comparable=any(share.whole_before for share in found.shares),
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _named(share: Share) -> tuple[str, dict[str, str]]:
    """What a share is called, and the words, still to be translated, that go into it."""
    what, _, part = share.name.partition(": ")
    if what == "kind" and part in set(Kind):
        return share.name, {"kind": KINDS[Kind(part)]}
    if what == "corrected" and part in FIELDS:
        return share.name, {"field": FIELDS[part]}
    return _SHARES.get(share.name, share.name), {}
