"""What stands before a name that is then a street's, a person's, a river's or a house's, and no place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_WAYS = {"đường", "phố", "cầu", "sông", "mòn", "duong"}
_PEOPLE = {"ông", "bà", "anh", "chị", "em", "bác", "cô", "chú", "sĩ", "bs", "tịch", "cộng", "tưởng", "tncs", "ong"}
_VILLAGES = {"thôn", "ấp", "bản", "khóm", "buôn", "xóm", "làng", "tổ", "thon", "ap"}
_BEFORE = _WAYS | _PEOPLE | {"hãng", "nền", "lăng"}
_SURNAMES = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô"}
_SURNAMES |= {"Dương", "Lý", "Hồ"}
#: Those that are nothing else in small letters.
_SURNAMES |= {"nguyễn", "phạm", "huỳnh", "đặng"}
#: Two of these words are no kinship: "chị em Hà Nội", "trẻ em Huế"; "thành phố" is no street.
_NOT_AFTER = {"em": {"chị", "anh", "trẻ"}, "phố": {"thành"}}
#: Of several people it is where they are from: "các bác Đắk Lắk".
_SEVERAL = {"các", "mấy", "những"}
_SCHOOLS = {"trường", "truong", "thpt", "thcs", "học", "non"}
_HOUSES = _SCHOOLS | {"viện", "vien", "bv", "khoa", "khám", "thuốc", "ty", "đoàn", "bay", "ga", "cảng"}


def is_something_else(words: Sequence[str], gap: Callable[[int], str], at: int) -> bool:
    """Whether the word before `at` says that what begins there is a street, a person, a river."""
    if not at or gap(at) not in {" ", ". "}:
        return False
    before = words[at - 1]
    earlier = words[at - 2] if at > 1 and gap(at - 1) == " " else ""
    if before.lower() in _BEFORE:
        several = before.lower() in _PEOPLE and earlier.lower() in _SEVERAL
        return not several and earlier.lower() not in _NOT_AFTER.get(before.lower(), ())
    return gap(at) == " " and (before in _SURNAMES or (earlier in _SURNAMES and before[0].isupper()))


def is_a_village(words: Sequence[str], gap: Callable[[int], str], at: int) -> bool:
    """Whether it is a village or a quarter that is called so."""
    return bool(at) and gap(at) == " " and words[at - 1].lower() in _VILLAGES


def is_a_name_of_something(words: Sequence[str], gap: Callable[[int], str], at: int) -> bool:
    """Whether it is a school, a hospital or a company that is called so; a province counts there all the same."""
    return bool(at) and gap(at) == " " and words[at - 1].lower() in _HOUSES
