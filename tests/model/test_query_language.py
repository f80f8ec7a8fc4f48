"""Tests of the query language: words, phrases, exclusions and named conditions; an error is one sentence."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.model.query_language import (
    EXAMPLES,
    FIELD_NAMES,
    CreatedAt,
    FlattrCount,
    Mine,
    OneOf,
    Property,
    Query,
    QueryContext,
    QuerySyntaxError,
    ShownDate,
    Term,
    Words,
    parse_query,
)
from tests.any_text import any_text

NOW = datetime(2016, 3, 31, 15, 30, tzinfo=UTC)
CONTEXT = QueryContext(now=NOW.timestamp(), account="Ada", seen_until=1_400_000_000)


def timestamp(year: int, month: int = 1, number: int = 1) -> int:
    return int(datetime(year, month, number, tzinfo=UTC).timestamp())


def list_conditions(text: str) -> list[object]:
    """Return the conditions of a query. An excluded condition is a pair of `not` and the condition."""
    terms = parse_query(text, CONTEXT).terms
    return [("not", term.condition) if term.excluded else term.condition for term in terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("open Maps", [Words("open"), Words("Maps")]),
        ('"open  maps"', [Words("open maps", whole=True)]),
        ('"open ma', [Words("open ma")]),
        ('-beta -"open maps"', [("not", Words("beta")), ("not", Words("open maps", whole=True))]),
        ("-", []),
        ("---", [Words("---")]),
        ("re:publica http://a.example/ 12:30", [Words("re:publica"), Words("http://a.example/"), Words("12:30")]),
        ("year:2012", [CreatedAt((timestamp(2012), timestamp(2013)))]),
        ("year:2012..2014", [CreatedAt((timestamp(2012), timestamp(2015)))]),
        ("before:2012-03", [CreatedAt((None, timestamp(2012, 3)))]),
        ("after:2012-02-29", [CreatedAt((timestamp(2012, 2, 29), None))]),
        ("after:1m", [CreatedAt((timestamp(2016, 2, 29), None))]),
        ("before:2y", [CreatedAt((None, timestamp(2014, 3, 31)))]),
        ("after:3d after:2w", [CreatedAt((timestamp(2016, 3, 28), None)), CreatedAt((timestamp(2016, 3, 17), None))]),
        ("after:today", [CreatedAt((timestamp(2016, 3, 31), None))]),
        ("2012", [ShownDate("2012", (timestamp(2012), timestamp(2013)))]),
        ("Mar 2012", [ShownDate("Mar 2012", (timestamp(2012, 3), timestamp(2012, 4)))]),
        ("december 2012", [ShownDate("december 2012", (timestamp(2012, 12), timestamp(2013)))]),
        (
            "12 Mar 2012 maps",
            [ShownDate("12 Mar 2012", (timestamp(2012, 3, 12), timestamp(2012, 3, 13))), Words("maps")],
        ),
        ("2012-03", [ShownDate("2012-03", (timestamp(2012, 3), timestamp(2012, 4)))]),
        ("-2012", [("not", ShownDate("2012", (timestamp(2012), timestamp(2013))))]),
        ("yesterday", [ShownDate("yesterday", (timestamp(2016, 3, 30), timestamp(2016, 3, 31)))]),
        ("Monday", [ShownDate("Monday", (timestamp(2016, 3, 28), timestamp(2016, 3, 29)))]),
        ("2012-13 may 31", [Words("2012-13"), Words("may"), Words("31")]),
        ('"2012"', [Words("2012", whole=True)]),
        ("owner:Ada,bo", [OneOf(Property.OWNER, ("ada", "bo"))]),
        ('-tag:"Free Software"', [("not", OneOf(Property.TAG, ("free software",)))]),
        ("category:soft,other", [OneOf(Property.CATEGORY, ("software", "rest"))]),
        ("LANGUAGE:ger,xx_yy", [OneOf(Property.LANGUAGE, ("de_DE", "xx_YY"))]),
        ("flattrs:>10", [FlattrCount(11)]),
        ("flattrs:<=1,000", [FlattrCount(-1, 1000)]),
        ("flattrs:5..10 flattrs:7", [FlattrCount(5, 10), FlattrCount(7, 7)]),
        ("is:mine", [Mine("ada")]),
        ("is:new", [CreatedAt((1_400_000_001, None))]),
    ],
)
def test_a_query_has_conditions(text: str, expected: list[object]) -> None:
    assert list_conditions(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("maps year:12", 5, "such as year:2012"),
        ("year:2014..2012", 0, "such as year:2012"),
        ("after:soon", 0, "after:3m"),
        ("before:2011-02-30", 0, "before:3m"),
        ("tag:", 0, "such as tag:audio"),
        ("a onwer:ada", 2, "did you mean owner:?"),
        ("category:books", 0, "text, images, video"),
        ("language:klingon", 0, "german"),
        ("flattrs:many", 0, "flattrs:>10"),
        ("flattrs:" + "9" * 30, 0, "flattrs:>10"),
        ("is:nice", 0, "since you last looked"),
        ("-a " * 33, 99, "leave some out"),
    ],
)
def test_a_syntax_error_is_one_sentence_with_a_position(text: str, position: int, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=r"^[^\n]+[.?]$") as caught:
        parse_query(text, CONTEXT)
    assert message in str(caught.value)
    assert caught.value.position == position


def test_mine_needs_an_account() -> None:
    with pytest.raises(QuerySyntaxError, match="log in"):
        parse_query("is:mine", QueryContext())


def test_days_begin_in_the_users_time_zone() -> None:
    zone = ZoneInfo("America/New_York")
    condition = parse_query("2012-03-12", QueryContext(tz=zone)).terms[0].condition
    assert isinstance(condition, ShownDate)
    assert condition.time == (int(datetime(2012, 3, 12, 4, tzinfo=UTC).timestamp()), timestamp(2012, 3, 13) + 4 * 3600)


def test_every_condition_has_an_example_that_parses() -> None:
    text = " ".join(example for example, _ in EXAMPLES)
    assert all(f"{name}:" in text for name in FIELD_NAMES)
    for example, _ in EXAMPLES:
        assert parse_query(example, CONTEXT)


PARTS = st.one_of(
    any_text(max_size=12),
    st.sampled_from(["-", '"', ":", "..", ",", "2012", "mar", "12", "today", "\x00", "\u202e", "ı"]),
    st.builds(lambda name, value: f"{name}:{value}", st.sampled_from(FIELD_NAMES), any_text(max_size=8)),
)


@given(st.lists(PARTS, max_size=12), st.sampled_from([" ", "", "  "]))
def test_any_text_is_a_query_or_one_sentence(parts: list[str], blank: str) -> None:
    text = blank.join(parts)
    try:
        query = parse_query(text, CONTEXT)
    except QuerySyntaxError as error:
        fault = error
    else:
        assert parse_query(" ".join(term.text for term in query.terms), CONTEXT) == query
        return
    assert str(fault).splitlines() == [str(fault)]
    assert 0 <= fault.position <= len(text)


@given(st.dates(datetime(1990, 1, 1).date(), datetime(2098, 12, 31).date()))  # noqa: DTZ001 -- dates have no zone
def test_a_date_is_parsed_in_the_form_on_screen(date: "datetime") -> None:
    begin = datetime(date.year, date.month, date.day, tzinfo=UTC)
    shown = f"{date.day} {begin:%b} {date.year}"
    time = (int(begin.timestamp()), int((begin + timedelta(days=1)).timestamp()))
    assert parse_query(shown) == Query((Term(ShownDate(shown, time), text=shown),))
