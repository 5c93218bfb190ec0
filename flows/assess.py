"""Assess: what is complete gets its assessment and vector, batch by batch."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from flows.parts import Parts
from records.assessment import AssessableItem, AssessedItem, AssessmentFailure
from records.errors import Tin3CError
from records.ports import Assessor
from store import this_process

log = logging.getLogger(__name__)

#: The longest that assessing one batch may take; then another worker may have it.
CLAIM_LENGTH = timedelta(minutes=15)

#: An item at which so many processes ended is given to no other: once with others of its batch, then alone.
MOST_DEATHS = 3

#: Any assessor can take this: one that cannot is broken itself, and no item is to blame.
PLAIN_ITEM = AssessableItem(id="plain", text="Sở Y tế khuyến cáo người dân tiêm vắc xin phòng sởi.", title="Khuyến cáo")
_ROOT = Path(__file__).parents[1]


def assess_batch(parts: Parts, run_id: str, now: datetime, backfill: str | None = None) -> int:
    """Assess the next batch; the number of items that are done with, 0 when none waits or none can be taken now.

    Of what was collected, or of the back-fill named. The items are this process's alone meanwhile.

    Each batch is one transaction. An item that the assessor cannot take, or that ends its process time and again, is
    given up with the reason, and comes back when the models change, when its text does, or by `tin3c reconsider
    --failed`. Raises what the assessor raises when it is the assessor that is broken.
    """
    queue = parts.store.assessment_queue
    if queue.failures(limit=1):
        queue.try_again(but=parts.assessor.version)
    if queue.suspects():
        # Where it is the assessor that ends its process, it does so here: with nothing claimed, no item is to blame.
        parts.assessor.assess([PLAIN_ITEM], cascade=True)
    holder = this_process()
    items = queue.claim(parts.settings.models.batch_items, holder, CLAIM_LENGTH, backfill)
    if not items:
        return 0
    try:
        deadly = [item for item in items if item.deaths >= MOST_DEATHS]
        assessed, failed = assess_each(parts.assessor, [item for item in items if item.deaths < MOST_DEATHS])
        failed += [_failure(item, parts.assessor, f"ended its process {item.deaths} times") for item in deadly]
        done = queue.save(run_id, assessed, now)
        if failed:
            log.error("%d items could not be assessed and are given up, the first: %s", len(failed), failed[0])
            done += queue.give_up(run_id, failed, now)
    except BaseException:
        queue.let_go(holder)
        raise
    return done


def assess_each(
    assessor: Assessor, items: Sequence[AssessableItem]
) -> tuple[list[AssessedItem], list[AssessmentFailure]]:
    """Assess all that can be: a batch that fails is halved until what fails is one item."""
    if not items:
        return [], []
    try:
        answers = assessor.assess(items, cascade=True)
    except Tin3CError:
        raise  # raised on purpose: a model is missing, say
    except Exception as error:
        if len(items) == 1:
            # Raises as well where the assessor itself is broken: then nothing is given up, and the run fails.
            assessor.assess([PLAIN_ITEM], cascade=True)
            return [], [_failure(items[0], assessor, _described(error))]
        middle = len(items) // 2
        assessed, failed = assess_each(assessor, items[:middle])
        more, more_failed = assess_each(assessor, items[middle:])
        return assessed + more, failed + more_failed
    answered = {(one.item_id, one.version) for one in answers}
    left_out = [item for item in items if (item.id, item.version) not in answered]
    return list(answers), [_failure(item, assessor, "no answer was given") for item in left_out]


def _failure(item: AssessableItem, assessor: Assessor, problem: str) -> AssessmentFailure:
    return AssessmentFailure(item.id, item.version, assessor.version, problem)


def _described(error: Exception) -> str:
    """The error's kind and the last place in our own code; not its message, which may quote the text."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    ours = [frame for frame in ours if ".venv" not in Path(frame.filename).parts]
    place = f" in {Path(ours[-1].filename).relative_to(_ROOT)}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"
