"""The names of places in one text, found word by word: what stands where, with marks and capitals or without."""

from __future__ import annotations

from collections.abc import Iterator

from models.gazetteer import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    WORD,
    Alias,
    Unit,
    alias_beginnings,
    aliases,
    are_words,
    folded,
    in_no_name,
    key,
    unit_beginnings,
    units,
)
from models.not_places import is_a_name_of_something, is_a_village, is_something_else
from models.place_resolving import How, Named, Told, Waiting, resolved

#: Capital letters among the letters of a text that is written in small ones.
_FEW_CAPITALS = 0.05
#: Kinds of units as they are written, folded → (kinds, whether it is short for them).
_KINDS: dict[str, tuple[tuple[str, ...], bool]] = {
    "dac khu": (("đặc khu",), False),
    "phuong": (("phường",), False),
    "xa": (("xã",), False),
    "thi tran": (("thị trấn",), False),
    "thanh pho": (("thành phố",), False),
    "thi xa": (("thị xã",), False),
    "quan": (("quận",), False),
    "huyen": (("huyện",), False),
    "tinh": (("tỉnh",), False),
    "p": (("phường",), True),
    "x": (("xã",), True),
    "tt": (("thị trấn",), True),
    "tp": (("thành phố",), True),
    "tx": (("thị xã",), True),
    "q": (("quận",), True),
    "h": (("huyện",), True),
}
_FIRST = frozenset(kind.split(" ")[0] for kind in _KINDS)
#: Words that make the next one a province even without marks or capitals.
_FORMAL = {"tỉnh", "phố", "tp", "tinh", "pho"}
_AT = {"ở", "tại", "về", "dưới", "trên", "lên", "quanh", "quê", "dân", "o", "tai", "ve", "duoi", "tren", "len", "que"}
_HOUSES = {"cdc", "bv", "viện", "khoa", "liễu", "tế", "vien", "lieu", "te"}
_BEFORE = _FORMAL | _AT | _HOUSES | {"dan", "lịch", "lich", "tphcm"}
_COUNTING = {"mot", "hai", "ba", "cac", "nhung", "nhieu", "may", "vai", "moi"}
_FORMERLY = ("cũ", "cu")


