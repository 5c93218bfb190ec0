"""A digest as a mail: what a day or a week brought. Pure; it is sent through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import words
from alerts.letterhead import Letterhead
from alerts.mail_content import MailContent, render
from records.calendar import local
from records.case import OPEN_STAGES, Case
from records.digest import Digest, Period
from records.narrative import Narrative
from records.risk import Level
from records.text import excerpt, mask_personal
from records.topics import TOPICS

NARRATIVES_SHOWN = 10
CASES_SHOWN = 15
SOURCES_SHOWN = 20
TOPICS_SHOWN = 6
#: Height of the tallest bar, pixels; length of the longest in the text part, characters.
BAR_PIXELS = 90
BAR_CHARACTERS = 30

_SPARKS = "▁▂▃▄▅▆▇█"
_WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")

__all__ = ["MailContent", "compose_digest"]


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is 0 to 1 of the tallest."""

    label: str
    count: int
    share: float

    @property
    def pixels(self) -> int:
        return max(round(self.share * BAR_PIXELS), 2 if self.count else 0)

    @property
    def characters(self) -> str:
        return "█" * max(round(self.share * BAR_CHARACTERS), 1 if self.count else 0)

    @property
    def spark(self) -> str:
        return _SPARKS[min(int(self.share * len(_SPARKS)), len(_SPARKS) - 1)] if self.count else "·"


def compose_digest(digest: Digest, department: str, console_address: str) -> MailContent:
    """`console_address`: where links lead; "" leaves them out. Titles are masked and at most 300 characters."""
    letterhead = Letterhead(
        department=department,
        console_address=console_address,
        topic_names={key: names.vietnamese for key, names in TOPICS.items()},
    )
    heading = _heading(digest)
    tally = f"{words.number(digest.items)} tin" if digest.items else "không có tin"
    serious = sum(n.risk is not None and n.risk.level >= Level.HIGH for n in digest.narratives)
    risks = f"{serious} luồng tin rủi ro cao trở lên" if serious else "không có luồng tin rủi ro cao"
    return render(
        "digest",
        f"[Tin3C] {heading}: {tally}, {risks}",
        heading=heading,
        period_name="ngày" if digest.period is Period.DAY else "tuần",
        digest=digest,
        letterhead=letterhead,
        overview=_overview(digest),
        bars=_bars(digest) if digest.items else [],
        peak=_peak(digest),
        topics=[(letterhead.topic(key), count) for key, count in digest.topics[:TOPICS_SHOWN]],
        narratives=[(n, _title(n)) for n in digest.narratives[:NARRATIVES_SHOWN]],
        more_narratives=max(len(digest.narratives) - NARRATIVES_SHOWN, 0),
        cases=_cases(digest),
        more_cases=max(len(digest.cases) - CASES_SHOWN, 0),
        open_cases=sum(case.stage in OPEN_STAGES for case in digest.cases),
        silent=digest.silent_sources[:SOURCES_SHOWN],
        more_silent=max(len(digest.silent_sources) - SOURCES_SHOWN, 0),
    )


def _heading(digest: Digest) -> str:
    if digest.period is Period.DAY:
        return f"Điểm tin ngày {words.day(digest.since)}"
    last = digest.until - timedelta(seconds=1)
    return f"Điểm tin tuần từ {words.day(digest.since)} đến {words.day(last)}"


def _overview(digest: Digest) -> list[str]:
    """Two sentences at most: how much was said, and how much was left out."""
    name, before = ("ngày", "ngày trước") if digest.period is Period.DAY else ("tuần", "tuần trước")
    if digest.items:
        sentences = [f"{words.number(digest.items)} tin về y tế, {_change(digest, before)}."]
    elif digest.items_before:
        sentences = [f"Không có tin về y tế trong {name}; {before} có {words.number(digest.items_before)} tin."]
    else:
        sentences = [f"Không có tin về y tế trong {name}."]
    if digest.not_health:
        sentences.append(f"Đã lọc bỏ {words.number(digest.not_health)} tin không thuộc lĩnh vực y tế.")
    return sentences


def _change(digest: Digest, before: str) -> str:
    if digest.items == digest.items_before:
        return f"bằng {before}"
    if not digest.items_before:
        return f"{before} không có tin nào"
    percent = abs(digest.items - digest.items_before) / digest.items_before * 100
    direction = "tăng" if digest.items > digest.items_before else "giảm"
    shown = words.number(round(percent)) if percent >= 1 else "dưới 1"
    return f"{direction} {shown}% so với {before} ({words.number(digest.items_before)} tin)"


def _bars(digest: Digest) -> list[Bar]:
    """One for each hour or day of the period, the empty ones too."""
    step = timedelta(hours=1) if digest.period is Period.DAY else timedelta(days=1)
    counted = {slot.start: slot.count for slot in digest.timeline}
    starts = [digest.since + n * step for n in range(round((digest.until - digest.since) / step))]
    highest = max((counted.get(start, 0) for start in starts), default=0) or 1
    return [Bar(_label(digest, s), counted.get(s, 0), counted.get(s, 0) / highest) for s in starts]


def _label(digest: Digest, start: datetime) -> str:
    at = local(start)
    return f"{at:%H}h" if digest.period is Period.DAY else f"{_WEEKDAYS[at.weekday()]} {at:%d/%m}"


def _peak(digest: Digest) -> str:
    busiest = max(_bars(digest), key=lambda bar: bar.count, default=None)
    if busiest is None or not busiest.count:
        return ""
    return f"nhiều nhất {words.number(busiest.count)} tin, {busiest.label}"


def _title(narrative: Narrative) -> str:
    return excerpt(mask_personal(narrative.label))


def _cases(digest: Digest) -> list[tuple[Case, str]]:
    """(case, its narrative's title; "" when that did not grow in the period), the gravest first."""
    titles = {narrative.id: _title(narrative) for narrative in digest.narratives}
    ordered = sorted(digest.cases, key=lambda case: (-case.level.rank, case.opened_at))
    return [(case, titles.get(case.narrative_id, "")) for case in ordered[:CASES_SHOWN]]
