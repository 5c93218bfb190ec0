"""The sources with their health: a source's silence is visible here."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from console.labels import SOURCE_STATES
from console.render import render
from console.services import Services
from records.source import SourceHealth

router = APIRouter()


@router.get("/sources")
def sources(request: Request) -> Response:
    services: Services = request.app.state.services
    found = services.sources.health(services.clock())
    return render(
        request,
        "sources.html",
        sources=sorted(found, key=_trouble_first),
        enabled_count=sum(health.source.enabled for health in found),
        bad_count=sum(_trouble_first(health) == 0 for health in found),
    )


def _trouble_first(health: SourceHealth) -> int:
    """0 for what needs a look, 1 for what works, 2 for what is switched off; within each the given order stays."""
    if not health.source.enabled:
        return 2
    return 0 if SOURCE_STATES[health.state].tone == "bad" else 1
