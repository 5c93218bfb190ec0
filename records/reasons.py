"""The closed set of reasons that an assessment gives, and how each reads in Vietnamese and in English. Pure data.

`{words}` stands for the reason's words, joined by commas and in quotation marks, `{detail}` for its detail.
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
    }
)


def sentence(reason: Reason, language: str = "vi") -> str:
    """`reason` as a sentence, plain text. An unknown code (of an older version) gives its words alone."""
    words = ", ".join(f"“{word}”" for word in reason.words)
    pair = SENTENCES.get(reason.code)
    if pair is None:
        return words or reason.detail
    template = pair[1] if language == "en" else pair[0]
    return template.replace("{words}", words).replace("{detail}", reason.detail)
