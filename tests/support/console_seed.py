"""An invented province's week for the console's tests: two rumors, corrections and news, through real parts."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from casework import Recipients, judge_narratives
from console.services import Learning, Services
from flows.drift import look
from index.sqlite import SqliteIndex
from models.versions import Version
from records.address import item_id
from records.alert_rules import AlertRule
from records.assessment import AssessedItem, Assessment, Harm, Kind, Reason, Stance, chance_key
from records.claim import SimilarClaim
from records.crawl import CrawlLimits, CrawlOrder, FetchState, PageReading, SourceReading
from records.item import CapturedPage, Entry
from records.narrative import Placement
from records.risk import DEFAULT_TABLE, Level
from records.source import Owner, Source, SourceKind, SourceState
from records.trend import TrendSettings
from store import Store
from tests.support import stores
from tests.support.desk_records import CLAIM

NOW = datetime(2026, 8, 23, 1, 15, tzinfo=UTC)  # 08:15 in Viet Nam
RUN = "run-1"
KEY = b"k" * 32
RECIPIENTS = Recipients(slack=("#tin3c",), mail=("truyenthong@binhson.example",))
RULES = (AlertRule(name="nguy cơ cao", level=Level.HIGH),)


def _source(id: str, name: str, owner: Owner, platform: str = "web", **more: object) -> Source:
    return Source(
        id=id,
        name=name,
        address=f"https://{id}.example/",
        kind=SourceKind.FEED,
        owner=owner,
        platform=platform,
        region="Bình Sơn",
        **{"enabled": True, **more},  # type: ignore[arg-type]
    )


SOURCES = (
    _source("bao", "Báo Bình Sơn điện tử", Owner.PRESS),
    _source("me-be", "Hội Mẹ và Bé Bình Sơn", Owner.SOCIAL, "facebook"),
    _source("hoi-dap", "Diễn đàn Hỏi đáp sức khỏe", Owner.FORUM),
    _source("soyte", "Cổng thông tin Sở Y tế Bình Sơn", Owner.OFFICIAL),
    _source("song-khoe", "Kênh Sống khỏe mỗi ngày", Owner.SOCIAL, "youtube", prominent=True),
    _source("tin-nhanh", "Tin nhanh huyện An Hòa", Owner.PRESS),
    _source("benh-vien", "Bệnh viện Đa khoa An Hòa", Owner.OFFICIAL),
    _source("cho-que", "Hội Chợ quê Bình Sơn", Owner.SOCIAL, "facebook", enabled=False),
    _source("phuong-1", "Trang tin Phường 1", Owner.OFFICIAL),
)
STATES = {
    "tin-nhanh": (SourceState.FAILING, "HTTP 503 after 3 attempts"),
    "benh-vien": (SourceState.CHALLENGE, "a page that wants JavaScript"),
    "song-khoe": (SourceState.UNCHANGED, "304"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    source: str
    hours_ago: float
    title: str
    text: str
    kind: Kind
    stance: Stance
    story: str


STORIES: dict[str, tuple[str, Harm, tuple[str, ...], str]] = {
    "du-du": ("epidemic", Harm.HIGH, ("lá đu đủ", "sốt xuất huyết", "không cần nhập viện"), "Bình Sơn"),
    "vac-xin": ("immunisation", Harm.HIGH, ("vắc xin", "5 trong 1", "co giật"), "An Hòa"),
    "ngo-doc": ("food_safety", Harm.MEDIUM, ("bánh mì", "ngộ độc", "nhập viện"), "Bình Sơn"),
    "tra": ("nutrition", Harm.LOW, ("trà giảm cân", "10 kg"), ""),
    "bhyt": ("health_insurance", Harm.NONE, ("thẻ bảo hiểm y tế", "VssID"), ""),
}
_DUDU = "Uống nước lá đu đủ chữa khỏi sốt xuất huyết, không cần nhập viện"
_VX = "Cháu bé co giật sau khi tiêm vắc xin 5 trong 1, mọi người đừng cho con đi tiêm"
PIECES = (
    Piece(
        "me-be",
        70,
        _DUDU,
        "Nhà em ba người sốt xuất huyết, chỉ uống nước lá đu đủ xay mỗi ngày hai cốc là khỏi, "
        "không phải vào viện. Ai cần hỏi cách làm thì gọi 0912 345 678 nhé các mẹ.\nBác sĩ chỉ muốn giữ mình lại để "
        "thu tiền thôi.",
        Kind.RUMOR,
        Stance.ASSERTS,
        "du-du",
    ),
    Piece(
        "me-be",
        50,
        "Lá đu đủ trị sốt xuất huyết, đừng đi viện kẻo lây chéo",
        "Chia sẻ lại cho các mẹ: lá đu đủ xay lấy nước uống là tiểu cầu tăng ngay, đừng đưa con đi viện.",
        Kind.RUMOR,
        Stance.ASSERTS,
        "du-du",
    ),
    Piece(
        "hoi-dap",
        44,
        "Có đúng là uống nước lá đu đủ khỏi sốt xuất huyết không?",
        "Con tôi sốt ngày thứ ba, nghe nói uống nước lá đu đủ thì khỏi. Xin hỏi bác sĩ có nên làm theo không?",
        Kind.QUESTION,
        Stance.ASKS,
        "du-du",
    ),
    Piece(
        "song-khoe",
        20,
        "Bí quyết lá đu đủ đẩy lùi sốt xuất huyết sau 24 giờ",
        "Video hướng dẫn cách nấu nước lá đu đủ chữa sốt xuất huyết tại nhà.",
        Kind.RUMOR,
        Stance.ASSERTS,
        "du-du",
    ),
    Piece(
        "me-be",
        9,
        "Cả xóm uống lá đu đủ khỏi sốt xuất huyết, không ai phải truyền dịch",
        "Xóm mình ai cũng uống lá đu đủ, không ai phải truyền dịch.",
        Kind.RUMOR,
        Stance.ASSERTS,
        "du-du",
    ),
    Piece(
        "bao",
        6,
        "Người dân truyền tai nhau dùng lá đu đủ chữa sốt xuất huyết",
        "Những ngày qua nhiều người ở Bình Sơn "
        "tìm hái lá đu đủ. Ngành y tế khuyến cáo người sốt cao liên tục cần đến cơ sở y tế.",
        Kind.NEWS,
        Stance.NEUTRAL,
        "du-du",
    ),
    Piece(
        "soyte",
        3,
        "Lá đu đủ không chữa khỏi sốt xuất huyết: khuyến cáo của Sở Y tế",
        "Chưa có bằng chứng lá đu đủ chữa "
        "khỏi sốt xuất huyết. Người bệnh có dấu hiệu cảnh báo phải đến cơ sở y tế ngay.",
        Kind.CORRECTION,
        Stance.REFUTES,
        "du-du",
    ),
    Piece(
        "me-be",
        16,
        _VX,
        "Nghe nói ở An Hòa có cháu tiêm xong co giật phải đi cấp cứu, bệnh viện giấu. Các mẹ đừng cho "
        "con đi tiêm đợt này. <script>alert(1)</script>",
        Kind.RUMOR,
        Stance.ASSERTS,
        "vac-xin",
    ),
    Piece(
        "hoi-dap",
        12,
        "Vắc xin 5 trong 1 đợt này có an toàn không ạ?",
        "Thứ hai con tôi đến lịch tiêm, đọc tin trên mạng thấy lo quá.",
        Kind.QUESTION,
        Stance.ASKS,
        "vac-xin",
    ),
    Piece(
        "me-be",
        5,
        "Xin đừng tiêm vắc xin 5 trong 1 lúc này, đã có cháu co giật",
        "Đăng lại để các mẹ biết mà tránh.",
        Kind.RUMOR,
        Stance.ASSERTS,
        "vac-xin",
    ),
    Piece(
        "bao",
        30,
        "Bảy người nhập viện nghi ngộ độc sau khi ăn bánh mì ở Phường 2",
        "Chi cục An toàn thực phẩm đã lấy mẫu kiểm nghiệm; sức khỏe các bệnh nhân ổn định.",
        Kind.NEWS,
        Stance.NEUTRAL,
        "ngo-doc",
    ),
    Piece(
        "hoi-dap",
        26,
        "Ăn bánh mì ở Phường 2 bị đau bụng thì khai báo ở đâu?",
        "Tôi cũng mua bánh mì chỗ đó hôm qua.",
        Kind.QUESTION,
        Stance.ASKS,
        "ngo-doc",
    ),
    Piece(
        "me-be",
        100,
        "Trà giảm cân mười ngày xuống 10 kg, cam kết không tác dụng phụ",
        "Nhắn tin để được tư vấn.",
        Kind.ADVERT,
        Stance.ASSERTS,
        "tra",
    ),
    Piece(
        "bao",
        80,
        "Hướng dẫn dùng thẻ bảo hiểm y tế trên ứng dụng VssID",
        "Người dân có thể dùng ảnh thẻ trên ứng dụng khi đi khám.",
        Kind.NEWS,
        Stance.NEUTRAL,
        "bhyt",
    ),
    Piece(
        "me-be",
        79,
        "Không có chuyện thẻ bảo hiểm y tế trên ứng dụng bị khóa đâu các mẹ",
        "Mình vừa đưa con đi khám sáng nay, quét mã vẫn được.",
        Kind.CORRECTION,
        Stance.REFUTES,
        "bhyt",
    ),
)
NOT_HEALTH = Piece("bao", 10, "Đội bóng Bình Sơn thắng trận mở màn", "Trận đấu diễn ra tối qua.", Kind.NEWS,
                   Stance.NEUTRAL, "")  # fmt: skip
CAPTURED_HTML = (
    "<!doctype html><html><head><title>x</title><link rel=preconnect href=https://xau.example>"
    "<meta http-equiv=refresh content='0;url=https://xau.example/'><style>body{color:#333}</style></head><body>"
    "<h1>Uống nước lá đu đủ</h1><script>document.title='chay'</script>"
    "<img src=https://xau.example/theo-doi.png alt='ảnh'><img src=data:image/png;base64,iVBORw0KGgo= alt=nho>"
    "<p onclick=alert(1)>Nguyên văn trên trang.</p><a href=https://xau.example/>liên kết</a>"
    "<iframe src=https://xau.example/></iframe></body></html>"
).encode()


def address_of(piece: Piece) -> str:
    return f"https://{piece.source}.example/bai/{item_id('https://x.example/' + piece.title)}"


def id_of(piece: Piece) -> str:
    return item_id(address_of(piece))


def narrative_of(story: str) -> str:
    """A narrative's id is its first item's."""
    return id_of(next(piece for piece in PIECES if piece.story == story))


def _assessed(piece: Piece) -> AssessedItem:
    health = bool(piece.story)
    topic, harm, words, place = STORIES.get(piece.story, ("", Harm.NONE, (), ""))
    claims = piece.kind in (Kind.RUMOR, Kind.QUESTION)
    attention = claims and harm >= Harm.MEDIUM
    draw = random.Random(piece.title)
    kinds = {kind.value: 0.02 for kind in Kind} | {piece.kind.value: 0.9}
    assessment = Assessment(
        health=health,
        attention=attention,
        topic=topic or None,
        kind=piece.kind,
        stance=piece.stance,
        harm=harm if piece.kind is not Kind.CORRECTION else Harm.NONE,
        probabilities={
            "health": 0.97 if health else 0.04,
            "unreliable": 0.83 if claims else 0.12,
            "attention": 0.48 if attention else 0.2,
            **kinds,
            **({chance_key("stance", piece.stance): 0.76, chance_key("topic", topic): 0.55} if health else {}),
        },
        places=(place,) if place else (),
        reasons=(
            Reason("health", "health_from", detail="0.0598"),
            Reason("attention", "attention_from" if attention else "attention_below", detail="0.2383"),
            Reason("kind", "words", words[:2]),
            Reason("harm", "words", words[-1:]),
            *([Reason("places", "place_named", (place,), place)] if place else []),
        ) if health else (),
        model_version="heads-1",
        full=health,
    )  # fmt: skip
    if not health:
        return AssessedItem(id_of(piece), 1, assessment)
    base = np.random.default_rng(sorted(STORIES).index(piece.story)).normal(size=384)
    vector = base + np.random.default_rng(draw.randrange(10**6)).normal(size=384) * 0.2
    vector /= np.linalg.norm(vector)
    return AssessedItem(id_of(piece), 1, assessment, vector.astype("<f2").tobytes(), "encoder-1")


def similar_claims(narrative_id: str) -> tuple[SimilarClaim, ...]:
    if narrative_id != narrative_of("du-du"):
        return ()
    claim = replace(CLAIM, sources=(*CLAIM.sources, "javascript:alert(1)"))
    return (SimilarClaim(claim, 0.91),)


def _fetched(address: str) -> FetchState:
    return FetchState(address, fetched_at=NOW)


def collect(store: Store, now: datetime = NOW) -> None:
    """Sources, readings, one page with its capture, assessments and narratives; all risks judged, cases opened."""
    for source in SOURCES:
        store.sources.save(source, now)
    order = CrawlOrder(RUN, now, SOURCES, CrawlLimits("Tin3C-test"))
    store.runs.start(RUN, now, now)
    pieces = (*PIECES, NOT_HEALTH)
    for source in SOURCES:
        if not source.enabled or source.id == "phuong-1":
            continue
        state, detail = STATES.get(source.id, (SourceState.WORKING, "entries were read"))
        entries = tuple(_entry(piece, now) for piece in pieces if piece.source == source.id)
        reading = SourceReading(source.id, state, detail, _fetched(source.address), entries)
        store.sink.source_read(order, reading)
    _read_page(store, order, PIECES[0])
    everything = {id_of(piece): _assessed(piece) for piece in pieces}
    waiting = store.assessment_queue.waiting(1000)
    store.assessment_queue.save(RUN, [everything[item.id] for item in waiting], now)
    placements = [
        Placement(id_of(piece), narrative_of(piece.story), 1.0 if id_of(piece) == narrative_of(piece.story) else 0.9)
        for piece in sorted(PIECES, key=lambda piece: -piece.hours_ago)
    ]
    store.narration.save(RUN, placements, now)
    for story, (_topic, _harm, words, _place) in STORIES.items():
        store.narration.describe(
            narrative_of(story), next(piece.title for piece in PIECES if piece.story == story), words
        )
    judge(store, now)
    store.runs.finish(RUN, now)


def _entry(piece: Piece, now: datetime) -> Entry:
    text = "" if piece is PIECES[0] else piece.text
    return Entry(address_of(piece), piece.title, text=text, published=now - timedelta(hours=piece.hours_ago))


def _read_page(store: Store, order: CrawlOrder, piece: Piece) -> None:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    captured = CapturedPage(address_of(piece), order.now, 200, headers, CAPTURED_HTML)
    reading = PageReading(
        id_of(piece), piece.source, _fetched(address_of(piece)), title=piece.title, text=piece.text, capture=captured
    )
    store.sink.page_read(order, reading)


def judge(store: Store, now: datetime, narrative_ids: list[str] | None = None) -> None:
    judge_narratives(store.casebook, store.risk, RULES, RECIPIENTS, DEFAULT_TABLE, TrendSettings(), now, narrative_ids)


def fill_index(store: Store, index: SqliteIndex) -> None:
    while True:
        documents, deleted = store.index_queue.pending(100)
        if not documents and not deleted:
            return
        assert not index.put(documents)
        index.delete(deleted)
        store.index_queue.done([*((document.id, document.version) for document in documents), *deleted])


def learning_of(store: Store) -> Learning:
    """Of a desk that has learnt once: a head was changed, another was not."""
    measured = {"desk_before": 0.25, "desk_after": 0.75, "held_out": 12}
    judged = [{"head": "kind", "why": "better", **measured}, {"head": "harm", "why": "worse_on_fixed", **measured}]
    told = {"made": NOW.isoformat(), "corrections": 57, "taken": ["kind"]}
    report = {"at": NOW.isoformat(), "corrections": 57, "contradicted": [["<b>", "kind"]], "judgements": judged}
    known = (Version("20260820T030000Z", True, NOW.isoformat(), told), Version("base", False, "", {}))
    return Learning(known, (report,), look(store.reader, NOW).shares)


def services_of(store: Store, index: SqliteIndex, /, **more: object) -> Services:
    values: dict[str, object] = {
        "reader": store.reader,
        "casebook": store.casebook,
        "sources": store.sources,
        "index": index,
        "operations": store.operations,
        "index_queue": store.index_queue,
        "outbox": store.outbox,
        "home": Path.cwd(),
        "clock": lambda: NOW,
        "signing_key": KEY,
        "department": "Sở Y tế Bình Sơn",
        "province": "",
        "similar_claims": similar_claims,
        "recipients": RECIPIENTS,
        "learning": lambda: learning_of(store),
        "judge": lambda narrative_id: judge(store, NOW, [narrative_id]),
    }
    return Services(**(values | more))  # type: ignore[arg-type]


def open_parts(home: Path) -> tuple[Store, SqliteIndex]:
    return stores.open_at(home, KEY), SqliteIndex(home / "index")
