"""What stands between quotation marks: somebody's words, which the text itself need not say.

“…” (also ”…” and „…“), «…», "…", ‘…’ and '…', “…" and "…” where two sorts were mixed. A mark behind a number is inches.
"""

from __future__ import annotations

import re

#: Fewer characters are a name or a word that is held at arm's length …
_LEAST = 6
#: … more are marks that do not belong together.
_MOST = 600
#: Pairs are found first and left out by length afterwards: else a closing mark would be taken for an opening one. What
#: is open at the end was cut off, or closes a paragraph later.
_QUOTED = re.compile(
    r"""“((?:[^“”]|“[^“”]*”)*)”|“([^“”"]*)"|“([^“”]*)\Z"""  # "…" within, and “…” once
    r"""|(?<!\S)”(?=\w)([^“”]*)(?:”|\Z)|„([^„“”]*)[“”]|«([^«»]*)(?:»|\Z)"""
    r"""|(?:(?<!\w)"|(?<!\d)"(?=\w))(?:([^"“”]*)”|([^"]*)"(?:(?!\w)|(?<=\S")))|(?<!\w)"(?=\w)([^"]*)\Z"""
    r"""|‘([^'‘’]*)['’]|(?<!\w)'([^'‘’]*)['’](?!\w)"""
)


def quotations(text: str, least: int = _LEAST) -> list[tuple[int, int]]:
    """(start, end) in `text` of what each pair of marks holds, without the marks; in order, never overlapping.

    `least`: characters that are a quotation."""
    spans = (match.span(match.lastindex or 0) for match in _QUOTED.finditer(text))
    return [(start, end) for start, end in spans if least <= end - start <= _MOST]
