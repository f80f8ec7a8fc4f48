"""Tests that `flattr-tui cache prune --history` clears opened pages and searches, but no bookmarks or responses."""

from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks, Mark, MarkKind
from flattr_tui.paths import Paths, make_folder
from tests.cli.conftest import Flattr
from tests.store.sample_responses import open_stores


@pytest.fixture
def history() -> Path:
    """The bookmarks file, with one bookmark, two opened pages and one search."""
    paths = Paths.standard()
    make_folder(paths.data)
    kept = Bookmarks.open(paths.bookmarks, notice=pytest.fail)
    marks = [Mark(kind=MarkKind.USER, source="sandbox", key=key) for key in ("ada", "melodia")]
    for mark in marks:
        kept.record_opened(mark)
    kept.record_query("maps")
    kept.toggle(marks[0])
    kept.save()
    return paths.bookmarks


def count_entries(path: Path) -> tuple[int, int, int]:
    """Return the numbers of bookmarks, opened pages and searches."""
    found = Bookmarks.open(path, notice=pytest.fail)
    return len(found.marks), len(found.opened), len(found.queries)


def test_only_the_history_is_cleared(flattr: Flattr, data: Path, history: Path) -> None:
    ended = flattr("cache", "prune", "--history", "--yes")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "History: 2 pages opened, 1 query searched for",
        "The history of opened pages and searches is cleared.",
    ]
    assert count_entries(history) == (1, 0, 0)
    with open_stores(data) as (responses, _):
        assert sum(size.responses for size in responses.account_sizes()) == 5
    assert flattr("cache", "prune", "--history", "--yes").out.startswith("Nothing matches")


def test_the_history_stays_unless_it_is_named(flattr: Flattr, data: Path, history: Path) -> None:
    flattr("cache", "prune", "--source", "sandbox", "--yes")
    assert count_entries(history) == (1, 2, 1)
    out = flattr("cache", "prune", "--older-than", "0", "--history", "--yes").out.splitlines()
    assert out[-2:] == ["1 response removed.", "The history of opened pages and searches is cleared."]
    assert count_entries(history) == (1, 0, 0)


def test_a_history_that_cannot_be_written_is_an_error(
    flattr: Flattr, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("flattr_tui.library.bookmarks.file_lock", refuse)
    ended = flattr("cache", "prune", "--history", "--yes")
    assert ended.code == 1
    assert "Read-only file system" in ended.line
    assert "forgotten" not in ended.out
