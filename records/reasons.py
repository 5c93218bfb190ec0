"""The closed set of reasons that an assessment gives, and how each reads in Vietnamese and in English. Pure data.

`{words}` stands for the reason's words, joined by commas and in quotation marks, `{detail}` for its detail, `{percent}`
for a detail that is a probability.
A new code needs its two sentences here, and nothing else: console and alerts read this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from records.assessment import Reason

#: code → (Vietnamese, English)
SENTENCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "words": ("Từ ngữ ảnh hưởng nhiều nhất: {words}.", "The words that weighed most: {words}."),
        "no_words": (
            "Không có từ nào nổi bật; mô hình đánh giá theo toàn bộ nội dung.",
            "No single word stands out; the text as a whole was judged.",
        ),
        "not_health": (
            "Không phải nội dung về sức khỏe, nên không xét tiếp.",
            "Not about health, so it was not judged further.",
        ),
        "filtered": (
            "Bộ lọc ban đầu cho rằng đây không phải nội dung về sức khỏe.",
            "The first filter judged that this is not about health.",
        ),
        "empty": ("Tin không có nội dung chữ.", "There is no text to read."),
        "denial": ("Có lời bác bỏ hoặc cải chính: {words}.", "It denies or corrects: {words}."),
        "question": ("Có câu hỏi: {words}.", "It asks: {words}."),
        "hearsay": ("Dẫn nguồn không rõ ràng: {words}.", "It leans on unnamed sources: {words}."),
        "urging": ("Thúc giục chia sẻ hoặc làm theo: {words}.", "It urges people to share or to act: {words}."),
        "selling": ("Có nội dung chào bán: {words}.", "It sells something: {words}."),
        "cited_source": ("Dẫn nguồn chính thức: {words}.", "It cites an official source: {words}."),
        "danger": (
            "Khuyên bỏ điều trị, bỏ tiêm chủng hoặc nói đến hậu quả nặng: {words}.",
            "It advises against care or vaccines, or speaks of grave consequences: {words}.",
        ),
        "incident": ("Nêu việc có người bị hại: {words}.", "It reports that people were harmed: {words}."),
        "no_claim": ("Không nêu thông tin nào cần kiểm chứng.", "It makes no claim that needs checking."),
        "rule": (
            "Tin đồn, quảng cáo sai hoặc câu hỏi về thông tin có mức gây hại từ trung bình trở lên.",
            "A rumor, a false advert or a question about a claim whose harm is medium or more.",
        ),
        "owner_official": ("Nguồn của cơ quan nhà nước: {detail}.", "From an official source: {detail}."),
        "owner_press": ("Nguồn báo chí: {detail}.", "From the press: {detail}."),
        "owner_social": ("Nguồn mạng xã hội: {detail}.", "From social media: {detail}."),
        "owner_forum": ("Nguồn diễn đàn: {detail}.", "From a forum: {detail}."),
        "owner_citizen": ("Do người dân gửi: {detail}.", "Sent by a citizen: {detail}."),
        "places": ("Nhắc đến: {words}.", "It names: {words}."),
        "health_from": (
            "Được đưa vào xem khi khả năng từ {percent} trở lên; mức này đặt thấp để không bỏ sót.",
            "Kept for people to see from a chance of {percent} on; that is low so that nothing is missed.",
        ),
        "health_below": (
            "Khả năng thấp hơn {percent} là mức được đưa vào xem.",
            "The chance is below {percent}, from which on an item is kept for people to see.",
        ),
        "filter_below": (
            "Bộ lọc ban đầu cho rằng đây không phải nội dung về sức khỏe: khả năng thấp hơn {percent}.",
            "The first filter judged that this is not about health: the chance is below {percent}.",
        ),
        "attention_from": (
            "Cần chú ý khi khả năng từ {percent} trở lên; mức này đặt thấp để không bỏ sót.",
            "It wants attention from a chance of {percent} on; that is low so that nothing is missed.",
        ),
        "attention_below": (
            "Khả năng thấp hơn {percent} là mức cần chú ý.",
            "The chance is below {percent}, from which on an item wants attention.",
        ),
        "refuting": (
            "Nội dung bác bỏ hoặc cải chính, không phát tán tin đồn, nên không xếp vào diện cần chú ý.",
            "It denies or corrects and does not spread the rumor, so that it wants no attention.",
        ),
        "reliability_from": (
            "Coi là có dấu hiệu thiếu tin cậy khi khả năng từ {percent} trở lên.",
            "Taken as showing signs of unreliability from a chance of {percent} on.",
        ),
        "settled": (
            "Theo quy tắc: cơ quan nhà nước hoặc báo chí nói rõ tin này sai hoặc người tung tin đã bị xử lý: {words}.",
            "By a rule: an office or the press says that it is false, or that its spreader was dealt with: {words}.",
        ),
        "claims_left_out": (
            "Không thuộc lĩnh vực y tế, nên không xét khả năng là tin đồn hay tin cải chính.",
            "Not about health, so that it is taken neither for a rumor nor for a correction.",
        ),
        "joined": (
            "Loại tin và thái độ được xét cùng lúc để phù hợp với nhau: nội dung bác bỏ thì không phải tin đồn.",
            "Kind and stance are judged together, so that they fit each other: what denies is no rumor.",
        ),
        "doubted": (
            "Cơ quan nhà nước, báo chí thường bác bỏ tin đồn: chỉ coi là tin đồn khi khả năng đó cao hơn hẳn.",
            "Offices and the press mostly deny rumors: what they say is one only where that is clearly likelier.",
        ),
        "chatter": (
            "Chuyện trò, không nêu điều gì để tin theo, nên không có mức gây hại.",
            "Chatter says nothing to be believed, so that no harm follows from it.",
        ),
        "lifted": (
            "Có loại khác khả năng cao hơn; loại hiếm gặp được ưu tiên để không bị bỏ sót.",
            "Another answer is likelier; rare ones are preferred so that they are not missed.",
        ),
        "place_named": ("Nêu rõ tên, viết đủ dấu: {words}.", "Named plainly, with its marks: {words}."),
        "place_former": (
            "Nêu tên cũ hoặc tên gọi khác: {words}; nay thuộc: {detail}.",
            "Named by an old or another name: {words}; today: {detail}.",
        ),
        "place_shared": (
            "Có nhiều nơi cùng tên: {words}; hiểu là: {detail}.",
            "Several places have this name: {words}; taken as: {detail}.",
        ),
        "place_unmarked": (
            "Tên viết không dấu hoặc viết hoa không đúng cách, có thể hiểu nhầm: {words}; hiểu là: {detail}.",
            "Written without marks or capitals, and may be mistaken: {words}; taken as: {detail}.",
        ),
        "no_place": (
            "Không thấy tên tỉnh, thành phố nào trong nội dung.",
            "No province is named in the text.",
        ),
    }
)
#: Reasons that tell a rule of the desk's and no model's opinion: the answer may be one that the heads find unlikely.
RULES: Final = frozenset({"rule", "settled", "joined", "doubted", "refuting", "claims_left_out", "chatter"})
#: The same for every item: said beside an answer, and of no worth where many items are summed up.
LEVELS: Final = frozenset(
    {"health_from", "health_below", "filter_below", "attention_from", "attention_below", "reliability_from"}
)


def sentence(reason: Reason, language: str = "vi") -> str:
    """`reason` as a sentence, plain text. An unknown code (of an older version) gives its words alone."""
    words = ", ".join(f"“{word}”" for word in reason.words)
    pair = SENTENCES.get(reason.code)
    if pair is None:
        return words or reason.detail
    template = pair[1] if language == "en" else pair[0]
    if "{percent}" in template:
        template = template.replace("{percent}", percent(float(reason.detail), language))
    return template.replace("{words}", words).replace("{detail}", reason.detail)


def percent(chance: float, language: str = "vi", decimals: int | None = None) -> str:
    """ "24%"; below ten percent with one decimal ("5,9%"), where it is not 0, or with as many as are asked for."""
    shown = f"{100 * chance:.{(1 if chance < 0.1 else 0) if decimals is None else decimals}f}"
    if decimals is None:
        shown = shown.removesuffix(".0")
    return f"{shown if language == 'en' else shown.replace('.', ',')}%"
