"""The port `Assessor` with the shipped heads and a stub encoder: shapes, edges, order, and the rules between fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.assessor import HeadAssessor, load_assessor
from models.cues import CUES, WHOLE
from models.explaining import Explainer
from models.heads import NAMES, SHIPPED, HeadSet, load_idf
from models.landmarks import load_landmarks
from models.reading import read
from models.training import load_heads
from records.assessment import AssessableItem, AssessedItem, Assessment, Harm, Kind, Stance, chance_key
from records.ports import Assessor, Encoder
from records.reasons import SENTENCES, sentence
from records.source import Owner
from records.topics import TOPICS
from tests.support.small_learning import SmallEncoder

EDGES = {
    "empty": "",
    "spaces": " \n\t ",
    "one word": "sốt",
    "long": "Bệnh viện tỉnh thông báo lịch tiêm chủng. " * 2_500,
    "decomposed": unicodedata.normalize("NFD", "Trẻ bị sốt xuất huyết phải nhập viện"),
    "emoji": "😷💉🔥",
    "foreign": "The vaccine arrived. 疫苗 вакцина",
    "surrogate": "vắc xin \ud83d",
    "control": "bệnh\x00viện\u200b",
}
TEXTS = [
    "Sở Y tế bác bỏ tin đồn bệnh viện giấu ca tử vong vì sốt xuất huyết",
    "nghe noi tiem vac xin xong bi vo sinh, moi nguoi dung cho con tiem",
    "Giá vàng hôm nay tăng mạnh, thị trường sốt đất ở Long An",
    "Có thật là uống nước lá chữa khỏi ung thư không ạ?",
]


def _assess(assessor: Assessor, texts: Sequence[str], cascade: bool = False) -> tuple[AssessedItem, ...]:
    return assessor.assess([AssessableItem(str(n), text) for n, text in enumerate(texts)], cascade=cascade)


@pytest.mark.parametrize("cascade", [False, True])
@pytest.mark.parametrize("which", ["assessor", "foreign_assessor"])
def test_every_text_gets_an_answer(which: str, cascade: bool, request: pytest.FixtureRequest) -> None:
    assessor: Assessor = request.getfixturevalue(which)
    texts = [*EDGES.values(), *TEXTS]
    answers = _assess(assessor, texts, cascade)
    assert [answer.item_id for answer in answers] == [str(n) for n in range(len(texts))]
    for answer in answers:
        said = answer.assessment
        assert said.full or (cascade and not said.health and answer.vector == b"")
        assert all(0 <= chance <= 1 for chance in said.probabilities.values())
        assert said.topic is None or said.topic in TOPICS
        assert said.reasons
        for reason in said.reasons:
            assert reason.code in SENTENCES
            assert sentence(reason, "vi") and sentence(reason, "en") and "{" not in sentence(reason)
        if said.full:
            _assert_every_answer_has_its_chance(said)
            _assert_every_answer_has_a_reason(said)
        if not said.health:
            assert (said.topic, said.stance, said.harm, said.attention) == (None, Stance.NEUTRAL, Harm.NONE, False)
            assert said.kind not in {Kind.RUMOR, Kind.CORRECTION}
        if said.kind is Kind.CORRECTION or said.stance is Stance.REFUTES:
            assert not said.attention
        if said.kind is Kind.CHATTER:
            assert said.harm is Harm.NONE


def _assert_every_answer_has_its_chance(said: Assessment) -> None:
    groups = {"kind": list(Kind)}
    if said.health:
        groups |= {"stance": list(Stance), "harm": list(Harm)}
    keys = {about: [chance_key(about, answer) for answer in answers] for about, answers in groups.items()}
    for names in keys.values():
        assert sum(said.probabilities[name] for name in names) == pytest.approx(1, abs=1e-9)
    topics = {name for name in said.probabilities if name.startswith("topic.")}
    judged = {name for names in keys.values() for name in names}
    assert set(said.probabilities) == {"health", "unreliable", "attention", *judged, *topics}
    fields = ("health", "attention", "kind", "reliability", *(("stance", "harm", "topic") if said.health else ()))
    assert all(said.chance(about) is not None for about in fields)
    assert said.health or not topics


def _assert_every_answer_has_a_reason(said: Assessment) -> None:
    codes = {reason.code for reason in said.reasons}
    if codes == {"empty"}:
        return
    told = {reason.about for reason in said.reasons}
    assert told == {"health", "attention", "topic", "kind", "stance", "harm", "reliability", "places"}
    health = next(float(one.detail) for one in said.reasons if one.code in {"health_from", "health_below"})
    assert said.health is ((said.chance("health") or 0) >= health)
    for reason in said.reasons:
        if reason.code in {"attention_from", "attention_below"}:
            assert ((said.chance("attention") or 0) >= float(reason.detail)) is (reason.code == "attention_from")
    if said.attention:
        assert codes & {"rule", "attention_from"}
    elif said.health:
        assert codes & {"refuting", "attention_below"}


@pytest.mark.parametrize(("owner", "settled"), [(Owner.OFFICIAL, True), (Owner.SOCIAL, False)])
def test_the_rule_on_denials_is_said(foreign_assessor: Assessor, owner: Owner, settled: bool) -> None:
    item = AssessableItem("1", TEXTS[0], source="Nguồn", owner=owner)
    said = foreign_assessor.assess([item], cascade=False)[0].assessment
    by_rule = {reason.about for reason in said.reasons if reason.code == "settled"}
    assert by_rule == ({"kind", "stance"} if settled else set())
    if settled:
        assert (said.kind, said.stance, said.attention) == (Kind.CORRECTION, Stance.REFUTES, False)
        words = next(reason.words for reason in said.reasons if reason.code == "settled")
        assert words and all(word in TEXTS[0] for word in words)
        # What is kept beside the answer is the heads' own chance of it, whatever they would have said.
        other = foreign_assessor.assess([replace(item, owner=Owner.SOCIAL)], cascade=False)[0].assessment
        assert {kind: said.probabilities[kind] for kind in Kind} == {kind: other.probabilities[kind] for kind in Kind}


def test_what_the_rules_do_is_said(stub_encoder: Encoder) -> None:
    """A refuting item is let go whatever its chance, and a harmful rumor kept whatever its chance."""
    heads = HeadSet(load_heads(None, NAMES), "e5-small.1-256", load_landmarks(SHIPPED))
    explainer = Explainer(heads, load_idf(SHIPPED))
    reading = read(AssessableItem("1", TEXTS[1]))
    said = load_assessor(stub_encoder).assess([AssessableItem("1", TEXTS[1])], cascade=False)[0].assessment
    said = replace(said, health=True, kind=Kind.RUMOR, stance=Stance.ASSERTS, harm=Harm.HIGH, topic=None)

    def codes(chance: float, attention: bool, kind: Kind, ruled: bool) -> set[str]:
        probabilities = said.probabilities | {"attention": chance}
        one = replace(said, probabilities=probabilities, attention=attention, kind=kind)
        found = explainer.reasons(reading, None, one, (), settled=None, ruled=ruled)
        return {reason.code for reason in found if reason.about == "attention"} - {"words", "no_words"}

    assert codes(0.01, True, Kind.RUMOR, ruled=True) == {"rule"}
    assert codes(0.99, True, Kind.RUMOR, ruled=True) == {"rule", "attention_from"}
    assert codes(0.99, True, Kind.NEWS, ruled=False) == {"attention_from"}
    assert codes(0.99, False, Kind.CORRECTION, ruled=False) == {"refuting"}
    assert codes(0.01, False, Kind.CORRECTION, ruled=False) == {"attention_below"}


class _OtherEncoder(SmallEncoder):
    version = family = "other"


@pytest.mark.parametrize("dimensions", [16, 500])
def test_of_another_encoder_health_alone_may_have_been_learnt(dimensions: int) -> None:
    """It learns nothing of a text's parts: shorter than such an encoder's rows; and no other head fits."""
    other = _OtherEncoder()
    other.dimensions = dimensions
    dense = np.zeros((WHOLE * dimensions + CUES, 1), np.float32)
    shipped = load_heads(None, NAMES)
    heads = [replace(head, family="other", dense=dense) if head.name == "health" else head for head in shipped]
    found = HeadSet(heads, "other", load_landmarks(SHIPPED))
    assert found.wants_dense()
    assessor = HeadAssessor(other, found, load_idf(SHIPPED))
    assert len(assessor.assess([AssessableItem("1", TEXTS[1])], cascade=False)) == 1


class _Saying(HeadSet):
    """Heads that say what they are told to of any text."""

    def __init__(self, **chances: dict[str, float]) -> None:
        super().__init__(load_heads(None, NAMES), "", load_landmarks(SHIPPED))
        self._chances = chances

    def probabilities(self, *_: object, **__: object) -> dict[str, NDArray[np.float64]]:
        rows = {}
        for name, head in self.heads.items():
            said = self._chances.get(name, {})
            rest = (1 - sum(said.values())) / max(1, len(head.classes) - len(said))
            rows[name] = np.array([[said.get(each, rest) for each in head.classes]])
        return rows

    def wants_dense(self) -> bool:
        return False


@pytest.mark.parametrize("owner", [Owner.OFFICIAL, Owner.PRESS, Owner.CITIZEN])
def test_that_a_rumor_of_an_office_was_doubted_is_said_and_it_is_looked_at(owner: Owner, stub_encoder: Encoder) -> None:
    heads = _Saying(
        health={"health": 0.99},
        kind={"rumor": 0.5, "correction": 0.45},
        stance={"asserts": 0.48, "refutes": 0.48},
        harm={"high": 0.9},
        attention={"attention": 0.99},
    )
    assessor = HeadAssessor(stub_encoder, heads, load_idf(SHIPPED))
    item = AssessableItem("1", "Trạm thông báo về nước giếng", owner=owner)
    said = assessor.assess([item], cascade=False)[0].assessment
    doubted = owner is not Owner.CITIZEN
    by_doubt = {reason.about for reason in said.reasons if reason.code == "doubted"}
    assert by_doubt == ({"kind", "stance"} if doubted else set())
    answer = (Kind.CORRECTION, Stance.REFUTES) if doubted else (Kind.RUMOR, Stance.ASSERTS)
    assert (said.kind, said.stance, said.attention) == (*answer, True)
    assert said.probabilities["rumor"] > said.probabilities["correction"], "what the heads say stays"


def test_the_same_in_any_company(assessor: Assessor) -> None:
    together = _assess(assessor, TEXTS)
    alone = [_assess(assessor, [text])[0] for text in TEXTS]
    assert [a.assessment for a in together] == [a.assessment for a in alone]
    assert [a.vector for a in together] == [a.vector for a in alone]


def test_nothing_to_read_is_not_health(assessor: Assessor) -> None:
    for answer in _assess(assessor, ["", "😷💉", "..."]):
        assert not answer.assessment.health
        assert not answer.assessment.attention


def test_a_threshold_of_nothing_lets_all_pass_and_of_one_none(assessor: Assessor, stub_encoder: Encoder) -> None:
    everything = load_assessor(stub_encoder, filter_threshold=0.0)
    nothing = load_assessor(stub_encoder, filter_threshold=1.0)
    assert all(answer.assessment.full for answer in _assess(everything, TEXTS, cascade=True))
    assert not any(answer.assessment.full for answer in _assess(nothing, TEXTS, cascade=True))
    assert everything.version != assessor.version


def test_the_filter_passes_health_however_it_is_spelt(assessor: Assessor) -> None:
    texts = [
        "bv tinh het vx roi moi nguoi",
        "sot xuat huyet tang nhanh o tp",
        "Trẻ ngộ độc sau bữa ăn ở trường",
        "bs bảo ko cần tiêm vx",
    ]
    assert all(answer.assessment.full for answer in _assess(assessor, texts, cascade=True))


def test_heads_are_small_and_hold_no_pickle() -> None:
    files = list(SHIPPED.iterdir())
    assert {file.suffix for file in files} == {".npz", ".json"}
    assert {file.stem for file in files} == {*NAMES, "idf", "landmarks"}
    assert sum(file.stat().st_size for file in files) < 15_000_000  # half of it landmarks, which grow with the corpus
