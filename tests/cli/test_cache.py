"""`flattr-tui cache`: what it counts, what it finds wrong, and that nothing goes but what was named."""

import io
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from flattr_tui.cli.working import Working
from flattr_tui.model.request import Request
from flattr_tui.paths import Paths
from flattr_tui.store.database import VERSION
from flattr_tui.store.disk import DATABASE
from flattr_tui.store.files import set_aside
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.shapes import Scope
from flattr_tui.store.stored import Stored, row_key
from tests.cli.conftest import Flattr
from tests.store.samples import ADA, body, keep, opened, response, thing
from tests.store.samples import flattr as sent

BO = Request.of("user-flattrs", username="bo")
LARGE = "x" * 40_000
"""So long a description that the response is kept in a file of its own."""
NOW = 1_790_000_000.0
DAY = 86_400.0


def pages() -> list[Stored]:
    """Two pages and a later version of the first one for nobody, one for ada, one from elsewhere in a file."""
    return [
        response(body(sent(number) for number in range(60, 30, -1)), at=NOW - 90 * DAY),
        response(body(sent(number) for number in range(30, 5, -1)), page=2, at=NOW - 60 * DAY),
        response(body(sent(number) for number in range(61, 31, -1)), at=NOW - DAY),
        response(body([sent(500, "bo")]), request=BO, account="ada", at=NOW - 50 * DAY),
        response(
            body([sent(700, "bo", of=thing(700, "Otter", description=LARGE))]),
            request=BO,
            source="https://other.example/rest/v2",
            at=NOW - 40 * DAY,
        ),
    ]


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with some responses saved, at a time that stands still."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    folder = Paths.standard().data
    keep(folder, *pages())
    return folder


def saved(data: Path) -> list[tuple[str, str, int]]:
    with opened(data) as (responses, _):
        return [(size.source, size.account, size.responses) for size in responses.sizes()]


ALL = [("https://other.example/rest/v2", "", 1), ("sandbox", "", 3), ("sandbox", "ada", 1)]


def spoil(data: Path, sql: str, *values: object, of: str = f"responses/{DATABASE}") -> None:
    with closing(sqlite3.connect(data / of)) as connection, connection:
        assert connection.execute(sql, values).rowcount


def rows(data: Path, request: Request = ADA, scope: Scope = Scope("sandbox")) -> list[str]:  # noqa: B008
    """The keys of a list's rows, holes as `?`."""
    with opened(data) as (_, catalogue):
        facts = catalogue.facts(scope, request)
        found = catalogue.entries(facts.id, facts.low, facts.high + 1)
        return [entry.key if entry.item else "?" for entry in found]


def made_anew(data: Path) -> tuple[list[str], list[str], list[str]]:
    """What the catalogue shows when it is made from the responses alone."""
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()
    with opened(data, told=[]) as (_, catalogue):
        catalogue.catch_up()
    return shown(data)


def shown(data: Path) -> tuple[list[str], list[str], list[str]]:
    return rows(data), rows(data, BO, Scope("sandbox", "ada")), rows(data, BO, Scope("https://other.example/rest/v2"))


# path and info


def test_path_names_both(flattr: Flattr) -> None:
    paths = Paths.standard()
    assert flattr("cache", "path").out == f"responses\t{paths.responses}\ncatalogue\t{paths.catalogue}\n"


def test_nothing_is_made_by_looking(flattr: Flattr) -> None:
    assert flattr("cache", "info").out.startswith("0 responses saved")
    assert flattr("cache", "verify").out == "0 responses can be read; all is well.\n"
    assert not Paths.standard().data.exists()


