"""Records to JSON and back are the same records."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.assessment import Harm, Reason
from records.message import Notice, NoticeItem, NoticeKind
from records.risk import Level, Risk, Spread, Trend
from store.serialize import from_json, to_json

times = st.datetimes(timezones=st.just(UTC))
names = st.lists(st.text(), max_size=2).map(tuple)
risks = st.builds(
    Risk,
    harm=st.sampled_from(Harm),
    harm_set_by=st.none() | st.text(),
    spread=st.builds(
        Spread, st.integers(1, 6), names, names, names, names, names, st.none() | st.text(), st.integers(0)
    ),
    trend=st.builds(Trend, st.booleans(), st.integers(0), st.floats(0, 1e6), st.integers(0, 9), st.integers(1, 48)),
    cell=st.sampled_from(Level),
    level=st.sampled_from(Level),
)
notices = st.builds(
    Notice,
    kind=st.sampled_from(NoticeKind),
    risk=risks,
    first_published=st.none() | times,
    at=times,
    representative=st.lists(st.builds(NoticeItem, st.text(), st.text(), st.text(), st.none() | times), max_size=2).map(
        tuple
    ),
    places=names,
)


@given(notices)
def test_a_notice_comes_back_as_it_was(notice):
    assert from_json(Notice, json.loads(json.dumps(to_json(notice)))) == notice


def test_a_time_comes_back_in_utc():
    local = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=7)))
    assert from_json(datetime, to_json(local)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_field_that_was_added_since_takes_its_default():
    assert from_json(Reason, {"about": "kind", "code": "words"}) == Reason("kind", "words")


def test_what_no_record_holds_is_refused():
    with pytest.raises(TypeError, match="bytes"):
        to_json({"a": b"bytes"})
