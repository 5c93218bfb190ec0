"""Alert: narratives are judged, rules open cases, and what waits in the outbox is delivered."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from alerts.delivery import DeliveryOutcome, deliver_due
from casework import JudgeOutcome, judge_narratives, look_again
from flows import claims, wiring
from flows.parts import Parts
from flows.watching import held
from records.errors import LeaseTaken, ModelError

log = logging.getLogger(__name__)

DELIVERY_LEASE = "deliver"
#: How long a run waits for a channel that asks for patience; the rest is left to the next run.
PATIENCE_SECONDS = 60.0


def judge(parts: Parts, now: datetime, narrative_ids: Iterable[str] | None = None) -> JudgeOutcome:
    """Save the risk of the given narratives, or of all that changed, and do what the rules say. Safe to repeat.

    With all of them the cases come back, too, whose time to look again has come.
    """
    settings = parts.settings
    if narrative_ids is None:
        _embed_claims(parts)
    outcome = judge_narratives(
        parts.store.casebook,
        parts.store.risk,
        rules=wiring.alert_rules(settings),
        recipients=wiring.default_recipients(settings),
        table=wiring.risk_table(settings),
        trend_settings=wiring.trend_settings(settings),
        now=now,
        narrative_ids=narrative_ids,
        resembles=lambda narrative_id: parts.resemblance.strongest(narrative_id, now),
    )
    if narrative_ids is None:
        look_again(parts.store.casebook, now, wiring.default_recipients(settings))
    return outcome


def _embed_claims(parts: Parts) -> None:
    """Known claims that were added since are compared by their vectors from now on. Alerts do not wait for that."""
    try:
        claims.embed(parts)
    except (ModelError, OSError) as error:
        log.warning("known claims are compared by their words alone: %s", error)


def deliver(parts: Parts) -> DeliveryOutcome:
    """Deliver what is due. Retries wait real seconds, whatever "now" the run was given.

    By one process at a time: a watch and a digest that is sent by hand would send the same message twice. Who finds
    another one at it leaves the messages to that one, or to the next run.
    """
    try:
        with held(parts.store.leases, DELIVERY_LEASE):
            return deliver_due(
                parts.store.outbox,
                parts.deliverers,
                lambda: datetime.now(UTC),
                patience_seconds=PATIENCE_SECONDS,
            )
    except LeaseTaken as error:
        log.warning("nothing is delivered now: %s", error)
        return DeliveryOutcome()
