"""What a pair of items is judged by, in four numbers, which can be learnt anew from what people arranged.

A pair's score is the cosine of its words, the cosine of its vectors times `vectors`, and a lift for short texts: two
posts on one claim share fewer words than two articles do. In posts the vectors count less: they tell how something is
said rather than what.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from records.errors import ModelMismatch

FILE = "narration.json"
#: Changes when the score of a pair is put together otherwise, so that older weights no longer fit.
FORM = 1
#: No weight that was learnt is further from 0.
MOST = 2.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Against the cosine of the words, which weighs 1.

    `vectors`: of the cosine of the vectors; `posts`: how much less that is between two short texts; `lift`: what two
    short texts get on top; `base`: what every pair gets.
    """

    vectors: float = 0.5
    posts: float = 0.25
    lift: float = 0.275
    base: float = 0.0

    def save(self, folder: Path) -> None:
        part = folder / f".{FILE}.part"
        part.write_text(json.dumps({"form": FORM} | dataclasses.asdict(self), indent=1) + "\n", "utf-8")
        part.replace(folder / FILE)


SHIPPED = Weights()


def load(folder: Path) -> Weights:
    """Those in `folder`; the shipped ones where none are, or where they were learnt for another program.

    Raises ModelMismatch when they cannot be read.
    """
    try:
        values = json.loads((folder / FILE).read_text("utf-8"))
        if values.pop("form") != FORM:
            return SHIPPED
        weights = Weights(**{name: float(value) for name, value in values.items()})
    except FileNotFoundError:
        return SHIPPED
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelMismatch(f"{FILE} cannot be read: `tin3c models rollback`") from error
    if not all(abs(value) <= MOST for value in dataclasses.astuple(weights)):
        raise ModelMismatch(f"{FILE} holds what cannot be: `tin3c models rollback`")
    return weights
