"""The topics of the health sector's communication plans.

Their keys are kept by store and models; their names are shown. A topic's words are only a start: the models learn more.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicNames:
    vietnamese: str
    english: str
    keywords: tuple[str, ...] = ()


TOPICS: dict[str, TopicNames] = {
    "policy_law": TopicNames(
        "Chính sách, pháp luật y tế",
        "Health policy and law",
        (
            "Nghị quyết 72-NQ/TW",
            "Luật Dược",
            "Luật Dân số",
            "Luật Phòng bệnh",
            "Luật Khám bệnh, chữa bệnh",
        ),
    ),
    "epidemic": TopicNames(
        "Dịch bệnh, bệnh truyền nhiễm",
        "Epidemics and infectious disease",
        (
            "dịch bệnh",
            "bệnh truyền nhiễm",
            "sốt xuất huyết",
            "bệnh dại",
            "lao",
            "sốt rét",
            "viêm gan vi rút",
        ),
    ),
    "immunisation": TopicNames(
        "Tiêm chủng, vắc xin",
        "Immunisation and vaccines",
        (
            "tiêm chủng mở rộng",
            "tiêm chủng",
            "vắc xin",
        ),
    ),
    "food_safety": TopicNames(
        "An toàn thực phẩm",
        "Food safety",
        (
            "an toàn thực phẩm",
            "ngộ độc thực phẩm",
        ),
    ),
    "pharma": TopicNames(
        "Dược, mỹ phẩm; hàng giả là thuốc",
        "Medicines and cosmetics; counterfeit drugs",
        (
            "thuốc giả",
            "mỹ phẩm",
            "quảng cáo thuốc",
            "cảnh giác dược",
        ),
    ),
    "treatment": TopicNames(
        "Khám bệnh, chữa bệnh",
        "Examination and treatment services",
        (
            "khám chữa bệnh",
            "an toàn người bệnh",
            "cấp cứu ngoại viện",
            "bệnh viện",
        ),
    ),
    "medical_incident": TopicNames(
        "Sự cố, tai biến y khoa",
        "Medical incidents and accidents",
        (
            "tai biến y khoa",
            "sự cố y khoa",
        ),
    ),
    "health_insurance": TopicNames(
        "Bảo hiểm y tế",
        "Health insurance",
        (
            "bảo hiểm y tế",
            "BHYT",
        ),
    ),
    "health_check": TopicNames(
        "Khám sức khỏe định kỳ, sàng lọc; sổ sức khỏe điện tử",
        "Periodic checks, screening, e-health record",
        (
            "khám sức khỏe định kỳ",
            "khám sàng lọc",
            "sổ sức khỏe điện tử",
        ),
    ),
    "ncd": TopicNames(
        "Bệnh không lây nhiễm",
        "Non-communicable disease",
        (
            "bệnh không lây nhiễm",
            "ung thư",
            "đái tháo đường",
            "tim mạch",
        ),
    ),
    "tobacco_alcohol_drugs": TopicNames(
        "Tác hại thuốc lá, rượu bia, ma túy",
        "Tobacco, alcohol, drugs",
        (
            "thuốc lá",
            "rượu bia",
            "ma túy",
        ),
    ),
    "nutrition": TopicNames(
        "Dinh dưỡng",
        "Nutrition",
        (
            "dinh dưỡng",
            "suy dinh dưỡng",
            "vi chất",
        ),
    ),
    "mental": TopicNames(
        "Sức khỏe tâm thần",
        "Mental health",
        (
            "sức khỏe tâm thần",
            "tự tử",
            "tự kỷ",
        ),
    ),
    "environment": TopicNames(
        "Vệ sinh môi trường",
        "Environmental health",
        (
            "nước sạch",
            "vệ sinh môi trường",
        ),
    ),
    "population": TopicNames(
        "Dân số và phát triển",
        "Population and development",
        (
            "dân số",
            "mức sinh",
            "giới tính khi sinh",
            "già hóa dân số",
        ),
    ),
    "mother_child": TopicNames(
        "Bà mẹ, trẻ em; sức khỏe sinh sản",
        "Mother and child; reproductive health",
        (
            "bà mẹ trẻ em",
            "làm mẹ an toàn",
            "nuôi con bằng sữa mẹ",
            "sức khỏe sinh sản",
        ),
    ),
    "social_protection": TopicNames(
        "Bảo trợ xã hội",
        "Social protection",
        (
            "người cao tuổi",
            "người khuyết tật",
            "trợ giúp xã hội",
            "mua bán người",
        ),
    ),
    "traditional_medicine": TopicNames(
        "Y học cổ truyền",
        "Traditional medicine",
        (
            "y học cổ truyền",
            "dược liệu",
            "thuốc cổ truyền",
        ),
    ),
    "sti_hiv": TopicNames(
        "HIV/AIDS, bệnh lây qua đường tình dục",
        "HIV/AIDS and STIs",
        (
            "HIV/AIDS",
            "lây truyền từ mẹ sang con",
        ),
    ),
    "digital_health": TopicNames(
        "Chuyển đổi số, AI, thành tựu y khoa",
        "Digital health and achievements",
        (
            "chuyển đổi số",
            "bệnh án điện tử",
            "AI",
        ),
    ),
    "integrity": TopicNames(
        "Phòng, chống tham nhũng, tiêu cực, lãng phí",
        "Anti-corruption in health",
        (
            "tham nhũng",
            "đấu thầu",
            "mua sắm",
        ),
    ),
    "workforce_ethics": TopicNames(
        "Y đức, gương điển hình, đào tạo nhân lực",
        "Medical ethics, role models, workforce",
        (
            "y đức",
            "thái độ phục vụ",
            "thầy thuốc",
        ),
    ),
    "admin_reform": TopicNames(
        "Cải cách hành chính, dịch vụ công trực tuyến",
        "Administrative reform and online services",
        (
            "dịch vụ công trực tuyến",
            "cải cách hành chính",
        ),
    ),
    "school_health": TopicNames(
        "Y tế trường học",
        "School health",
        (
            "học đường",
            "học sinh",
        ),
    ),
}
