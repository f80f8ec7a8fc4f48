"""Tests of the library with missing, damaged or full stores, and of closing it at any time."""

import asyncio
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from flattr_tui.cli.commands.sync import summary_text
from flattr_tui.library.events import Notice
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.world import World
from flattr_tui.store.errors import StoreError, UnwritableError
from flattr_tui.store.stored_response import PutResult, StoredResponse
from tests.library.library_fixtures import ADA, COLLECTOR, keys_on_server, make_library, row_keys, run_library, settle


async def test_a_missing_catalogue_is_rebuilt_before_anything_is_requested(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(COLLECTOR, stop=500)
        await settle(library)
        rows = row_keys(library, COLLECTOR)
    for path in tmp_path.glob("catalogue.sqlite*"):
        path.unlink()
    faults = Faults()
    again = make_library(tmp_path, shared_world, faults=faults)
    again.observe(COLLECTOR, stop=500)
    async with run_library(again):
        await settle(again)
        assert row_keys(again, COLLECTOR) == rows
        assert faults.seen == []


@pytest.mark.parametrize("garbage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
async def test_a_damaged_catalogue_is_rebuilt_with_one_notice(
    tmp_path: Path, shared_world: World, garbage: bytes
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(ADA, stop=500)
        await settle(library)
        rows = row_keys(library, ADA)
    for path in tmp_path.glob("catalogue.sqlite-*"):
        path.unlink()
    (tmp_path / "catalogue.sqlite").write_bytes(garbage)
    notices: list[str] = []
    again = make_library(tmp_path, None, offline=True, notices=notices)
    async with run_library(again):
        assert row_keys(again, ADA) == rows
    assert len(notices) == 1


async def test_a_damaged_store_does_not_stop_browsing(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        (tmp_path / "responses" / "cache.db").write_bytes(b"x" * 10_000)
        library.observe(COLLECTOR)
        await settle(library)
        assert row_keys(library, COLLECTOR)[:100] == keys_on_server(shared_world, "collector", 100)
        assert row_keys(library, ADA)


async def test_a_response_that_cannot_be_stored_is_shown_with_one_notice(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, shared_world)

    def fail(_: Any) -> Any:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(library.responses, "put", fail)
    async with run_library(library) as events:
        library.observe(ADA)
        library.observe(ApiRequest.of("user", username="ada"))
        await settle(library)
        assert row_keys(library, ADA)[:100] == keys_on_server(shared_world, "ada", 100)
        assert library.record(ApiRequest.of("user", username="ada")).entity is not None
        (notice,) = [event for event in events if isinstance(event, Notice)]
        assert notice.text == "The disk is full. New pages are shown, but not saved."


async def test_a_sync_does_not_count_what_it_could_not_save(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, shared_world)
    put, calls = library.responses.put, count(1)

    def fill_disk(response: StoredResponse) -> PutResult:
        if next(calls) > 3:  # the profile and two pages were saved
            raise UnwritableError("The disk is full", "Free some space.", label="disk full")
        return put(response)

    monkeypatch.setattr(library.responses, "put", fill_disk)
    async with run_library(library):
        progress = await Syncer(library).run(Targets(users=("collector",), things=False, activities=False))
    assert (progress.items, progress.new, progress.unsaved, progress.gone) == (200, 200, 100, 0)
    assert summary_text(progress) == "200 items saved: 200 new, 100 fetched but not saved; 4 responses from the server."


async def test_closing_is_quick_while_requests_are_in_flight(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world, faults=Faults([Fault.slow(60, times=FOREVER)]))
    async with run_library(library):
        for name in shared_world.usernames()[:10]:
            library.observe(user_flattrs_request(name), stop=500)
        while library.status.active < 4:
            await asyncio.sleep(0)
        began = perf_counter()
        await library.aclose()
        assert perf_counter() - began < 0.3


async def test_closing_twice_or_before_running_is_harmless(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    library.observe(ADA)
    await library.aclose()
    await library.aclose()


async def test_two_libraries_share_one_store(tmp_path: Path, shared_world: World) -> None:
    one, other = make_library(tmp_path, shared_world), make_library(tmp_path, shared_world)
    async with run_library(one), run_library(other):
        one.observe(ADA, stop=500)
        other.observe(COLLECTOR, stop=500)
        await settle(one)
        await settle(other)
        assert row_keys(one, COLLECTOR) == row_keys(other, COLLECTOR)
        assert row_keys(one, ADA) == row_keys(other, ADA)
        assert "?" not in row_keys(one, COLLECTOR)[:500]


def open_files_below(folder: Path) -> list[str]:
    """Return the files below a folder that this process has open, also deleted ones; none without /proc."""
    found = []
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(FileNotFoundError):
            found.append(str(descriptor.readlink()))
    return [path for path in found if path.startswith(f"{folder}/")]


async def test_a_data_folder_that_cannot_be_entered_meanwhile_is_reported(tmp_path: Path, shared_world: World) -> None:
    folder, notices = tmp_path / "data", list[str]()
    library = make_library(folder, shared_world, notices=notices)
    async with run_library(library):
        folder.rename(tmp_path / "moved")
        folder.symlink_to(folder)  # a loop
        library.observe(ADA)
        await settle(library)
        assert row_keys(library, ADA)[:20] == keys_on_server(shared_world, "ada", 20)
        assert library.responses.unwritable is not None
        folder.unlink()
        (tmp_path / "moved").rename(folder)


async def test_a_data_folder_that_is_deleted_meanwhile_is_made_again(tmp_path: Path, shared_world: World) -> None:
    folder, notices = tmp_path / "data", list[str]()
    library = make_library(folder, shared_world, notices=notices)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        shutil.rmtree(folder)
        library.observe(COLLECTOR)
        await settle(library)
        assert row_keys(library, COLLECTOR)[:100] == keys_on_server(shared_world, "collector", 100)
        assert notices == [f"The store {folder / 'responses'} was deleted while it was in use. A new one was begun."]
        assert library.responses.unwritable is None
    assert open_files_below(folder) == [], "a connection to the deleted store is still open, and takes its room"
    again = make_library(folder, shared_world, offline=True, notices=notices)
    async with run_library(again):
        assert row_keys(again, COLLECTOR)[:100] == keys_on_server(shared_world, "collector", 100)
        assert row_keys(again, ADA) == []
    assert len(notices) == 1
