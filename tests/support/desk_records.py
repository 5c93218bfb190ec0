"""Short ways to records that the desk works on, for tests of judging, alert rules, casework and alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from records.assessment import Assessment, Harm, Kind, Stance
from records.claim import Claim, Verdict, claim_id
from records.item import Item, ItemStage
from records.narrative import Narrative, NarrativeEvidence, NarrativeMember, TopicHours
from records.risk import Level, Risk, Spread, Trend
from records.source import Owner, Source, SourceKind
from records.text import text_hash

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
RUMOR_TITLE = "Uống nước lá đu đủ chữa khỏi sốt xuất huyết, không cần nhập viện"
#: The rumor, once it was checked.
CLAIM = Claim(
    id=claim_id(RUMOR_TITLE),
    text=RUMOR_TITLE,
    verdict=Verdict.FALSE,
    explanation="Chưa có bằng chứng; tự chữa làm chậm việc cấp cứu.",
    sources=("https://soyte.example/khuyen-cao",),
    topic="epidemic",
    decided_at=NOW - timedelta(days=30),
    wordings=("Lá đu đủ trị sốt xuất huyết",),
    decided_by="Trần Bình",
    response="Người sốt cao liên tục cần đến cơ sở y tế; không tự chữa bằng lá.",
)


def source(
    name: str = "Nhóm Mẹ và Bé", owner: Owner = Owner.SOCIAL, platform: str = "facebook", **more: object
) -> Source:
    return Source(
        id=text_hash(name)[:12],
        name=name,
        address=f"https://{text_hash(name)[:8]}.example/",
        kind=SourceKind.FEED,
        owner=owner,
        platform=platform,
        enabled=True,
        **more,  # type: ignore[arg-type]
    )


def item(
    id: str = "i1",
    title: str = RUMOR_TITLE,
    text: str = "",
    published: datetime | None = NOW,
    first_seen: datetime | None = None,
    from_: Source | None = None,
    address: str | None = None,
) -> Item:
    seen = first_seen or published or NOW
    return Item(
        id=id,
        source_id=(from_ or source()).id,
        address=address or f"https://nguon.example/{id}",
        title=title,
        summary="",
        text=text,
        published=published,
        first_seen=seen,
        last_seen=seen,
        version=1,
        stage=ItemStage.ASSESSED,
        text_hash=text_hash(title, text),
    )


def assessment(
    kind: Kind = Kind.RUMOR,
    stance: Stance = Stance.ASSERTS,
    harm: Harm = Harm.HIGH,
    attention: bool = False,
    places: tuple[str, ...] = (),
) -> Assessment:
    return Assessment(
        health=True,
        attention=attention,
        topic="epidemic",
        kind=kind,
        stance=stance,
        harm=harm,
        probabilities={"health": 0.99},
        places=places,
        reasons=(),
        model_version="test",
    )


def member(
    id: str = "i1",
    kind: Kind = Kind.RUMOR,
    stance: Stance = Stance.ASSERTS,
    harm: Harm = Harm.HIGH,
    attention: bool = False,
    from_: Source | None = None,
    published: datetime | None = NOW,
    **of_item: object,
) -> NarrativeMember:
    origin = from_ or source()
    return NarrativeMember(
        item=item(id, published=published, from_=origin, **of_item),  # type: ignore[arg-type]
        assessment=assessment(kind, stance, harm, attention),
        source=origin,
        similarity=1.0,
        near_duplicate_of=None,
    )


def evidence(*members: NarrativeMember, confirmed: Harm | None = None) -> NarrativeEvidence:
    by = "Trần Bình" if confirmed is not None else None
    return NarrativeEvidence("n1", members, TopicHours((), 0, NOW), confirmed, by, None)


def narrative(id: str = "n1", risk: Risk | None = None, **more: object) -> Narrative:
    fields: dict[str, object] = {
        "id": id,
        "label": RUMOR_TITLE,
        "words": ("lá đu đủ", "sốt xuất huyết"),
        "topic": "epidemic",
        "places": ("Đắk Lắk",),
        "items": 3,
        "first_published": NOW - timedelta(hours=6),
        "first_seen": NOW - timedelta(hours=5),
        "last_seen": NOW,
        "first_source_id": source().id,
        "kinds": {Kind.RUMOR: 3},
        "stances": {Stance.ASSERTS: 3},
        "risk": risk,
    }
    return Narrative(**(fields | more))  # type: ignore[arg-type]


def risk(
    level: Level = Level.HIGH, harm: Harm = Harm.HIGH, scale: int = 3, rising: bool = False, recent: int = 4
) -> Risk:
    spread = Spread(scale, ("facebook", "youtube"), ("Nhóm Mẹ và Bé", "Tin Buôn Làng"), (), (), ())
    return Risk(harm, None, spread, Trend(rising, recent, 1.5, 0.5, 24, 0.004), level, level)
