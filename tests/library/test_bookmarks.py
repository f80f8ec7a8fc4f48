"""Tests of bookmarks and history: two programs share their file, and a damaged file loses as little as possible."""

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.library import bookmarks as module
from flattr_tui.library.bookmarks import Bookmarks, Mark, MarkKind, mark_of
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Activity, Thing, User
from tests.any_text import any_text


def make_mark(name: str, at: float = 1.0) -> Mark:
    return Mark(kind=MarkKind.USER, source="sandbox", key=name, title=name.title(), at=at)


class Notices(list[str]):
    """A list of notices that is also the function that receives them."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "bookmarks.json"


def test_saved_bookmarks_and_history_are_read_again_newest_first(path: Path, notices: Notices) -> None:
    first = Bookmarks.open(path, notice=notices)
    for name in ("ada", "melodia"):
        assert first.toggle(make_mark(name))
        first.record_opened(make_mark(name))
        first.record_query(f"about {name}")
    first.save()
    assert not first.unsaved
    again = Bookmarks.open(path, notice=notices)
    assert [mark.key for mark in again.marks] == ["melodia", "ada"]
    assert [mark.key for mark in again.opened] == ["melodia", "ada"]
    assert list(again.queries) == ["about melodia", "about ada"]
    assert notices == []


def test_toggling_twice_leaves_no_bookmark(path: Path, notices: Notices) -> None:
    kept = Bookmarks.open(path, notice=notices)
    assert kept.toggle(make_mark("ada"))
    assert kept.is_marked(make_mark("ada", at=99.0))
    assert not kept.toggle(make_mark("ada", at=2.0))
    kept.save()
    assert not Bookmarks.open(path, notice=notices).marks


def test_the_file_is_its_owners_alone(path: Path, notices: Notices) -> None:
    kept = Bookmarks.open(path, notice=notices)
    kept.toggle(make_mark("ada"))
    kept.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {found.name for found in path.parent.iterdir()} == {"bookmarks.json", ".bookmarks.json.lock"}


def test_nothing_is_written_when_nothing_changed(path: Path, notices: Notices) -> None:
    Bookmarks.open(path, notice=notices).save()
    assert not path.exists()


def test_two_programs_keep_each_others_changes(path: Path, notices: Notices) -> None:
    one, other = Bookmarks.open(path, notice=notices), Bookmarks.open(path, notice=notices)
    one.toggle(make_mark("ada"))
    one.record_query("maps")
    other.toggle(make_mark("melodia"))
    other.record_query("otters")
    one.save()
    other.save()
    assert [mark.key for mark in other.marks] == ["melodia", "ada"]
    assert list(other.queries) == ["otters", "maps"]
    other.toggle(make_mark("ada"))
    other.save()
    one.save()
    assert [mark.key for mark in one.marks] == ["melodia"]


def test_many_threads_lose_nothing(path: Path, notices: Notices) -> None:
    programs = [Bookmarks.open(path, notice=notices) for _ in range(4)]

    def work(number: int) -> None:
        for at in range(10):
            programs[number].toggle(make_mark(f"{number}-{at}"))
            programs[number].save()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {mark.key for mark in Bookmarks.open(path, notice=notices).marks} == {
        f"{number}-{at}" for number in range(4) for at in range(10)
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x00\xff nonsense", "damaged"),
        (b'{"version": 1, "marks": [{"ki', "damaged"),
        (b"[]", "not one of bookmarks"),
        (b'{"version": 2, "marks": []}', "version 2"),
        (b"", "damaged"),
    ],
)
def test_an_unreadable_file_is_set_aside_with_a_notice(path: Path, notices: Notices, body: bytes, reason: str) -> None:
    path.parent.mkdir()
    path.write_bytes(body)
    kept = Bookmarks.open(path, notice=notices)
    assert len(notices) == 1
    assert reason in notices[0]
    aside = [found for found in path.parent.iterdir() if "set-aside" in found.name]
    assert [found.read_bytes() for found in aside] == [body]
    assert str(aside[0]) in notices[0]
    kept.toggle(make_mark("ada"))
    kept.save()
    assert [mark.key for mark in Bookmarks.open(path, notice=notices).marks] == ["ada"]


def test_a_file_that_is_damaged_meanwhile_loses_nothing_of_this_run(path: Path, notices: Notices) -> None:
    kept = Bookmarks.open(path, notice=notices)
    path.parent.mkdir()
    path.write_bytes(b"nonsense")
    kept.toggle(make_mark("ada"))
    kept.save()
    assert [mark.key for mark in kept.marks] == ["ada"]
    assert len(notices) == 1


def test_an_invalid_record_is_left_out_alone(path: Path, notices: Notices) -> None:
    good = {"kind": "user", "source": "sandbox", "key": "ada"}
    bad = [7, None, {}, {**good, "kind": "city"}, {**good, "key": 3}, {**good, "key": ""}]
    bad += [{"kind": "thing", "source": "sandbox", "key": key} for key in ("x", "-1", "9" * 30, "٣")]
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "marks": [*bad, good], "opened": {}, "queries": ["maps", 3], "more": 1}))
    kept = Bookmarks.open(path, notice=notices)
    assert [mark.key for mark in kept.marks] == ["ada"]
    assert list(kept.queries) == ["maps"]
    assert notices == []


def test_no_control_character_comes_out_of_the_file(path: Path, notices: Notices) -> None:
    mark = {"kind": "thing", "source": "sandbox", "key": "7", "title": "\x1b[31mred\u202e"}
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "marks": [mark], "queries": ["a\x1bb"]}))
    kept = Bookmarks.open(path, notice=notices)
    assert kept.marks[0].title == "[31mred"
    assert list(kept.queries) == ["ab"]


def test_a_failed_write_is_reported_once_and_saved_later(path: Path, notices: Notices) -> None:
    path.parent.write_text("a file where the folder should be")
    kept = Bookmarks.open(path, notice=notices)
    for name in ("ada", "melodia"):
        kept.toggle(make_mark(name))
        kept.save()
    assert len(notices) == 1
    assert [mark.key for mark in kept.marks] == ["melodia", "ada"]
    assert kept.unsaved
    path.parent.unlink()
    kept.save()
    assert [mark.key for mark in Bookmarks.open(path, notice=notices).marks] == ["melodia", "ada"]


def test_a_folder_in_the_place_of_the_file_is_reported(path: Path, notices: Notices) -> None:
    path.mkdir(parents=True)
    kept = Bookmarks.open(path, notice=notices)
    kept.toggle(make_mark("ada"))
    kept.save()
    assert len(notices) == 1
    assert kept.is_marked(make_mark("ada"))


def test_history_is_bounded_and_has_each_entry_once(path: Path, notices: Notices) -> None:
    kept = Bookmarks.open(path, notice=notices)
    for number in range(module.OPENED_LIMIT + 50):
        kept.record_opened(make_mark(f"u{number}"))
        kept.record_query(f"q{number}")
    kept.record_opened(make_mark("u249", at=5.0))
    kept.save()
    again = Bookmarks.open(path, notice=notices)
    assert len(again.opened) == module.OPENED_LIMIT
    assert again.opened[0] == make_mark("u249", at=5.0)
    assert len(again.queries) == module.QUERIES_LIMIT


def test_history_can_be_forgotten_and_bookmarks_stay(path: Path, notices: Notices) -> None:
    kept = Bookmarks.open(path, notice=notices)
    kept.toggle(make_mark("ada"))
    kept.record_opened(make_mark("ada"))
    kept.record_opened(make_mark("melodia"))
    kept.record_query("maps")
    kept.forget(make_mark("ada"))
    assert [mark.key for mark in kept.opened] == ["melodia"]
    kept.forget_all()
    kept.save()
    again = Bookmarks.open(path, notice=notices)
    assert ([mark.key for mark in again.marks], list(again.opened), list(again.queries)) == (["ada"], [], [])


def test_without_a_path_nothing_is_kept(notices: Notices) -> None:
    kept = Bookmarks(None, notice=notices)
    kept.toggle(make_mark("ada"))
    kept.save()
    assert kept.is_marked(make_mark("ada"))
    assert not kept.unsaved


def test_marks_are_made_of_users_things_and_searches() -> None:
    thing = mark_of(Thing(id=7, title="Otters"), "sandbox", 3.0)
    assert thing is not None
    assert thing.item == Thing(id=7, title="Otters")
    request = ApiRequest.of("search", query="maps", tags="a & b", full="1")
    search = mark_of(request, "sandbox", 3.0)
    assert search is not None
    assert (search.title, search.key, search.request) == ("maps", "query=maps tags=a & b", request)
    name = mark_of(User(username="ada", firstname="Ada"), "saved", 3.0)
    assert name is not None
    assert (name.item, name.title, name.source) == (User(username="ada"), "Ada", "saved")
    assert mark_of(Activity(id="x"), "sandbox", 3.0) is None
    assert mark_of(ApiRequest.of("user-flattrs", username="ada"), "sandbox", 3.0) is None
    assert mark_of(None, "sandbox", 3.0) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | any_text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["version", "marks", "opened", "queries", "kind", "key", "source", "at"]), inner
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_file_ends_the_program(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "bookmarks.json"
    path.write_bytes(body)
    notices = Notices()
    kept = Bookmarks.open(path, notice=notices)
    kept.toggle(make_mark("ada"))
    kept.save()
    assert Bookmarks.open(path, notice=notices).is_marked(make_mark("ada")) == kept.is_marked(make_mark("ada"))
    for found in tmp_path.iterdir():
        found.unlink()
