"""Tests that `flattr-tui cache prune` removes only the responses that its options name."""

import io
import json
import re
import shutil
from pathlib import Path

import pytest

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.shared_files import set_aside
from flattr_tui.store.store_maintenance import PruneRequest, select_responses
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import ALL_COUNTS, DAY, NOW, count_responses, pages, read_lists, rebuild_lists
from tests.store.sample_responses import ADA, body, open_stores, response
from tests.store.sample_responses import flattr as make_flattr


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--source", "sandbox"), [ALL_COUNTS[0]]),
        (("--source", "https://other.example/rest/v2/"), ALL_COUNTS[1:]),
        (("--account", "ada"), ALL_COUNTS[:2]),
        (("--account", ""), ALL_COUNTS[2:]),
        (("--source", "sandbox", "--account", "ada"), ALL_COUNTS[:2]),
        (("--source", "sandbox", "--account", "bo"), ALL_COUNTS),
        (("--source", "nowhere"), ALL_COUNTS),
        (("--older-than", "45"), [ALL_COUNTS[0], ("sandbox", "", 1)]),
        (("--older-than", "45", "--account", ""), [ALL_COUNTS[0], ("sandbox", "", 1), ALL_COUNTS[2]]),
        (("--older-than", "100"), ALL_COUNTS),
        (("--older-than", "0"), []),
        (("--set-aside",), ALL_COUNTS),
    ],
)
def test_only_the_named_responses_are_removed(
    flattr: Flattr, data: Path, options: tuple[str, ...], left: list[tuple[str, str, int]]
) -> None:
    ended = flattr("cache", "prune", *options, "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert count_responses(data) == left
    gone = 5 - sum(number for _, _, number in left)
    assert (f"\n{gone} response" in ended.out) is bool(gone)
    assert ("nothing was removed" in ended.out) is (gone == 0)
    assert flattr("cache", "verify").code == 0, "a file or a row is left over"
    assert read_lists(data) == rebuild_lists(data)


def test_sizes_are_those_on_disk_with_and_without_a_date(data: Path) -> None:
    with open_stores(data) as (responses, _):
        everything = select_responses(responses, PruneRequest(), lambda *_: None)
        older = select_responses(responses, PruneRequest(before=NOW), lambda *_: None)
        assert older.sizes == everything.sizes
        assert sum(size.bytes for size in older.sizes) < sum(len(page.body) for page in pages()) / 2, "not compressed"


def test_a_recently_confirmed_page_is_not_old(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, catalogue):
        second = pages()[1].response_key
        responses.touch(second, NOW - DAY)
        catalogue.ingestor.confirm(second, NOW - DAY)
    flattr("cache", "prune", "--older-than", "45", "--yes")
    assert ("sandbox", "", 2) in count_responses(data)
    with open_stores(data) as (responses, _):
        assert [one.sequence for one in responses.iter_responses()] == [2, 3, 5]
        newest = responses.latest(second)
        assert newest is not None
        assert newest.checked_at == NOW - DAY


def test_pruned_pages_give_way_to_the_versions_that_are_left(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, _):
        imported = response(body([make_flattr(61)]), at=NOW - 20 * DAY)
        responses.import_response(imported)
    flattr("cache", "prune", "--older-than", "10", "--yes")
    with open_stores(data) as (responses, _):
        newest = responses.latest(imported.response_key)
        assert newest is not None
        assert newest.sequence == 3
        assert responses.put(pages()[2]).is_new is False, "the remaining version is not the newest one"


def test_prune_without_options_or_confirmation_is_refused(flattr: Flattr, data: Path) -> None:
    ended = flattr("cache", "prune", "--yes")
    assert (ended.code, "Say what to delete" in ended.line) == (2, True)
    ended = flattr("cache", "prune", "--source", "sandbox")
    assert (ended.code, "Use --yes" in ended.line) == (2, True)
    assert flattr("cache", "prune", "--older-than", "-1", "--yes").code == 2
    assert count_responses(data) == ALL_COUNTS


class Keyboard(io.StringIO):
    """A terminal's input, with the text that the user types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "left"), [("y\n", ALL_COUNTS[:2]), ("n\n", ALL_COUNTS), ("\n", ALL_COUNTS), ("", ALL_COUNTS)]
)
def test_prune_lists_the_responses_and_asks_for_confirmation(
    flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch, typed: str, left: list[tuple[str, str, int]]
) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ended = flattr("cache", "prune", "--account", "ada")
    assert re.search(r"^sandbox +ada +1 +\S+ (B|KB)$", ended.out, re.MULTILINE)
    assert "Delete this for good? [y/N]" in ended.err
    assert ended.code == (0 if typed else 130)
    assert ("Nothing was removed." in ended.out) is (bool(typed) and left == ALL_COUNTS)
    assert count_responses(data) == left


def test_pruning_while_another_program_has_the_store_open(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, catalogue):
        assert catalogue.list_stats(Scope("sandbox"), ADA).saved == 56
        assert flattr("cache", "prune", "--source", "sandbox", "--yes").code == 0
        assert catalogue.list_stats(Scope("sandbox"), ADA).saved == 0
        assert responses.latest(pages()[0].response_key) is None
        kept = responses.put(pages()[0])
        assert kept.is_new
        assert kept.stored.sequence == 6, "a number was given twice"
        assert catalogue.ingestor.ingest(kept.stored).new == 30
    assert flattr("cache", "verify").code == 0


@pytest.mark.parametrize("options", [("--older-than", "45"), ("--source", "sandbox")])
def test_interrupted_pruning_leaves_a_catalogue_of_the_remaining_responses(
    flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    delete_account = ResponseStore.delete_account
    with monkeypatch.context() as patch:
        patch.setattr(ProgressLine, "__call__", lambda _, what, *__: stop() if what == "removing" else None)
        patch.setattr(ResponseStore, "delete_account", lambda self, *of: stop() if of[1] else delete_account(self, *of))
        assert flattr("cache", "prune", *options, "--yes").code == 130
    assert 0 < len(count_responses(data)) < 4
    assert count_responses(data) != ALL_COUNTS
    with open_stores(data) as (_, catalogue):
        catalogue.ingestor.catch_up()
    assert flattr("cache", "verify").code == 0
    assert read_lists(data) == rebuild_lists(data)


def test_files_set_aside_are_listed_and_removed_when_named(flattr: Flattr, data: Path) -> None:
    shutil.copytree(data / "responses", data / "other")
    (data / "bookmarks.json").write_text("broken")
    kept = [set_aside(data / "other"), set_aside(data / "bookmarks.json")]
    ended = flattr("cache", "verify")
    assert ended.code == 0
    assert [line.split(" ")[2] for line in ended.out.splitlines()[1:]] == sorted(map(str, kept))
    assert json.loads(flattr("cache", "info", "--json").out)["bytes"]["set_aside"] > 40_000
    flattr("cache", "prune", "--source", "sandbox", "--yes")
    assert all(path.exists() for path in kept), "prune removed files that were not named"
    assert flattr("cache", "prune", "--set-aside", "--yes").out.endswith("Deleted what had been set aside.\n")
    assert not any(path.exists() for path in kept)
    assert count_responses(data) == ALL_COUNTS[:1]
