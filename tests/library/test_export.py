"""Tests of exports: lists are fetched completely, other programs read the same values, and no cell is a formula."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flattr_tui.cli.commands.export import fetch_all, find_saved
from flattr_tui.library.import_export.exporter import (
    ENTITY_OF,
    ExportFormat,
    UnknownColumnError,
    columns_of,
    escape_formula,
    escape_markdown,
    format_cell,
    format_iso,
    format_items,
    to_api_object,
    write_file,
)
from flattr_tui.library.import_export.flattened_rows import unflatten
from flattr_tui.model.api_request import ResponseKind, user_flattrs_request
from flattr_tui.model.entities import (
    MAX_TIMESTAMP,
    Activity,
    Choice,
    Entity,
    Flattr,
    RateLimit,
    Subscription,
    Thing,
    User,
)
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.model.text_sanitizer import single_line, strip_controls
from flattr_tui.sandbox.world import World
from tests.any_text import any_text
from tests.library.library_fixtures import keys_on_server, make_library, row_keys, run_library

texts = any_text(max_size=30).map(single_line)
named = texts.filter(bool)
counts = st.none() | st.integers(0, 2**63 - 1)
times = st.none() | st.integers(0, MAX_TIMESTAMP)
maybe = st.none() | texts
truths = st.none() | st.booleans()
prose = st.none() | any_text(max_size=30).map(lambda text: strip_controls(text).strip())
users = st.builds(User, username=named, firstname=maybe, about=prose, registered_at=times, active_supporter=truths)
tags = st.none() | st.lists(named.filter(lambda tag: "," not in tag), max_size=3, unique=True).map(tuple)
things = st.builds(
    Thing,
    id=st.integers(0, 2**63 - 1),
    title=texts,
    url=maybe,
    owner=st.none() | users,
    description=prose,
    tags=tags,
    created_at=times,
    hidden=truths,
)
flattrs = st.builds(Flattr, thing=things, owner=st.none() | users, created_at=times)
subscriptions = st.builds(Subscription, thing=things, active=truths, created_at=times, started_at=times)
activities = st.builds(
    Activity,
    id=named,
    published=st.integers(0, 4_000_000_000),
    title=texts,
    verb=texts,
    actor_name=maybe,
    object_url=maybe,
)
lists: dict[ResponseKind, st.SearchStrategy[Any]] = {
    ResponseKind.THINGS: things,
    ResponseKind.FLATTRS: flattrs,
    ResponseKind.SUBSCRIPTIONS: subscriptions,
    ResponseKind.ACTIVITIES: activities,
    ResponseKind.CHOICES: st.builds(Choice, named, named),
}
ADA = User(username="ada", firstname="=1+1", registered_at=1400000000)
THING = Thing(id=7, title="A | b", tags=("x", "y"), hidden=False, owner=ADA, created_at=0, flattrs=12)
FLATTR = Flattr(thing=THING, owner=User(username="bob"), created_at=1388534400)


def format_text(items: Any, form: ExportFormat, **options: Any) -> str:
    return "".join(format_items(items, form, **options))


# -- JSON


@given(st.data(), st.sampled_from(list(lists)))
def test_json_is_read_back_as_the_same_entities(data: st.DataObject, answer: ResponseKind) -> None:
    items = tuple(data.draw(st.lists(lists[answer], max_size=4)))
    assert decode_page(answer, format_text(items, ExportFormat.JSON, kind=answer).encode()).entities == items
    for item, one in zip(items, format_text(items, ExportFormat.JSONL).splitlines(), strict=True):
        assert decode_page(answer, f"[{one}]".encode()).entities == (item,)


@given(users, things)
def test_single_objects_are_read_back_too(user: User, thing: Thing) -> None:
    assert decode_page(
        ResponseKind.USER, format_text([user], ExportFormat.JSON, kind=ResponseKind.USER).encode()
    ).entities == (user,)
    assert decode_page(
        ResponseKind.THING, format_text([thing], ExportFormat.JSON, kind=ResponseKind.THING).encode()
    ).entities == (thing,)
    rate = RateLimit(limit=1000, remaining=7, reset=1400000000)
    body = format_text([rate], ExportFormat.JSON, kind=ResponseKind.RATE_LIMIT)
    assert decode_page(ResponseKind.RATE_LIMIT, body.encode()).entities == (rate,)


@given(st.data(), st.sampled_from([ResponseKind.USER, *(kind for kind in lists if kind is not ResponseKind.CHOICES)]))
def test_csv_is_imported_as_the_same_rows(data: st.DataObject, kind: ResponseKind) -> None:
    items = data.draw(st.lists(users if kind is ResponseKind.USER else lists[kind], min_size=1, max_size=4))
    table = format_text(items, ExportFormat.CSV, kind=kind)
    rows = json.loads(unflatten(table.encode()))
    found = [one for row in rows for one in decode_page(kind, json.dumps(row).encode()).entities]
    assert format_text(found, ExportFormat.CSV, kind=kind) == table


def test_json_is_the_documented_object() -> None:
    assert to_api_object(FLATTR) == {
        "type": "flattr",
        "thing": {
            "type": "thing",
            "id": 7,
            "title": "A | b",
            "flattrs": 12,
            "owner": {"type": "user", "username": "ada", "firstname": "=1+1", "registered_at": 1400000000},
            "tags": ["x", "y"],
            "created_at": 0,
            "hidden": False,
        },
        "owner": {"type": "user", "username": "bob"},
        "created_at": 1388534400,
    }
    activity = Activity(id="tag:x", published=1388534400, title="T", verb="like", actor_name="ada", object_url="u")
    assert to_api_object(activity) == {
        "id": "tag:x",
        "published": "2014-01-01T00:00:00Z",
        "title": "T",
        "verb": "like",
        "actor": {"displayName": "ada", "objectType": "person"},
        "object": {"url": "u", "objectType": "bookmark"},
    }


# -- CSV


@given(any_text(max_size=20))
@example(" =1+1")
@example("\t=1")
@example("-2+3+cmd|' /C calc'!A0")
@example("＝1")
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = escape_formula(text)
    assert cell in {text, f"'{text}"}
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("number", ["-5", "+46", "-0.25", "7", "1e5", ""])
def test_numbers_stay_numbers(number: str) -> None:
    assert escape_formula(number) == number


@given(st.lists(flattrs, max_size=4))
def test_csv_is_read_back_cell_by_cell(items: list[Flattr]) -> None:
    rows = list(csv.reader(io.StringIO(format_text(items, ExportFormat.CSV, kind=ResponseKind.FLATTRS), newline="")))
    assert tuple(rows[0]) == columns_of(Flattr)
    assert rows[1:] == [[escape_formula(format_cell(item, column)) for column in rows[0]] for item in items]


def test_csv_columns_and_cells() -> None:
    columns = ["created_at", "thing.title", "thing.tags", "thing.hidden", "thing.owner.firstname", "owner.username"]
    assert format_text([FLATTR], ExportFormat.CSV, columns=columns) == (
        "created_at,thing.title,thing.tags,thing.hidden,thing.owner.firstname,owner.username\r\n"
        '2014-01-01T00:00:00Z,A | b,"x, y",false,\'=1+1,bob\r\n'
    )
    assert columns_of(Flattr)[:3] == ("thing.id", "thing.title", "thing.url")
    assert {"thing.owner.username", "owner.username", "created_at"} <= set(columns_of(Flattr))
    for kind in ENTITY_OF.values():
        assert columns_of(kind)
    with pytest.raises(UnknownColumnError, match=r"'nothing'; there are: thing\.id"):
        format_items([FLATTR], ExportFormat.CSV, kind=ResponseKind.FLATTRS, columns=["nothing"])


def test_rows_of_several_kinds_share_a_table() -> None:
    [head, user, thing] = csv.reader(io.StringIO(format_text([ADA, THING], ExportFormat.CSV), newline=""))
    assert dict(zip(head, user, strict=True))["username"] == "ada"
    assert dict(zip(head, thing, strict=True))["owner.username"] == "ada"


def test_rows_are_written_before_all_are_read() -> None:
    def yield_endlessly() -> Iterator[Entity]:
        while True:
            yield FLATTR

    for form in (ExportFormat.CSV, ExportFormat.JSON, ExportFormat.JSONL):
        pieces = format_items(yield_endlessly(), form, kind=ResponseKind.FLATTRS)
        assert len([next(pieces) for _ in range(10)]) == 10


def test_times_outside_the_calendar_stay_numbers() -> None:
    assert format_iso(0) == "1970-01-01T00:00:00Z"
    assert format_iso(2**63 - 1) == str(2**63 - 1)


# -- Markdown


def split_row(row: str) -> list[str]:
    """Split a row as GitHub does: at each pipe without a backslash before it."""
    return [part.strip() for part in re.split(r"(?<!\\)\|", row.removesuffix("\n"))[1:-1]]


def unescape_markdown(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@given(any_text(max_size=30))
@example("[x](javascript:alert(1)) <b> `|` \\| **a** &amp;")
@example("a\nb\r\n| c |")
def test_escaped_text_is_shown_unchanged(text: str) -> None:
    escaped = escape_markdown(text)
    assert "\n" not in escaped
    assert "\r" not in escaped
    if not escaped.startswith("<"):
        assert unescape_markdown(escaped) == " ".join(text.split())
        assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]<>|~&#]", escaped)


@given(st.text("abc/|\\<>`é[]()", max_size=12))
def test_text_cannot_break_out_of_a_link(rest: str) -> None:
    escaped = escape_markdown(f"https://example.org/{rest}")
    assert re.fullmatch(r"<https://example\.org/[^<>|\\`\s]*>", escaped)


@given(st.lists(things, min_size=1, max_size=4))
def test_every_row_has_the_same_number_of_cells(items: list[Thing]) -> None:
    rows = format_text(items, ExportFormat.MARKDOWN, kind=ResponseKind.THINGS).splitlines()
    assert len(rows) == len(items) + 2
    assert {len(split_row(row)) for row in rows} == {len(split_row(rows[0]))}


def test_markdown_leaves_empty_columns_out() -> None:
    assert format_text([FLATTR], ExportFormat.MARKDOWN, columns=["thing.title", "owner.username"]) == (
        "| thing.title | owner.username |\n| --- | --- |\n| A \\| b | bob |\n"
    )
    assert format_text([Choice("text", "Text")], ExportFormat.MARKDOWN).splitlines()[0] == "| id | text |"
    assert "image" not in format_text([THING], ExportFormat.MARKDOWN)
    assert format_text([], ExportFormat.MARKDOWN) == ""


# -- files


def test_a_file_is_replaced_only_when_everything_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "x.json", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)

    def yield_and_fail() -> Iterator[str]:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(target, yield_and_fail())
    assert target.read_text() == "old"
    assert write_file(link, ["ä", "b"]) == 2
    assert link.is_symlink()
    assert target.read_bytes() == "äb".encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "x.json"]


def test_lines_are_json() -> None:
    assert [json.loads(one)["id"] for one in format_text([THING, THING], ExportFormat.JSONL).splitlines()] == [7, 7]


async def test_an_export_fails_if_the_worker_crashes(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    library.report_crash(RuntimeError("a mistake of ours"))
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        await asyncio.wait_for(fetch_all(library, user_flattrs_request("ada")), 5)
    await library.aclose()


async def test_all_of_a_list_is_fetched_for_an_export(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    await fetch_all(library, user_flattrs_request("ada"))
    assert row_keys(library, user_flattrs_request("ada")) == keys_on_server(shared_world, "ada")
    await library.aclose()


async def test_a_part_of_a_list_is_known_to_be_a_part(tmp_path: Path, shared_world: World) -> None:
    request = user_flattrs_request("ada")
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        await library.make_paginator(request).fetch_head()
        found = find_saved(library, request)
        assert found is not None
        number, is_incomplete, items = found
        assert [item.key for item in items() if isinstance(item, Flattr)] == keys_on_server(shared_world, "ada", number)
        assert is_incomplete
        await library.make_paginator(request).fetch_missing(lambda: None)
        found = find_saved(library, request)
        assert found is not None
        assert found[:2] == (len(keys_on_server(shared_world, "ada")), False)
