"""Tests of the import of files: each response of the API is saved with its date, everything else is reported."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.method_table import Format
from flattr_tui.library.import_export import captured_response
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.sandbox.world import World
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.library.saved_files import (
    BASE,
    DAY_SECONDS,
    Answer,
    decode_records,
    fetch_answers,
    make_har_entry,
    write_har,
    write_warc,
)

ADA = ("user", {"username": "ada"})
FLATTRS = ("user-flattrs", {"username": "ada", "count": "5"})
FLATTRS_2 = ("user-flattrs", {"username": "ada", "count": "5", "page": "2"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def saved_pages(store: ResponseStore) -> list[tuple[str, int, int, float]]:
    return [(str(one.request), one.page, one.count, one.fetched_at) for one in store.iter_responses()]


def write_file(tmp_path: Path, body: Any, name: str = "saved.json", at: float = DAY_SECONDS) -> Path:
    path = tmp_path / name
    path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    os.utime(path, (at, at))
    return path


def list_reasons(outcome: ImportOutcome) -> list[str]:
    return [f"{one.place}: {one.reason}" if one.place else one.reason for one in outcome.skipped]


def decode_keys(stored: StoredResponse) -> list[str]:
    return [
        getattr(item, "key", "")
        for item in decode_page(stored.response_kind, stored.body, stored.content_type).entities
    ]


# -- archives


@pytest.mark.parametrize("packed", [False, True])
async def test_an_http_archive(tmp_path: Path, shared_world: World, store: ResponseStore, packed: bool) -> None:
    found = await fetch_answers(shared_world, ADA, FLATTRS, FLATTRS_2)
    others: list[Answer | dict[str, Any]] = [
        Answer("https://flattr.com/logo.png", b"x", "image/png"),
        Answer(f"{BASE}/things/7/flattr", b"{}", verb="POST"),
        Answer(f"{BASE}/users/nobody", b'{"error": "not_found"}', status=404),
        Answer(f"{BASE}/users/bob", b"<html>log in here</html>", "text/html"),
        {"request": 7},
        make_har_entry(Answer(f"{BASE}/users/bob", b"")) | {"response": {"status": 200, "content": {"size": 0}}},
    ]
    outcome = import_files(store, [write_har(tmp_path / "x.har", [*found, *others], packed=packed)])
    assert (outcome.new, outcome.already_stored, outcome.skipped_count) == (3, 0, 6)
    assert saved_pages(store) == [
        ("user username=ada", 1, 0, DAY_SECONDS),
        ("user-flattrs username=ada", 1, 5, DAY_SECONDS),
        ("user-flattrs username=ada", 2, 5, DAY_SECONDS),
    ]
    assert [one.body for one in store.iter_responses()] == [answer.body for answer in found]
    assert {(one.source, one.account, one.url) for one in store.iter_responses()} == {
        ("saved", "", one.url) for one in found
    }
    assert list_reasons(outcome) == [
        "entry 4: its address does not belong to the Flattr API (https://flattr.com/logo.png)",
        f"entry 5: POST requests do not read data ({BASE}/things/7/flattr)",
        f"entry 6: the response was not successful (404) ({BASE}/users/nobody)",
        f"entry 7: an HTML page, not a response of Flattr's API ({BASE}/users/bob)",
        "entry 8: is not an entry of an HTTP archive",
        f"entry 9: its body was not saved in the archive ({BASE}/users/bob)",
    ]


@pytest.mark.parametrize(("packed", "encoded"), [(False, False), (True, False), (True, True)])
async def test_a_web_archive(
    tmp_path: Path, shared_world: World, store: ResponseStore, packed: bool, encoded: bool
) -> None:
    found = await fetch_answers(shared_world, ADA, FLATTRS)
    found.append(Answer("https://flattr.com/", b"<html>", "text/html"))
    outcome = import_files(store, [write_warc(tmp_path / "x.warc.gz", found, packed=packed, encoded=encoded)])
    assert (outcome.new, outcome.skipped_count) == (2, 1)
    assert [(one.body, one.fetched_at) for one in store.iter_responses()] == [
        (one.body, DAY_SECONDS) for one in found[:2]
    ]


async def test_a_web_archive_that_breaks_off(tmp_path: Path, shared_world: World, store: ResponseStore) -> None:
    path = write_warc(tmp_path / "x.warc.gz", await fetch_answers(shared_world, ADA, FLATTRS), packed=True)
    whole = path.read_bytes()
    for cut in (20, 400, len(whole) // 3):
        path.write_bytes(whole[:-cut])
        outcome = import_files(store, [path])
        assert outcome.skipped_count >= 1
        assert (
            re.search("ends early|ends in the middle", outcome.skipped[0].reason)
            or "broken after record" in outcome.skipped[0].reason
        )
    assert saved_pages(store)[0][0] == "user username=ada"


async def test_a_page_of_the_wayback_machine_has_the_date_of_its_capture(
    tmp_path: Path, shared_world: World, store: ResponseStore
) -> None:
    [ada] = await fetch_answers(shared_world, ADA)
    url = ada.url.replace("https://", "https://web.archive.org/web/20130102030405id_/https://")
    import_files(
        store, [write_har(tmp_path / "x.har", [replace(ada, url=url, content_type="text/html; charset=utf-8")])]
    )
    assert saved_pages(store) == [("user username=ada", 1, 0, 1357095845.0)]


@pytest.mark.parametrize("form", [Format.XML, Format.YAML])
async def test_other_formats(tmp_path: Path, shared_world: World, store: ResponseStore, form: Format) -> None:
    [plain], [other] = await fetch_answers(shared_world, FLATTRS), await fetch_answers(shared_world, FLATTRS, form=form)
    import_files(store, [write_har(tmp_path / "x.har", [other])])
    [stored] = store.iter_responses()
    assert stored.format == form
    assert decode_keys(stored) == [
        f"{one['owner']['username']}/{one['thing']['id']}/{one['created_at']}" for one in decode_records(plain.body)
    ]


async def test_importing_again_changes_nothing(tmp_path: Path, shared_world: World, store: ResponseStore) -> None:
    [first] = await fetch_answers(shared_world, ADA)
    later = replace(first, body=first.body.replace(b"Ada", b"Eda"), at="2016-01-01T00:00:00Z")
    again = replace(first, at="2017-01-01T00:00:00Z")
    old, new = write_har(tmp_path / "old.har", [first]), write_har(tmp_path / "new.har", [again, later])
    for count in (2, 0):
        outcome = import_files(store, [new])
        assert outcome.new == count
    outcome = import_files(store, [old, new])
    assert (outcome.new, outcome.already_stored) == (1, 2)
    newest = store.latest(next(iter(store.iter_responses())).response_key)
    assert newest is not None
    assert newest.fetched_at == 1483228800.0  # not the date of the last import
    assert len(list(store.iter_responses())) == 3


# -- private responses


async def test_private_answers_need_an_account(tmp_path: Path, store: ResponseStore) -> None:
    path = write_har(
        tmp_path / "x.har",
        [
            Answer(f"{BASE}/user/flattrs?access_token=very-secret", b"[]"),
            Answer(f"{BASE}/things/7", b'{"type": "thing", "id": 7, "title": "A", "flattred": true}'),
            Answer(f"{BASE}/things/8", b'{"type": "thing", "id": 8, "title": "A"}'),
        ],
    )
    outcome = import_files(store, [path])
    assert (outcome.new, outcome.skipped_count) == (1, 2)
    assert "--account NAME" in outcome.skipped[0].reason
    outcome = import_files(store, [path], ImportOptions(account="ada"))
    assert (outcome.new, outcome.already_stored, outcome.skipped_count) == (2, 1, 0)
    assert {(one.request.method, one.account) for one in store.iter_responses()} == {
        ("my-flattrs", "ada"),
        ("thing", "ada"),
        ("thing", ""),
    }
    store.close()
    for file in tmp_path.joinpath("store").rglob("*"):
        assert file.is_dir() or b"very-secret" not in file.read_bytes()


# -- plain bodies


async def test_bodies_without_an_address(tmp_path: Path, shared_world: World, store: ResponseStore) -> None:
    [things] = await fetch_answers(shared_world, ("user-things", {"username": "ada"}))
    thing = str(decode_records(things.body)[0]["id"])
    found = await fetch_answers(
        shared_world,
        ADA,
        FLATTRS,
        ("user-things", {"username": "ada"}),
        ("thing", {"id": thing}),
        ("categories", {}),
        ("languages", {}),
        ("user-activities", {"username": "ada"}),
        ("search", {"query": "a", "count": "3"}),
        ("rate-limit", {}),
    )
    files = [write_file(tmp_path, answer.body, f"{number}.json") for number, answer in enumerate(found)]
    atom = await fetch_answers(shared_world, ("user-activities", {"username": "ada"}), form=Format.ATOM)
    xml = await fetch_answers(shared_world, ADA, form=Format.XML)
    files += [write_file(tmp_path, atom[0].body, "a.atom", DAY_SECONDS + 1), write_file(tmp_path, xml[0].body, "u.xml")]
    outcome = import_files(store, files)
    assert list_reasons(outcome) == []
    ids = ",".join(str(thing["id"]) for thing in json.loads(found[7].body)["things"])
    assert sorted({str(one.request) for one in store.iter_responses()}) == sorted(
        [
            "user username=ada",
            "user-flattrs full=1 username=ada",
            "user-things full=1 username=ada",
            f"thing id={thing}",
            "categories",
            "languages",
            "user-activities username=ada",
            f"things id={ids}",
            "rate-limit",
        ]
    )
    assert {one.fetched_at for one in store.iter_responses()} == {DAY_SECONDS, DAY_SECONDS + 1}
    for stored in store.iter_responses():
        assert decode_keys(stored)


async def test_an_address_can_be_given(tmp_path: Path, shared_world: World, store: ResponseStore) -> None:
    [search] = await fetch_answers(shared_world, ("search", {"query": "a"}))
    import_files(store, [write_file(tmp_path, search.body)], ImportOptions(url=search.url))
    assert saved_pages(store) == [("search query=a", 1, 30, DAY_SECONDS)]


BOB = {"type": "user", "username": "bob"}


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("users/ada", BOB, "data of bob, although its address names ada"),
        ("users/ada/flattrs", [{"thing": {"id": 1}, "owner": BOB}], "data of bob, although its address names ada"),
        ("users/ada/things", [{"id": 1}, {"id": 2, "owner": BOB}], "data of bob, although its address names ada"),
        ("users/ada/activities.as", [{"id": "tag:f,2012:bob/flattr/1", "verb": "like"}], "data of bob, although"),
        ("user", BOB, "data of bob, although --account names ada"),
        ("user/flattrs", [{"thing": {"id": 1}, "owner": BOB}], "data of bob, although --account names ada"),
        ("things/1", {"type": "thing", "id": 2}, "data of thing 2, although its address names thing 1"),
        ("things/1,2", [{"id": 2}, {"id": 3}], "data of thing 3, although its address names thing 1, 2"),
        ("things/1/flattrs", [{"thing": {"id": 2}}], "data of thing 2, although its address names thing 1"),
    ],
)
def test_data_of_another_user_than_the_address_names_is_refused(
    tmp_path: Path, store: ResponseStore, path: str, body: Any, reason: str
) -> None:
    options = ImportOptions(account="ada", url=f"{BASE}/{path}")
    body = {"items": body} if path.endswith(".as") else body
    [found] = list_reasons(import_files(store, [write_file(tmp_path, body)], options))
    assert found.startswith(reason)
    assert saved_pages(store) == []


def test_a_recorded_response_with_data_of_another_user_is_stored_as_theirs(
    tmp_path: Path, store: ResponseStore
) -> None:
    answer = Answer(f"{BASE}/users/ada", json.dumps(BOB).encode(), at="2012-01-01T00:00:00Z")
    outcome = import_files(store, [write_har(tmp_path / "x.har", [answer])])
    assert [str(one.request) for one in store.iter_responses()] == ["user username=bob"]
    assert list(outcome.people) == ["bob"]


def test_only_the_case_of_a_to_z_does_not_matter_in_user_names(tmp_path: Path, store: ResponseStore) -> None:
    flattrs = [make_flattr(number, name) for number, name in ((9, "Straße"), (8, "straße"), (7, "strasse"))]
    outcome = import_files(store, [write_file(tmp_path, flattrs)])
    assert {name: kinds["flattrs"] for name, kinds in outcome.people.items()} == {
        "Straße": {"Straße/9/9", "straße/8/8"},
        "strasse": {"strasse/7/7"},
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users/ADA", {"type": "user", "username": "ada"}),
        ("users/ada/activities.as?type=incoming", {"items": [{"id": "tag:f,2012:bob/flattr/1", "verb": "like"}]}),
        ("users/ada/flattrs", [{"thing": {"id": 1, "owner": BOB}}]),
    ],
)
def test_names_in_another_case_and_other_owners_of_things_are_accepted(
    tmp_path: Path, store: ResponseStore, path: str, body: Any
) -> None:
    outcome = import_files(store, [write_file(tmp_path, body)], ImportOptions(url=f"{BASE}/{path}"))
    assert (outcome.new, outcome.skipped) == (1, [])


def test_an_unreadable_flattr_among_those_of_several_users_costs_only_itself(
    tmp_path: Path, store: ResponseStore
) -> None:
    mixed = [make_flattr(9) | {"thing": {"id": -5}}, make_flattr(3), make_flattr(4, "bob"), make_flattr(5)]
    outcome = import_files(store, [write_file(tmp_path, mixed)])
    assert list_reasons(outcome) == ["1 of 3 items can't be read (without an id or a name)"]
    assert sorted(decode_keys(one) for one in store.iter_responses()) == [["ada/5/5", "ada/3/3"], ["bob/4/4"]]


def test_the_same_list_in_two_files_is_stored_once(tmp_path: Path, store: ResponseStore) -> None:
    lists = [[make_flattr(9), make_flattr(8)], [make_flattr(9), make_flattr(8)], [make_flattr(5)]]
    files = [write_file(tmp_path, one, f"{number}.json") for number, one in enumerate(lists)]
    outcome = import_files(store, files)
    assert (outcome.new, outcome.already_stored) == (2, 1)
    assert [page for _, page, _, _ in saved_pages(store)] == [1, 3]


def test_items_that_cannot_be_read_are_counted(tmp_path: Path, store: ResponseStore) -> None:
    flattrs = [make_flattr(3), make_flattr(2) | {"thing": {"id": -5}}, make_flattr(1)]
    outcome = import_files(store, [write_file(tmp_path, flattrs)])
    assert list_reasons(outcome) == ["1 of 3 items can't be read (without an id or a name)"]
    assert decode_keys(next(store.iter_responses())) == ["ada/3/3", "ada/1/1"]


def test_dates_that_cannot_be_read_are_counted_and_the_first_is_named(tmp_path: Path, store: ResponseStore) -> None:
    dates = [1388534400, "0000-00-00 00:00:00", "never", "06.05.13 6:47", "Fri 3"]
    flattrs = [
        {"type": "flattr", "thing": {"id": number}, "owner": {"username": "ada"}, "created_at": date}
        for number, date in enumerate(dates, 1)
    ]
    outcome = import_files(store, [write_file(tmp_path, flattrs)])
    assert list_reasons(outcome) == ["dates that can't be read (2, the first is '06.05.13 6:47')"]
    assert [len(decode_keys(stored)) for stored in store.iter_responses()] == [5]


def test_items_beyond_the_limit_of_a_page_are_reported(tmp_path: Path, store: ResponseStore) -> None:
    things = [{"type": "thing", "id": number} for number in range(20_001)]
    options = ImportOptions(url=f"{BASE}/users/ada/things")
    assert list_reasons(import_files(store, [write_file(tmp_path, things)], options)) == [
        "only the first 20,000 items are read: split the list, or import it without its address"
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"[]", "an empty list"),
        (b"hello", "in no format that can be imported"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b"<a><b/></a>", "not an object of Flattr's API|neither"),
        (b'{"error": "not_found"}', "an error"),
        (b'{"message": "found", "location": "x"}', "a lookup"),
        (b'{"type": "thing"}', "no thing"),
        (b'[{"username": "ada"}]', "a list of users"),
        (b'{"items": []}', "nothing that can be read"),
        (b"[" * 100_000, "nested too deeply|not JSON"),
        (b"PK\x03\x04 and no zip", "damaged or incomplete zip"),
        (b"\x1f\x8b and no gzip", "decompressed"),
        (b"WARC/1.0\r\nnonsense", "broken"),
        (b'{"log": {"entries": 7}}', "not an object of Flattr's API"),
    ],
)
def test_a_body_that_is_no_response_is_refused(tmp_path: Path, store: ResponseStore, body: bytes, reason: str) -> None:
    outcome = import_files(store, [write_file(tmp_path, body)])
    assert outcome.skipped_count == 1
    assert re.search(reason, list_reasons(outcome)[0])
    assert saved_pages(store) == []


def make_flattr(number: int, user: str = "ada", thing: int | None = None) -> dict[str, Any]:
    thing = number if thing is None else thing
    return {"type": "flattr", "owner": {"username": user}, "thing": {"id": thing, "title": "A"}, "created_at": number}


def test_flattrs_of_several_users(tmp_path: Path, store: ResponseStore) -> None:
    unowned = make_flattr(4) | {"owner": None}
    upward = [make_flattr(1), make_flattr(2), make_flattr(3) | {"created_at": None}, make_flattr(4)]
    files = [[unowned, make_flattr(3, "ada"), unowned | {"thing": {"id": 7}}], upward]
    outcome = import_files(store, [write_file(tmp_path, one, f"{number}.json") for number, one in enumerate(files)])
    assert [reason[:20] for reason in list_reasons(outcome)] == ["flattrs without an o", "flattrs that are not"]
    import_files(store, [write_file(tmp_path, [make_flattr(3, "ada", 7), make_flattr(2, "bob", 7)])])
    assert saved_pages(store)[0][0] == "thing-flattrs full=1 id=7"


def test_flattrs_that_were_exported_in_another_order_are_sorted(tmp_path: Path, store: ResponseStore) -> None:
    outcome = import_files(store, [write_file(tmp_path, [make_flattr(2), make_flattr(3), make_flattr(1)])])
    assert outcome.skipped_count == 0
    [saved] = store.iter_responses()
    assert str(saved.request) == "user-flattrs full=1 username=ada"
    assert [one["created_at"] for one in decode_records(saved.body)] == [3, 2, 1]


@pytest.mark.parametrize("lines", [False, True])
def test_flattrs_of_several_users_are_parts_of_their_lists(tmp_path: Path, store: ResponseStore, lines: bool) -> None:
    mixed = [make_flattr(3, "ada"), make_flattr(4, "bob"), make_flattr(5, "Ada"), make_flattr(2, "bob")]
    body = b"\n".join(json.dumps(one).encode() for one in mixed) if lines else json.dumps(mixed).encode()
    outcome = import_files(store, [write_file(tmp_path, body, "mixed.json")])
    assert outcome.skipped_count == 0
    assert {
        str(one.request): [record["created_at"] for record in decode_records(one.body)]
        for one in store.iter_responses()
    } == {"user-flattrs full=1 username=Ada": [5, 3], "user-flattrs full=1 username=bob": [4, 2]}


@pytest.mark.parametrize("lines", [False, True])
def test_a_long_list_is_saved_in_full_pages(
    tmp_path: Path, store: ResponseStore, monkeypatch: pytest.MonkeyPatch, lines: bool
) -> None:
    monkeypatch.setattr("flattr_tui.library.import_export.imported_responses.ITEMS_PER_PAGE", 10)
    flattrs = [make_flattr(number) for number in range(25, 0, -1)]
    body = b"\n".join(json.dumps(one).encode() for one in flattrs) if lines else json.dumps(flattrs).encode()
    outcome = import_files(store, [write_file(tmp_path, body)])
    assert outcome.new == 3
    assert [one[1:3] for one in saved_pages(store)] == [(1, 10), (2, 10), (3, 10)]
    assert {one["created_at"] for stored in store.iter_responses() for one in decode_records(stored.body)} == set(
        range(1, 26)
    )


def test_parts_of_a_list_are_not_saved_as_adjacent_pages(tmp_path: Path, store: ResponseStore) -> None:
    low, high = [make_flattr(2), make_flattr(1)], [make_flattr(9), make_flattr(8)]
    import_files(store, [write_file(tmp_path, low, "a.json"), write_file(tmp_path, high, "b.json")])
    assert sorted((one.page, decode_records(one.body)[0]["created_at"]) for one in store.iter_responses()) == [
        (1, 9),
        (3, 2),
    ]


def test_things_of_several_owners_become_requests_by_id(tmp_path: Path, store: ResponseStore) -> None:
    things = [{"type": "thing", "id": n, "title": "A", "owner": {"username": f"u{n % 3}"}} for n in range(250)]
    outcome = import_files(store, [write_file(tmp_path, things)])
    assert outcome.new == 3
    assert [str(one.request).count(",") for one in store.iter_responses()] == [99, 99, 49]


# -- page sizes


@pytest.mark.parametrize(
    ("pages", "counts"),
    [
        ({1: 100, 2: 60}, (100, 100)),  # the end
        ({1: 40, 2: 40, 3: 7}, (40, 40, 40)),  # the server granted 40
        ({1: 40}, (40,)),  # unknown, so not the end
        ({1: 12}, (100,)),  # fewer than any server grants, so the end
        ({1: 0}, (100,)),
    ],
)
def test_a_short_page_is_the_end_only_if_that_is_certain(
    tmp_path: Path, store: ResponseStore, pages: dict[int, int], counts: tuple[int, ...]
) -> None:
    found = [
        Answer(
            f"{BASE}/users/ada/flattrs?count=100&page={page}",
            json.dumps([make_flattr(1000 * (9 - page) - place) for place in range(size)]).encode(),
        )
        for page, size in pages.items()
    ]
    import_files(store, [write_har(tmp_path / "x.har", found)])
    assert tuple(one.count for one in store.iter_responses()) == counts


def test_unpacked_data_is_limited(tmp_path: Path, store: ResponseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured_response, "MAX_FILE", 1 << 20)
    monkeypatch.setattr(captured_response, "MAX_BODY", 1 << 20)
    bomb = gzip.compress(b" " * (1 << 22))
    [left] = import_files(store, [write_file(tmp_path, bomb)]).skipped
    assert "unpacks to more than" in left.reason
    [left] = import_files(store, [write_file(tmp_path, b" " * (1 << 21))]).skipped
    assert "larger than" in left.reason
    answer = Answer(f"{BASE}/user", b'"' + b" " * (1 << 22) + b'"')
    [left] = import_files(store, [write_warc(tmp_path / "x.warc", [answer], encoded=True)]).skipped
    assert "unpacks to more than" in left.reason


def test_responses_imported_before_ctrl_c_are_kept(
    tmp_path: Path, store: ResponseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_har(
        tmp_path / "x.har", [Answer(f"{BASE}/things/{n}", b'{"id": %d, "title": "A"}' % n) for n in range(5)]
    )

    def progress(stage: str, done: int, of: int | None) -> None:
        if (stage, done) == ("importing", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(store, [path], ImportOptions(progress=progress))
    assert len(saved_pages(store)) == 3
    outcome = import_files(store, [path])
    assert (outcome.new, outcome.already_stored) == (2, 3)


def test_two_imports_of_one_file_at_once_store_it_once(tmp_path: Path, store: ResponseStore) -> None:
    path = write_har(
        tmp_path / "x.har", [Answer(f"{BASE}/things/{n}", b'{"id": %d, "title": "A"}' % n) for n in range(5)]
    )
    others: list[int] = []

    def progress(stage: str, done: int, of: int | None) -> None:
        if (stage, done) == ("importing", 2):
            others.append(import_files(store, [path]).new)

    assert import_files(store, [path], ImportOptions(progress=progress)).new == 2
    assert others == [3]
    assert len(saved_pages(store)) == 5


def test_a_file_that_is_not_there(tmp_path: Path, store: ResponseStore) -> None:
    outcome = import_files(store, [tmp_path / "none.json"])
    assert [one.reason for one in outcome.skipped] == ["can't be read (No such file or directory)"]


def test_what_is_imported_is_on_the_disk_when_it_is_counted(
    tmp_path: Path, store: ResponseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "sync", lambda: synced.append(store.last_sequence()))
    things = [write_file(tmp_path, {"type": "thing", "id": number, "title": ""}, f"{number}.json") for number in (1, 2)]
    assert import_files(store, things).new == 2
    assert synced == [2]


def test_the_user_can_stop_the_wait_for_a_pipe_to_which_no_program_writes(tmp_path: Path, store: ResponseStore) -> None:
    os.mkfifo(tmp_path / "pipe")
    outcome = import_files(store, [tmp_path / "pipe"], ImportOptions(is_stopped=lambda: True))
    assert outcome.stopped
    assert list_reasons(outcome) == ["a pipe to which no program has written"]
