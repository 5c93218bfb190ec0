"""A notice as Slack shows it: Block Kit and a fallback text. Pure.

What came from the web stands in `rich_text` and `plain_text`, which Slack does not read for markup, mentions or links;
where mrkdwn cannot be avoided (the fallback text) it is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alerts import words
from alerts.letterhead import Letterhead, safe_link
from records.errors import DeliveryRefused
from records.message import Letter, Message, Notice, NoticeItem, NoticeKind
from records.risk import Level
from records.text import excerpt

HEADER_CHARACTERS = 150
TEXT_CHARACTERS = 3000
FALLBACK_CHARACTERS = 3000
BLOCKS = 50

_SIGN = {Level.LOW: "⚪", Level.MEDIUM: "🟡", Level.HIGH: "🟠", Level.CRITICAL: "🔴"}

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackContent:
    """`text` is what notifications show, as mrkdwn."""

    text: str
    blocks: tuple[Block, ...]


def escape(text: str) -> str:
    """`text` for mrkdwn: no mention, link or command of Slack's can be made with what is left."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notice_of(message: Message) -> Notice:
    """What a message in a thread says. Raises DeliveryRefused for a letter, which stands alone."""
    if isinstance(message.notice, Letter):
        raise DeliveryRefused(message.key, "Slack: a letter answers nothing")
    return message.notice


def letter(said: Letter, letterhead: Letterhead) -> SlackContent:
    """A letter's plain text: one that is about no case, such as a full disk."""
    blocks = (
        {"type": "header", "text": _plain(excerpt(said.title, HEADER_CHARACTERS))},
        _rich([{"type": "text", "text": excerpt(said.text, TEXT_CHARACTERS)}]),
        {"type": "context", "elements": [_plain(f"{letterhead.sender} · {words.moment(said.at)}")]},
    )
    return SlackContent(escape(said.title), blocks)


def head(notice: Notice, letterhead: Letterhead) -> SlackContent:
    """The message that stands for the whole narrative, and is kept up to date."""
    level = words.LEVEL[notice.risk.level]
    title = f"{_SIGN[notice.risk.level]} Rủi ro {level}: {notice.title}"
    blocks: list[Block] = [
        {"type": "header", "text": _plain(excerpt(title, HEADER_CHARACTERS))},
        {"type": "section", "fields": _risk_fields(notice)},
        _rich(_known(notice, letterhead)),
    ]
    if items := [link for item in notice.representative if (link := _item_link(item))]:
        blocks.append(_rich_list("Tin tiêu biểu", items))
    if notice.note and notice.kind in words.NOTE:
        blocks.append(_rich([*_labelled(words.NOTE[notice.kind], notice.note)]))
    blocks += _footer(notice, letterhead)
    return SlackContent(_fallback(notice), tuple(blocks))


def reply(notice: Notice, letterhead: Letterhead) -> SlackContent:
    """What happened since, in the thread."""
    elements = [{"type": "text", "text": words.EVENT[notice.kind], "style": {"bold": True}}]
    if notice.note:
        elements.append({"type": "text", "text": f"\n{words.NOTE.get(notice.kind, 'Ghi chú')}: {notice.note}"})
    blocks: list[Block] = [_rich(elements)]
    if notice.kind is NoticeKind.LEVEL_RAISED:
        blocks.append({"type": "section", "fields": _risk_fields(notice)})
    blocks += _footer(notice, letterhead)
    return SlackContent(_fallback(notice), tuple(blocks))


def _fallback(notice: Notice) -> str:
    risk = notice.risk
    text = (
        f"{_SIGN[risk.level]} {words.EVENT[notice.kind]} – rủi ro {words.LEVEL[risk.level]}: {notice.title} "
        f"(tác hại {words.HARM[risk.harm]}; lan truyền {risk.spread.scale}/6; "
        f"{'đang tăng' if risk.trend.rising else 'không tăng'})"
    )
    return escape(excerpt(text, FALLBACK_CHARACTERS // 5))  # escaping makes it at most five times as long


def _risk_fields(notice: Notice) -> list[Block]:
    """The level and its three parts: only our own words and numbers."""
    risk = notice.risk
    parts = (
        ("Mức rủi ro", words.capital(words.LEVEL[risk.level])),
        ("Mức gây hại", words.capital(words.harm(risk))),
        ("Độ lan truyền", words.spread(risk.spread)),
        ("Xu hướng", words.capital(words.trend(risk.trend))),
    )
    return [{"type": "mrkdwn", "text": f"*{label}*\n{escape(text)}", "verbatim": True} for label, text in parts]


def _known(notice: Notice, letterhead: Letterhead) -> list[Block]:
    first = f"{notice.first_source or words.UNKNOWN}, {words.moment(notice.first_published)}"
    known = [("Số tin", words.number(notice.items)), ("Nguồn đầu tiên", first)]
    known += words.source_record(notice)
    known += words.spread_evidence(notice.risk.spread)
    known += words.topic_and_places(letterhead.topic(notice.topic), notice.places)
    known += words.known_claim(notice)
    lines = [element for label, text in known for element in (*_labelled(label, text), {"type": "text", "text": "\n"})]
    return lines[:-1]


def _labelled(label: str, text: str) -> tuple[Block, Block]:
    return (
        {"type": "text", "text": f"{label}: ", "style": {"bold": True}},
        {"type": "text", "text": excerpt(text, TEXT_CHARACTERS) or "–"},  # Slack takes no empty text
    )


def _item_link(item: NoticeItem) -> list[Block]:
    address = safe_link(item.address)
    if not address or len(address) > TEXT_CHARACTERS:
        return []
    tail = f" – {item.source}, {words.moment(item.published)}"
    return [{"type": "link", "url": address, "text": item.title.strip() or address}, {"type": "text", "text": tail}]


def _footer(notice: Notice, letterhead: Letterhead) -> list[Block]:
    blocks: list[Block] = []
    if link := letterhead.narrative_link(notice.narrative_id):
        blocks.append(_rich([{"type": "link", "url": link, "text": "Xem luồng tin trên bảng điều khiển"}]))
    rule = f" · Quy tắc: {notice.rule}" if notice.rule else ""
    context = f"{letterhead.sender} · {words.moment(notice.at)}{rule}"
    blocks.append({"type": "context", "elements": [_plain(excerpt(context, 1000))]})
    return blocks


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _rich_list(label: str, items: list[list[Block]]) -> Block:
    heading = [{"type": "text", "text": label, "style": {"bold": True}}]
    entries = [{"type": "rich_text_section", "elements": item} for item in items]
    return {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": heading},
            {"type": "rich_text_list", "style": "bullet", "elements": entries},
        ],
    }


def shown(content: SlackContent) -> str:
    """The blocks as plain lines, for a terminal or a file."""
    return "\n".join(line for block in content.blocks if (line := _shown(block)))


def _shown(block: Block) -> str:
    match block["type"]:
        case "rich_text_list":
            return "\n".join(f"• {_shown(element)}" for element in block["elements"])
        case "rich_text" | "context":
            return "\n".join(_shown(element) for element in block["elements"])
        case "rich_text_section":
            return "".join(_shown(element) for element in block["elements"])
        case "section":
            return "\n".join(_shown(field) for field in block["fields"])
        case "mrkdwn":
            text = str(block["text"]).replace("*", "").replace("\n", ": ", 1)
            return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        case "link":
            return f"{block['text']} <{block['url']}>"
        case "header":
            return str(block["text"]["text"])
        case _:
            return str(block.get("text", ""))
