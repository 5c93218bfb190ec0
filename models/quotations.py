"""What stands between quotation marks: somebody's words, which the text itself need not say.

“…”, "…", «…», ‘…’ and '…'; single marks only around words, never inside one.
"""

from __future__ import annotations

import re

#: Fewer characters are a name or a word that is held at arm's length; more are marks that do not belong together.
_LEAST, _MOST = 6, 600
_BETWEEN = f"{{{_LEAST},{_MOST}}}"
_QUOTED = re.compile(
    rf"""[“"«]([^“”"«»]{_BETWEEN})[”"»]|(?<!\w)['‘]([^'‘’“”"«»]{_BETWEEN})['’](?!\w)""",
)


def quotations(text: str) -> list[tuple[int, int]]:
    """(start, end) in `text` of what each pair of marks holds, without the marks; in order, never overlapping."""
    return [match.span(match.lastindex or 0) for match in _QUOTED.finditer(text)]
