"""Tests that revenue reports have the same rows in all forms, to the cent, and that ambiguous ones are refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.model.revenue import RevenueRow, end_of_month, format_cents, read_owner
from flattr_tui.model.revenue_csv import (
    NotRevenueReportError,
    is_revenue_report,
    read_report,
    serialize_export,
    serialize_report,
)
from flattr_tui.model.text_sanitizer import single_line
from tests.any_text import any_text
from tests.model.revenue_forms import make_row, write_as_r, write_original, write_spreadsheet

TITLES = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=' ;,"|=-'), max_size=30)
ROWS = st.lists(
    st.builds(
        make_row,
        st.builds("{:04}-{:02}".format, st.integers(2000, 2030), st.integers(1, 12)),
        st.integers(1, 10**8),
        st.integers(0, 10**7),
        st.integers(0, 10**5),
        title=TITLES.map(single_line).filter(lambda title: title != "NA"),
        total=st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=20,
)


def parse_rows(text: str | bytes) -> tuple[RevenueRow, ...]:
    report = read_report(text.encode() if isinstance(text, str) else text)
    assert not report.problems
    return report.rows


@given(ROWS)
def test_the_forms_of_flattr_and_r_have_the_same_rows(rows: list[RevenueRow]) -> None:
    expected = tuple(rows)
    assert parse_rows(write_original(rows)) == expected
    assert parse_rows(write_as_r(rows)) == expected
    assert parse_rows(write_as_r(rows, numbered=True)) == expected
    assert parse_rows(serialize_report(rows)) == expected
    assert serialize_report(rows).encode() == write_original(rows)
    assert sum(one.cents for one in parse_rows(write_as_r(rows))) == sum(one.cents for one in rows)


@given(
    ROWS,
    st.sampled_from([(",", "."), (";", "."), ("\t", ","), ("\t", "."), (",", ",")]),
    st.permutations(range(8)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_form_of_a_spreadsheet_is_read_by_its_column_names(
    rows: list[RevenueRow], signs: tuple[str, str], order: list[int], encoding: str
) -> None:
    assert parse_rows(write_spreadsheet(rows, *signs, order=order, encoding=encoding)) == tuple(rows)


@given(ROWS, st.lists(st.sampled_from(["ada", "=cmd", "me"]), min_size=20, max_size=20))
def test_an_export_is_read_back_with_its_owners(rows: list[RevenueRow], owners: list[str]) -> None:
    written = "".join(serialize_export(zip(owners, rows, strict=False)))
    report = read_report(written.encode())
    assert report.rows == tuple(rows)
    assert report.owners == tuple(owners[: len(rows)])


@given(st.binary(max_size=200) | any_text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for body in (data, b"period;id;clicks;revenue\n" + data):
        is_revenue_report(body)
        with contextlib.suppress(NotRevenueReportError):
            read_report(body)


def test_an_export_has_no_formulas() -> None:
    (_, line_) = serialize_export([("ada", make_row("2013-05", 7, 1, title="=HYPERLINK(1)"))])
    assert '"\'=HYPERLINK(1)"' in line_


def test_numbers_and_months_are_read_in_the_forms_of_r_and_spreadsheets() -> None:
    head = "revenue\tperiod\tid\tclicks\tclicks total\n"
    rows = parse_rows(
        head
        + "1,234.50\tMay-13\t1e+05\t1,000\t1e+05\n.5\tMai 2013\t2\t8\t\n"
        + "-0.2\t2013/6\t3\t1\tNA\n€ 3\t01.07.2013\t4\t0\t0"
    )
    assert [(one.month, one.thing, one.cents, one.clicks, one.clicks_total) for one in rows] == [
        ("2013-05", 100_000, 123_450, 1000, 100_000),
        ("2013-05", 2, 50, 8, 0),
        ("2013-06", 3, -20, 1, 0),
        ("2013-07", 4, 300, 0, 0),
    ]


def test_a_column_of_row_numbers_may_have_any_name_or_none() -> None:
    body = "2013-05;7;u;http://example.org/;T;8;0,5;9\n"
    plain = "period;id;flattr.url;url;title;clicks;revenue;clicks.total\n"
    expected = parse_rows(plain + body)
    assert len(expected) == 1
    assert (
        parse_rows(f"X;{plain}1;{body}")
        == parse_rows(f'"";{plain}"1";{body}')
        == parse_rows(f'{plain}"1";{body}')
        == expected
    )


def test_a_quotation_mark_in_a_title_loses_no_row() -> None:
    head = "period;id;flattr url;url;title;clicks;revenue;clicks total\n"
    rows = parse_rows(head + '2013-05;1;"u";"v";"A 12" disk";8;0,95;9\n2013-05;2;"u";"v";"12"";8;0,05;9\n')
    assert [(one.title, one.cents) for one in rows] == [('A 12" disk', 95), ('12"', 5)]
    rows = parse_rows('period;id;title;clicks;revenue\n2013-05;1;"open;8;0,95\n2013-05;2;B;8;0,05\n')
    assert [(one.thing, one.title) for one in rows] == [(1, "open"), (2, "B")]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("period;id;clicks;revenue\n2013-05;1;8;1.234\n", ("1234", "1.234")),
        ("period;id;clicks;revenue\n05/06/2013;1;8;1\n", ("2013-05", "2013-06")),
        ("period,id,title,clicks,revenue\n2013-05,1,A,8,0,95\n", ("0.95", "95.00")),
        ("period,id,title,clicks,revenue\n2013-05,1,A,5,8,9\n", ("'A,5' with 8 clicks, 9.00 EUR", "8.90 EUR")),
    ],
)
def test_an_ambiguous_file_is_refused_with_both_readings(text: str, readings: tuple[str, str]) -> None:
    with pytest.raises(NotRevenueReportError, match="can be read in two ways") as refused:
        read_report(text.encode())
    assert all(reading in str(refused.value) for reading in readings)


def test_other_rows_decide_an_ambiguous_value() -> None:
    head = "period;id;clicks;revenue\n"
    assert [one.cents for one in parse_rows(head + "2013-05;1;8;1.234\n2013-05;2;8;0,95\n")] == [123_400, 95]
    assert [one.month for one in parse_rows(head + "01/05/2013;1;8;1\n01/06/2013;2;8;1\n")] == ["2013-05", "2013-06"]


def test_an_invalid_row_is_left_out_alone() -> None:
    report = read_report(
        b"period;id;clicks;revenue\n2013-05;1;8;0,95\n2013-13;2;8;0,95\n2013-05;x;8;0,95\n2013-05;4;8;0,955\n"
        b"2013-05;5\n;;;\n2013-05;6;8;lots\n2013-05;7;8;1,00\n"
    )
    assert [one.thing for one in report.rows] == [1, 7]
    assert [problem.line for problem in report.problems] == [3, 4, 5, 6, 8]


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_joined_reports_are_read_without_a_problem_at_each_header(start: str) -> None:
    months = ("2013-05", "2013-06", "2013-07")
    report = read_report(b"".join(start.encode() + write_original([make_row(month, 101, 95)]) for month in months))
    assert [row.month for row in report.rows] == list(months)
    assert not report.problems


def test_euros_months_and_names_are_formatted() -> None:
    assert [format_cents(cents) for cents in (0, 5, 123_456, -70)] == ["0.00", "0.05", "1234.56", "-0.70"]
    assert end_of_month("2013-12") == 1_388_534_400
    assert read_owner(" @ada ") == "ada"
    with pytest.raises(ValueError, match="not a user name"):
        read_owner("https://flattr.com/profile/ada")
