"""Known claims for a narrative, found in the library by hand: what was not suggested can be confirmed, too."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from casework.claim_search import found, nearest
from console.pages.claims import may_write
from console.render import render, see
from console.services import Services
from records.narrative import Narrative

router = APIRouter()

MOST_FOUND = 20
MOST_NEAR = 5
LONGEST_QUERY = 200


@router.get("/narratives/{narrative_id}/claims")
def claims(request: Request, narrative_id: str, q: str = "") -> Response:
    """Without words: the whole library, as far as it goes on a page."""
    services: Services = request.app.state.services
    narrative = services.reader.narrative(narrative_id)
    if narrative.id != narrative_id:
        return see(f"/narratives/{narrative.id}/claims")
    query = q.strip()[:LONGEST_QUERY]
    library = services.reader.claims()
    hits = found(library, query)
    near = [] if hits else nearest(library, query, MOST_NEAR)
    context = search_context(request, narrative) | {
        "q": query,
        "searched": True,
        "hits": hits[:MOST_FOUND] or near,
        "near": bool(near),
        "more": max(0, len(hits) - MOST_FOUND),
        "decided": {match.claim.id: match.decision.value for match in services.reader.matches(narrative.id)},
    }
    return render(request, "narrative_claims.html", "_claim_search.html", **context)


def search_context(request: Request, narrative: Narrative) -> dict[str, Any]:
    """What the form needs before anybody has searched."""
    empty: dict[str, Any] = {"q": "", "searched": False, "hits": [], "near": False, "more": 0, "decided": {}}
    return empty | {"narrative": narrative, "may_write": may_write(request), "longest_query": LONGEST_QUERY}
