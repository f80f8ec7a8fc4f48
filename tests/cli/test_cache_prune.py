"""`flattr-tui cache prune`: nothing goes but what was named."""

import io
import json
import re
import shutil
from pathlib import Path

import pytest

from flattr_tui.cli.progress_line import ProgressLine
from flattr_tui.store.atomic_files import set_aside
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.types import Scope
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import ALL, DAY, NOW, made_anew, pages, saved, shown
from tests.store.sample_responses import ADA, body, open_stores, response
from tests.store.sample_responses import flattr as sent


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (("--source", "sandbox"), [ALL[0]]),
        (("--source", "https://other.example/rest/v2/"), ALL[1:]),
        (("--account", "ada"), ALL[:2]),
        (("--account", ""), ALL[2:]),
        (("--source", "sandbox", "--account", "ada"), ALL[:2]),
        (("--source", "sandbox", "--account", "bo"), ALL),
        (("--source", "nowhere"), ALL),
        (("--older-than", "45"), [ALL[0], ("sandbox", "", 1)]),
        (("--older-than", "45", "--account", ""), [ALL[0], ("sandbox", "", 1), ALL[2]]),
        (("--older-than", "100"), ALL),
        (("--older-than", "0"), []),
        (("--quarantined",), ALL),
    ],
)
def test_what_is_named_goes_and_nothing_else(
    flattr: Flattr, data: Path, asked: tuple[str, ...], left: list[tuple[str, str, int]]
) -> None:
    ended = flattr("cache", "prune", *asked, "--yes")
    assert (ended.code, ended.said) == (0, "")
    assert saved(data) == left
    gone = 5 - sum(number for _, _, number in left)
    assert (f"\n{gone} response" in ended.out) is bool(gone)
    assert ("nothing was removed" in ended.out) is (gone == 0)
    assert flattr("cache", "verify").code == 0, "nothing is left over"
    assert shown(data) == made_anew(data)


def test_what_was_confirmed_lately_is_not_old(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, catalogue):
        second = pages()[1].response_key
        responses.touch(second, NOW - DAY)
        catalogue.confirm(second, NOW - DAY)
    flattr("cache", "prune", "--older-than", "45", "--yes")
    assert ("sandbox", "", 2) in saved(data)
    with open_stores(data) as (responses, _):
        assert [one.sequence for one in responses.iter_responses()] == [2, 3, 5]
        newest = responses.latest(second)
        assert newest is not None
        assert newest.checked_at == NOW - DAY


def test_pruned_pages_give_way_to_the_versions_that_are_left(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, _):
        imported = response(body([sent(61)]), at=NOW - 20 * DAY)
        responses.import_response(imported)
    flattr("cache", "prune", "--older-than", "10", "--yes")
    with open_stores(data) as (responses, _):
        newest = responses.latest(imported.response_key)
        assert newest is not None
        assert newest.sequence == 3
        assert responses.put(pages()[2]).is_new is False, "and it is known as the newest one"


def test_no_condition_is_refused_and_so_is_not_asking(flattr: Flattr, data: Path) -> None:
    ended = flattr("cache", "prune", "--yes")
    assert (ended.code, "Say what to delete" in ended.line) == (2, True)
    ended = flattr("cache", "prune", "--source", "sandbox")
    assert (ended.code, "give --yes" in ended.line) == (2, True)
    assert flattr("cache", "prune", "--older-than", "-1", "--yes").code == 2
    assert saved(data) == ALL


class Keyboard(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "left"), [("y\n", ALL[:2]), ("n\n", ALL), ("\n", ALL), ("", ALL)])
def test_it_shows_what_would_go_and_asks(
    flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch, typed: str, left: list[tuple[str, str, int]]
) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ended = flattr("cache", "prune", "--account", "ada")
    assert re.search(r"^sandbox +ada +1 +\S+ (bytes|KB)$", ended.out, re.MULTILINE)
    assert "Delete this for good? [y/N]" in ended.said
    assert ended.code == (0 if typed else 130)
    assert ("Nothing was removed." in ended.out) is (bool(typed) and left == ALL)
    assert saved(data) == left


def test_pruning_while_another_program_has_it_open(flattr: Flattr, data: Path) -> None:
    with open_stores(data) as (responses, catalogue):
        assert catalogue.list_stats(Scope("sandbox"), ADA).saved == 56
        assert flattr("cache", "prune", "--source", "sandbox", "--yes").code == 0
        assert catalogue.list_stats(Scope("sandbox"), ADA).saved == 0
        assert responses.latest(pages()[0].response_key) is None
        kept = responses.put(pages()[0])
        assert kept.is_new
        assert kept.stored.sequence == 6, "no number is given twice"
        assert catalogue.ingest(kept.stored).new == 30
    assert flattr("cache", "verify").code == 0


@pytest.mark.parametrize("asked", [("--older-than", "45"), ("--source", "sandbox")])
def test_pruning_stopped_anywhere_leaves_a_catalogue_of_what_is_left(
    flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    removing = ResponseStore.delete_account
    with monkeypatch.context() as patch:
        patch.setattr(ProgressLine, "__call__", lambda _, what, *__: stop() if what == "removing" else None)
        patch.setattr(ResponseStore, "delete_account", lambda self, *of: stop() if of[1] else removing(self, *of))
        assert flattr("cache", "prune", *asked, "--yes").code == 130
    assert 0 < len(saved(data)) < 4
    assert saved(data) != ALL
    with open_stores(data) as (_, catalogue):
        catalogue.catch_up()
    assert flattr("cache", "verify").code == 0
    assert shown(data) == made_anew(data)


def test_what_was_set_aside_is_listed_and_goes_when_named(flattr: Flattr, data: Path) -> None:
    shutil.copytree(data / "responses", data / "other")
    (data / "bookmarks.json").write_text("broken")
    kept = [set_aside(data / "other"), set_aside(data / "bookmarks.json")]
    ended = flattr("cache", "verify")
    assert ended.code == 0
    assert [line.split(" ")[2] for line in ended.out.splitlines()[1:]] == sorted(map(str, kept))
    assert json.loads(flattr("cache", "info", "--json").out)["bytes"]["set_aside"] > 40_000
    flattr("cache", "prune", "--source", "sandbox", "--yes")
    assert all(path.exists() for path in kept), "not asked for"
    assert flattr("cache", "prune", "--quarantined", "--yes").out.endswith("Deleted what had been set aside.\n")
    assert not any(path.exists() for path in kept)
    assert saved(data) == ALL[:1]