def test_info_counts_by_source_and_account(flattr: Flattr, data: Path) -> None:
    info = json.loads(flattr("cache", "info", "--json").out)
    with opened(data) as (responses, _):
        sizes = responses.sizes()
    assert info["responses"] == 5
    assert [(one["source"], one["account"], one["responses"]) for one in info["accounts"]] == ALL
    assert [one["bytes"] for one in info["accounts"]] == [size.bytes for size in sizes]
    assert [(one["oldest"], one["newest"]) for one in info["accounts"]] == [
        (NOW - 40 * DAY, NOW - 40 * DAY),
        (NOW - 90 * DAY, NOW - DAY),
        (NOW - 50 * DAY, NOW - 50 * DAY),
    ]
    assert info["bytes"]["bodies"] == sum(size.bytes for size in sizes)
    assert info["bytes"]["files"] > info["bytes"]["bodies"]
    assert info["bytes"]["index"] >= (data / "catalogue.sqlite").stat().st_size
    assert info["bytes"]["set_aside"] == 0


def test_info_for_people(flattr: Flattr, data: Path) -> None:
    out = flattr("cache", "info").out.splitlines()
    assert out[0].startswith("5 responses saved: ")
    assert out[2].split() == ["SOURCE", "ACCOUNT", "RESPONSES", "SIZE", "OLDEST", "NEWEST"]
    assert [line.split()[:3] for line in out[3:]] == [
        ["https://other.example/rest/v2", "-", "1"],
        ["sandbox", "-", "3"],
        ["sandbox", "ada", "1"],
    ]


# verify


def test_a_whole_store_is_well_while_another_program_has_it_open(flattr: Flattr, data: Path) -> None:
    with opened(data):
        assert flattr("cache", "verify") == (0, "5 responses can be read; all is well.\n", "")


def file_of(data: Path) -> Path:
    (path,) = (data / "responses").rglob("*.val")
    return path


def cut(path: Path, size: int) -> None:
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    path.write_bytes(path.read_bytes()[:size])


def scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = b"\xff" * (len(content) // 2 - len(content) // 3)
    path.write_bytes(content)


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def remove_all(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()


def spoil_version(data: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION ^ 1}")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a changed row": (
        lambda data: spoil(data, "UPDATE Cache SET value = substr(value, 1, 900) WHERE key = ?", row_key(2)),
        "Saved response 2 is damaged: look at its page again",
    ),
    "a row in another's place": (
        lambda data: spoil(
            data,
            "UPDATE Cache SET value = (SELECT value FROM Cache WHERE key = ?) WHERE key = ?",
            row_key(1),
            row_key(2),
        ),
        "Saved response 2 is not what was stored under its number: look at its page again",
    ),
    "a changed body": (lambda data: scribble(file_of(data)), "Saved response 5 is"),
    "a file that is gone": (lambda data: file_of(data).unlink(), "Saved response 5 can't be read"),
    "a damaged pointer": (
        lambda data: spoil(data, "UPDATE Cache SET value = ? WHERE key LIKE 'n/%'", b"nonsense"),
        "is damaged: look at its page again",
    ),
    "a pickle": (
        lambda data: spoil(data, "UPDATE Cache SET mode = 4 WHERE key = ?", row_key(1)),
        "Saved response 1 can't be read (A row of the store is of a kind that this program never writes",
    ),
    "a foreign row": (
        lambda data: spoil(data, "UPDATE Cache SET key = 'x' WHERE key = ?", row_key(1)),
        "The row 'x' of the store is none that this program writes",
    ),
    "a foreign database": (
        lambda data: overwrite(data / "responses" / DATABASE),
        "The store's database is damaged (file is not a database): copy",
    ),
    "a database that is gone": (
        lambda data: remove_all((data / "responses").glob(f"{DATABASE}*")),
        "is gone, and files of it are left",
    ),
    "a catalogue that was cut short": (
        lambda data: cut(data / "catalogue.sqlite", 20_000),
        "`flattr-tui cache rebuild` makes it anew, and nothing is lost.",
    ),
    "a catalogue of another version": (
        spoil_version,
        "The catalogue is of another version of this program: `flattr-tui cache rebuild`",
    ),
    "a catalogue that lacks something": (
        lambda data: spoil(data, "DELETE FROM taken WHERE sequence = 2", of="catalogue.sqlite"),
        "The catalogue lacks 1 responses that are saved: `flattr-tui cache rebuild`",
    ),
    "a catalogue that has more": (
        lambda data: spoil(data, "INSERT INTO taken VALUES (9, x'00')", of="catalogue.sqlite"),
        "The catalogue shows 1 responses that can't be read any more: `flattr-tui cache rebuild`",
    ),
    "a list without a part": (
        lambda data: spoil(data, "DELETE FROM block WHERE id = 1", of="catalogue.sqlite"),
        "The catalogue's lists have other rows than they should: `flattr-tui cache rebuild`",
    ),
    "an index without a text": (
        lambda data: spoil(data, "DELETE FROM words_docsize WHERE id = 1", of="catalogue.sqlite"),
        "The catalogue's index lacks texts: `flattr-tui cache rebuild`",
    ),
    "an item that can't be read": (
        lambda data: spoil(data, "UPDATE body SET entity = x'c1'", of="catalogue.sqlite"),
        "The catalogue's items can't be read: `flattr-tui cache rebuild`",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_named_with_what_to_do_and_left_as_it_is(flattr: Flattr, data: Path, damage: str) -> None:
    spoilt, sentence = DAMAGES[damage]
    spoilt(data)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.suffix in {".db", ".val", ".sqlite"}}
    ended = flattr("cache", "verify", "--sweep")
    assert ended.code == 1
    assert sentence in ended.said
    assert "all is well" not in ended.out
    assert {path: path.read_bytes() for path in before} == before
    assert not list(data.glob("*.set-aside-*"))


def test_one_damaged_response_costs_one_sentence(flattr: Flattr, data: Path) -> None:
    spoil(data, "UPDATE Cache SET value = x'00' WHERE key = ?", row_key(2))
    ended = flattr("cache", "verify")
    store, catalogue = ended.said.splitlines()
    assert "Saved response 2" in store
    assert "The catalogue shows 1 responses" in catalogue
    assert ended.out == "4 responses can be read.\n"


def test_rebuilding_mends_the_catalogue(flattr: Flattr, data: Path) -> None:
    before = shown(data)
    for name in ("a list without a part", "an index without a text", "a catalogue that has more"):
        DAMAGES[name][0](data)
    assert flattr("cache", "rebuild") == (0, "The catalogue is made anew from 5 responses.\n", "")
    assert flattr("cache", "verify").code == 0
    assert shown(data) == before


def test_files_without_a_row_are_found_and_swept_when_asked(flattr: Flattr, data: Path) -> None:
    kept = file_of(data)
    orphan = data / "responses" / "ab" / "cd" / f"{'e' * 28}.val"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left over")
    foreign = orphan.with_name("notes.val")
    foreign.write_bytes(b"somebody's")
    ended = flattr("cache", "verify")
    assert ended.code == 1
    assert ended.line.startswith(
        f"flattr-tui: One file of the store belongs to no row, as after a crash (ab/cd/{'e' * 28}"
    )
    assert orphan.exists()
    assert flattr("cache", "verify", "--sweep") == (
        0,
        "1 file without a response removed.\n5 responses can be read; all is well.\n",
        "",
    )
    assert not orphan.exists()
    assert foreign.exists()
    assert kept.exists()


# rebuild


def test_rebuilding_stopped_anywhere_goes_on_later(flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(data, *(response(body([sent(number)]), request=BO, page=number, at=NOW) for number in range(1, 60)))
    before = shown(data)
    told: list[tuple[int, int | None]] = []

    def stop(_: Working, what: str, done: int, of: int | None = None) -> None:
        told.append((done, of))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Working, "__call__", stop)
        ended = flattr("cache", "rebuild")
    assert ended.code == 130
    assert "taken in when the program is next started" in ended.said
    assert told == [(25, 64)]
    with opened(data) as (_, catalogue):
        assert catalogue.needs_catching_up == 64 - 25
        catalogue.catch_up()
    assert shown(data) == before
    assert flattr("cache", "verify").code == 0


def test_rebuilding_while_another_program_has_it_open(flattr: Flattr, data: Path) -> None:
    before = shown(data)
    with opened(data) as (responses, catalogue):
        assert flattr("cache", "rebuild").code == 0
        facts = catalogue.facts(Scope("sandbox"), ADA)
        assert [entry.key for entry in catalogue.entries(facts.id, facts.low, facts.high + 1)] == before[0]
        stored = responses.put(response(body(sent(number) for number in range(62, 32, -1)), at=NOW)).stored
        assert catalogue.take(stored).new == 1
    assert len(rows(data)) == len(before[0]) + 1


# prune


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
    with opened(data) as (responses, catalogue):
        second = pages()[1].place
        responses.touch(second, NOW - DAY)
        catalogue.confirm(second, NOW - DAY)
    flattr("cache", "prune", "--older-than", "45", "--yes")
    assert ("sandbox", "", 2) in saved(data)
    with opened(data) as (responses, _):
        assert [one.sequence for one in responses.all()] == [2, 3, 5]
        newest = responses.newest(second)
        assert newest is not None
        assert newest.checked_at == NOW - DAY


def test_pruned_pages_give_way_to_the_versions_that_are_left(flattr: Flattr, data: Path) -> None:
    with opened(data) as (responses, _):
        imported = response(body([sent(61)]), at=NOW - 20 * DAY)
        responses.adopt(imported)
    flattr("cache", "prune", "--older-than", "10", "--yes")
    with opened(data) as (responses, _):
        newest = responses.newest(imported.place)
        assert newest is not None
        assert newest.sequence == 3
        assert responses.put(pages()[2]).new is False, "and it is known as the newest one"


def test_no_condition_is_refused_and_so_is_not_asking(flattr: Flattr, data: Path) -> None:
    ended = flattr("cache", "prune", "--yes")
    assert (ended.code, "Say what is to go" in ended.line) == (2, True)
    ended = flattr("cache", "prune", "--source", "sandbox")
    assert (ended.code, "say --yes" in ended.line) == (2, True)
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
    assert "Remove this for good? [y/N]" in ended.said
    assert ended.code == (0 if typed else 130)
    assert ("Nothing was removed." in ended.out) is (bool(typed) and left == ALL)
    assert saved(data) == left


def test_pruning_while_another_program_has_it_open(flattr: Flattr, data: Path) -> None:
    with opened(data) as (responses, catalogue):
        assert catalogue.facts(Scope("sandbox"), ADA).saved == 56
        assert flattr("cache", "prune", "--source", "sandbox", "--yes").code == 0
        assert catalogue.facts(Scope("sandbox"), ADA).saved == 0
        assert responses.newest(pages()[0].place) is None
        kept = responses.put(pages()[0])
        assert kept.new
        assert kept.stored.sequence == 6, "no number is given twice"
        assert catalogue.take(kept.stored).new == 30
    assert flattr("cache", "verify").code == 0


@pytest.mark.parametrize("asked", [("--older-than", "45"), ("--source", "sandbox")])
def test_pruning_stopped_anywhere_leaves_a_catalogue_of_what_is_left(
    flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    removing = ResponseStore.remove
    with monkeypatch.context() as patch:
        patch.setattr(Working, "__call__", lambda _, what, *__: stop() if what == "removing" else None)
        patch.setattr(ResponseStore, "remove", lambda self, *of: stop() if of[1] else removing(self, *of))
        assert flattr("cache", "prune", *asked, "--yes").code == 130
    assert 0 < len(saved(data)) < 4
    assert saved(data) != ALL
    with opened(data) as (_, catalogue):
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
    assert flattr("cache", "prune", "--quarantined", "--yes").out.endswith("What had been set aside is removed.\n")
    assert not any(path.exists() for path in kept)
    assert saved(data) == ALL[:1]