class Words:
    """The words of one text: `spans` in it, as written, folded, and in small letters with their marks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [match.span() for match in WORD.finditer(text)]
        self.written = [text[start:end] for start, end in self.spans]
        self.folded = [folded(word) for word in self.written]
        self.unmarked = all(map(str.isascii, self.written))
        self.small = sum(map(str.isupper, text)) <= _FEW_CAPITALS * len(text)

    def gap(self, at: int) -> str:
        """What stands between the word before `at` and that word."""
        return self.text[self.spans[at - 1][1] : self.spans[at][0]]

    def names(self, at: int, beginnings: frozenset[str], most: int) -> Iterator[tuple[int, str]]:
        """(end, folded words) of what may be a name from word `at`, the longest first."""
        found, words, end = [], self.folded[at], at + 1
        while words in beginnings:
            found.append((end, words))
            if end >= min(len(self.folded), at + most) or self.gap(end).strip(" ") not in {"", "-", "–"}:
                break
            words = f"{words} {self.folded[end]}"
            end += 1
        return reversed(found)

    def phrase(self, start: int, end: int) -> str:
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]

    def capital(self, start: int, end: int) -> bool:
        """Every word begins with a capital, and they are not all written in nothing else."""
        words = self.written[start:end]
        return all(word[0].isupper() or word[0].isdigit() for word in words) and not all(map(str.isupper, words))

    def fits(self, name: str, start: int, end: int) -> bool | None:
        """The words are `name` with its marks (True) or without any (None)."""
        if " ".join(map(key, self.written[start:end])) == name:
            return True if not name.isascii() or self.capital(start, end) else None
        return None if all(map(str.isascii, self.written[start:end])) else False

    def mentions(self, home: str) -> Iterator[tuple[int, Named]]:
        """(word, what is named there), in no order."""
        told, waiting = Told(), list[Waiting]()
        at = 0
        while at < len(self.folded):
            if one := self._with_kind(at):
                waiting += [one, *self._listed(one)]
                at = waiting[-1].end
            elif alias := self._alias(at):
                end, province, how = alias
                if province:
                    told.add(at, province)
                    yield at, Named(province, self.phrase(at, end), how)
                    yield from self._before(at, province, how, waiting[-1].end if waiting else 0)
                at = end
            else:
                at += 1
        # A district tells of which province a commune is.
        for one in sorted(waiting, key=lambda one: one.kinds[0] in COMMUNE_KINDS):
            if named := resolved(one, told, self.phrase(one.start, one.end), home):
                told.add(one.start, named.province)
                yield one.start, named

    def _kind(self, at: int) -> tuple[int, tuple[str, ...], bool] | None:
        """(word after it, kinds, whether it is written out with its marks) of the kind that word `at` begins."""
        if self.folded[at] not in _FIRST:
            return None
        two = " ".join(self.folded[at : at + 2])
        count = 2 if two in _KINDS and two != self.folded[at] and self.gap(at + 1) == " " else 1
        kind = _KINDS.get(two if count == 2 else self.folded[at])
        end = at + count
        if kind is None or end >= len(self.folded):
            return None
        kinds, short = kind
        written = " ".join(self.written[at:end])
        gap = self.gap(end)
        if gap != " " and not (short and gap in {".", ". ", "-"}):
            return None
        marked = written.lower() in kinds
        return (end, kinds, marked) if marked or written.isascii() else None

    def _with_kind(self, at: int) -> Waiting | None:
        """A commune or district that word `at` begins with its kind."""
        told = self._kind(at)
        if told is None or told[1] == ("tỉnh",):
            return None
        start, kinds, marked = told
        found = [
            Waiting(at, end, kinds, fitting, How.NAMED if sure else How.UNMARKED)
            for end, words in self.names(start, unit_beginnings(), 6)
            if (fitting := self._units(at, start, end, words, kinds, marked=marked))
            for sure in [self.capital(start, end) and any(self.fits(unit.name, start, end) for unit in fitting)]
        ]
        # In "xa tan hung dong nai" it is not xã Tân Hưng Đông.
        before_its_province = (one for one in found if one.how is How.UNMARKED and self._is_before_its_province(one))
        return next(before_its_province, found[0] if found else None)

    def _units(
        self, at: int, start: int, end: int, words: str, kinds: tuple[str, ...], *, marked: bool
    ) -> tuple[Unit, ...]:
        """What the words start..end may be, after one of `kinds` at word `at`; `marked`: that is written out."""
        capital = self.capital(start, end)
        if at and self.folded[at - 1] in _COUNTING and any(not alias.town for alias in aliases().get(words, ())):
            return ()  # "một xã Lai Châu" is one of that province
        if (not marked and end - start == 1) or (not capital and self._is_a_word(start, end, marked=marked)):
            return ()
        if capital and self._goes_on(end):
            return ()
        those = units().get(words, ())
        if kinds[0] in DISTRICT_KINDS and words in aliases() and not any(unit.kind in DISTRICT_KINDS for unit in those):
            return ()  # "TP Ninh Bình", "tp hai phong": the province, and no commune far away of its name
        fits = {unit: self.fits(unit.name, start, end) for unit in those}
        # "Thanh An" is that, before it is "Thạnh An" without marks.
        return tuple(unit for unit, so in fits.items() if so or (so is None and True not in fits.values()))

    def _is_before_its_province(self, one: Waiting) -> bool:
        if one.end >= len(self.folded):
            return False
        following = [aliases().get(words, ()) for _, words in self.names(one.end, alias_beginnings(), 6)]
        named = {alias.province for those in following for alias in those}
        return any(unit.province in named for unit in one.units)

    def _is_a_word(self, start: int, end: int, *, marked: bool) -> bool:
        """Of words in small letters after what may be a kind: they are no name, or cannot be told from other words."""
        name = " ".join(map(key, self.written[start:end]))
        if name.isdigit():
            return not marked or (end < len(self.folded) and self.folded[end].isdigit())
        others = in_no_name().get(self.folded[start - 1], ())
        return not self.small or end - start == 1 or self.folded[start] in others or name in are_words()

    def _goes_on(self, end: int) -> bool:
        """A capital follows that begins neither a kind nor a province: the name is longer than what was found."""
        if end >= len(self.folded) or self.gap(end) != " " or not self.written[end][0].isupper() or self._kind(end):
            return False
        return not any(words in aliases() for _, words in self.names(end, alias_beginnings(), 6))

    def _listed(self, first: Waiting) -> Iterator[Waiting]:
        """Those that follow it under the same kind: "các phường Thủ Đức, Linh Xuân và Tam Bình"."""
        # In "xã Nam Kim, Nam Đàn, Nghệ An" the second is a district.
        several = bool(first.start) and self.folded[first.start - 1] in _COUNTING
        more: Waiting | None = first
        while more and more.end < len(self.folded):
            at = more.end
            if self.gap(at) == " " and self.written[at] == "và" and at + 1 < len(self.folded):
                at += 1
            elif self.gap(at) != ", " or not several:
                return
            more = self._next(at, first.kinds)
            if more:
                yield more

    def _next(self, at: int, kinds: tuple[str, ...]) -> Waiting | None:
        for end, words in self.names(at, unit_beginnings(), 6):
            if words not in aliases() and self.capital(at, end) and not self._goes_on(end):
                those = units().get(words, ())
                fitting = tuple(unit for unit in those if unit.kind in kinds and self.fits(unit.name, at, end))
                if fitting:
                    return Waiting(at, end, kinds, fitting, How.NAMED)
        return None

    def _alias(self, at: int) -> tuple[int, str, How] | None:
        """(end, province or "", how) of the province or town that word `at` begins."""
        if self.folded[at] not in alias_beginnings():
            return None
        for end, words in self.names(at, alias_beginnings(), 6):
            for alias in aliases().get(words, ()):
                fits = self.fits(alias.name, at, end)
                if fits is False and not alias.town and end - at > 1 and self._before_is(at, _FORMAL):
                    fits = None  # "Thành phố Hà Nôi": half its marks
                how = None if fits is False else self._how(alias, at, end, marked=bool(fits))
                if how:
                    return end, alias.province, how
        return None

    def _how(self, alias: Alias, at: int, end: int, *, marked: bool) -> How | None:
        """How the words at..end name what `alias` does; None when they do not."""
        if alias.exact:
            return How.FORMER if self.phrase(at, end) == alias.exact else None
        formerly = end < len(self.written) and self.gap(end) == " " and self.written[end] in _FORMERLY
        if is_something_else(self.written, self.gap, at):
            return None
        if is_a_village(self.written, self.gap, at) and not formerly:
            return None
        if alias.town and is_a_name_of_something(self.written, self.gap, at):
            return None
        if marked and self.capital(at, end):
            return None if alias.town and self._goes_on(end) else How.NAMED if alias.today else How.FORMER
        if not alias.province:
            return How.UNMARKED
        one_word = end - at == 1
        if alias.plain and one_word:  # "hcm" is nothing else, in whatever letters
            return How.FORMER if self.written[at].isupper() else How.UNMARKED
        if self._before_is(at, _BEFORE):
            return How.UNMARKED
        if formerly and not one_word:
            return How.UNMARKED
        unmistakable = alias.plain and (self.unmarked or alias.name.isascii())
        if self.small and (not alias.common if marked and not one_word else unmistakable):
            return How.UNMARKED
        upper = self.phrase(at, end).isupper()
        if (marked and upper and not alias.common and not one_word) or self._unit_before(at, alias.province):
            return How.UNMARKED
        return None

    def _before_is(self, at: int, words: set[str]) -> bool:
        return bool(at) and self.written[at - 1].lower() in words and self.gap(at) in {" ", ".", ". "}

    def _unit_before(self, at: int, province: str) -> tuple[int, tuple[Unit, ...]] | None:
        """(start, units) of `province` whose name ends before word `at`: "duc hoa long an", "Hòa Vang, Đà Nẵng"."""
        if not at or self.gap(at) not in {" ", ", ", " - ", " – ", " ("}:
            return None
        for start in range(max(at - 5, 0), at - 1):
            words = " ".join(self.folded[start:at])
            name = " ".join(map(key, self.written[start:at]))
            word = name in are_words() and not self.capital(start, at)
            those = () if word or words in aliases() else units().get(words, ())
            own = [unit for unit in those if unit.province == province and self.fits(unit.name, start, at) is not False]
            if own and all(self.gap(word) == " " for word in range(start + 1, at)):
                return start, tuple(own)
        return None

    def _before(self, at: int, province: str, how: How, taken: int) -> Iterator[tuple[int, Named]]:
        """The commune that stands without its kind before its province at word `at`: "Bình An, Kiên Giang".

        The words before `taken` are those of a unit with its kind already.
        """
        if (found := self._unit_before(at, province)) is None or found[0] < taken:
            return
        start, every = found
        marked = any(self.fits(unit.name, start, at) for unit in every) and self.capital(start, at)
        if (how is not How.UNMARKED and not marked) or is_a_name_of_something(self.written, self.gap, start):
            return
        if is_something_else(self.written, self.gap, start) or is_a_village(self.written, self.gap, start):
            return
        if self._is_the_end_of_a_name(start):
            return
        those = tuple(unit for unit in every if unit.today) or every
        communes = {unit.commune for unit in those}
        if len(communes) == 1 and (commune := communes.pop()) and not any(u.kind in DISTRICT_KINDS for u in every):
            written = self.phrase(start, at)
            sure = How.UNMARKED if not marked else How.NAMED if any(u.today for u in those) else How.FORMER
            yield start, Named(province, written, sure, commune)

    def _is_the_end_of_a_name(self, at: int) -> bool:
        return at > 1 and self.gap(at) == " " and self.capital(at - 1, at) and self.gap(at - 1) == " "
