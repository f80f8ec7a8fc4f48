"""Stores that break, and an end that comes at any time."""

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.events import Notice
from flattr_tui.model.api_request import Request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.world import World
from flattr_tui.store.errors import StoreError
from tests.library.library_fixtures import ADA, COLLECTOR, keys_on_server, make_library, running, settle, shown


async def test_a_catalogue_that_is_gone_is_made_anew_before_anything_is_asked(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        library.observe(COLLECTOR, stop=500)
        await settle(library)
        rows = shown(library, COLLECTOR)
    for path in tmp_path.glob("catalogue.sqlite*"):
        path.unlink()
    faults = Faults()
    again = make_library(tmp_path, people, faults=faults)
    again.observe(COLLECTOR, stop=500)
    async with running(again):
        await settle(again)
        assert shown(again, COLLECTOR) == rows
        assert faults.seen == []


@pytest.mark.parametrize("garbage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
async def test_a_damaged_catalogue_is_made_anew_and_said_once(tmp_path: Path, people: World, garbage: bytes) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        library.observe(ADA, stop=500)
        await settle(library)
        rows = shown(library, ADA)
    for path in tmp_path.glob("catalogue.sqlite-*"):
        path.unlink()
    (tmp_path / "catalogue.sqlite").write_bytes(garbage)
    notices: list[str] = []
    again = make_library(tmp_path, None, offline=True, notices=notices)
    async with running(again):
        assert shown(again, ADA) == rows
    assert len(notices) == 1


async def test_a_store_that_is_damaged_does_not_stop_browsing(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        library.observe(ADA)
        await settle(library)
        (tmp_path / "responses" / "cache.db").write_bytes(b"x" * 10_000)
        library.observe(COLLECTOR)
        await settle(library)
        assert shown(library, COLLECTOR)[:100] == keys_on_server(people, "collector", 100)
        assert shown(library, ADA)


async def test_what_cannot_be_kept_is_shown_all_the_same_and_that_is_said_once(
    tmp_path: Path, people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, people)

    def full(_: Any) -> Any:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(library.responses, "put", full)
    async with running(library) as events:
        library.observe(ADA)
        library.observe(Request.of("user", username="ada"))
        await settle(library)
        assert shown(library, ADA)[:100] == keys_on_server(people, "ada", 100)
        assert library.record(Request.of("user", username="ada")).entity is not None
        (notice,) = [event for event in events if isinstance(event, Notice)]
        assert notice.text == "The disk is full. What comes now is shown, but not kept for later."


async def test_closing_takes_no_time_whatever_is_under_way(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people, faults=Faults([Fault.slow(60, times=FOREVER)]))
    async with running(library):
        for name in people.usernames()[:10]:
            library.observe(user_flattrs_request(name), stop=500)
        while library.status.active < 4:
            await asyncio.sleep(0)
        began = perf_counter()
        await library.aclose()
        assert perf_counter() - began < 0.3


async def test_closing_again_or_without_having_run_is_no_harm(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    library.observe(ADA)
    await library.aclose()
    await library.aclose()


async def test_two_libraries_share_one_store(tmp_path: Path, people: World) -> None:
    one, other = make_library(tmp_path, people), make_library(tmp_path, people)
    async with running(one), running(other):
        one.observe(ADA, stop=500)
        other.observe(COLLECTOR, stop=500)
        await settle(one)
        await settle(other)
        assert shown(one, COLLECTOR) == shown(other, COLLECTOR)
        assert shown(one, ADA) == shown(other, ADA)
        assert "?" not in shown(one, COLLECTOR)[:500]
