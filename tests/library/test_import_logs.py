"""Tests of the import of logs and notes with responses in them, of JSON5, and of files that are compressed twice."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY_SECONDS

ADDRESS = f"{BASE}/things/search?query=a"
BODY = json.dumps({"total_items": 1, "items": 1, "things": [{"type": "thing", "id": 7, "title": "Łódź"}]})
DATE = "Date: Tue, 06 May 2014 07:08:09 GMT"
OKHTTP = (
    f"--> GET {ADDRESS} http/1.1\nAuthorization: Bearer planted-secret\n--> END GET\n<-- 200 OK {ADDRESS} (12ms)\n"
    f"{DATE}\n\n{BODY}\n<-- END HTTP (99-byte body)\n"
)
MESSAGES = (
    "GET /rest/v2/things/search?query=a HTTP/1.1\r\nHost: api.flattr.com\r\nCookie: planted-secret\r\n\r\n",
    f"HTTP/1.1 200 OK\r\n{DATE}\r\n\r\n",
)


def _prefix_lines(text: str, prefix: str) -> str:
    return "".join(f"{prefix.format(number)}{line}\n" for number, line in enumerate(text.splitlines()))


def _log_as_apache(text: str, mark: str) -> str:
    logged = "".join(
        char if " " <= char <= "~" else "".join(f"[0x{byte:x}]" for byte in char.encode()) for char in text
    )
    logged = logged.replace("[0xd]", "[\\r]").replace("[0xa]", "[\\n]\n")
    return "".join(
        f'2014-05-06 DEBUG [org.apache.http.wire] - http-0 {mark} "{line}"\n' for line in logged.splitlines()
    )


LOGS = {
    "OkHttp": OKHTTP,
    "OkHttp, Android": _prefix_lines(OKHTTP, "05-06 09:08:0{}.123  1234  5678 D OkHttp  : "),
    "OkHttp, java.util.logging": _prefix_lines(
        OKHTTP, "May 06, 2014 9:08:0{} AM okhttp3.internal.platform.Platform log\nINFO: "
    ),
    "Apache HttpClient": _log_as_apache(MESSAGES[0], ">>") + _log_as_apache(MESSAGES[1] + BODY, "<<"),
    "http.client": f"send: {MESSAGES[0].encode()!r}\nreply: 'HTTP/1.1 200 OK\\r\\n'\nheader: {DATE}\n{BODY}\n",
    "HTTP client of JetBrains": f"GET {ADDRESS}\n\nHTTP/1.1 200 OK\n{DATE}\nContent-Length: 9\n\n{BODY}\n\n"
    "Response code: 200 (OK); Time: 12ms (12 ms); Content length: 99 bytes (99 B)\n",
}
FLATTRS = [
    json.dumps({"type": "flattr", "owner": {"type": "user", "username": "ada"}, "thing": {"id": at}, "created_at": at})
    for at in (2, 1)
]
USER = '{"type": "user", "username": "ada"}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def import_data(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved") -> ImportOutcome:
    (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / name, (1500, 1500))
    return import_files(store, [tmp_path / name])


def saved_requests(store: ResponseStore) -> list[str]:
    return [str(one.request) for one in store.iter_responses()]


@pytest.mark.parametrize("program", LOGS)
def test_a_log_of_an_http_client_has_the_address_and_the_date(
    store: ResponseStore, tmp_path: Path, program: str
) -> None:
    outcome = import_data(store, tmp_path, LOGS[program].encode())
    assert outcome.skipped == []
    [saved] = store.iter_responses()
    assert (str(saved.request), saved.fetched_at, saved.body.decode().strip()) == ("search query=a", DAY_SECONDS, BODY)


def test_a_long_line_that_android_has_split_is_joined(store: ResponseStore, tmp_path: Path) -> None:
    body = BODY.replace("Łódź", "a" * 5000)
    lines = "".join(
        "\n".join(re.findall(r".{1,4000}", line)) + "\n" for line in OKHTTP.replace(BODY, body).splitlines()
    )
    import_data(store, tmp_path, _prefix_lines(lines.replace(f"{DATE}\n", f"{DATE}\n\n"), "D/OkHttp: ").encode())
    assert [saved.body.decode().strip() for saved in store.iter_responses()] == [body]


@pytest.mark.parametrize(
    "text",
    [
        "start\n{}\n{}\nend\n",
        "x {}\n{}\n",
        "09:08 INFO got {}\n09:09 INFO got {}\n",
        "[2014-05-06 09:08:09] app.DEBUG: {}\n[2014-05-06 09:08:10] app.DEBUG: {} []\n",
        "# Notes\n\n```json\n[{},\n {}]\n```\n",
        "~~~ REQUEST ~~~\nGET  /rest/v2/users/ada/flattrs  HTTP/1.1\n~~~ RESPONSE ~~~\nBODY   :\n[{}, {}]\n=====\n",
        "\ufeff{}\n\ufeff{}\n",
    ],
)
def test_objects_in_a_text_are_one_list(store: ResponseStore, tmp_path: Path, text: str) -> None:
    outcome = import_data(store, tmp_path, text.format(*FLATTRS).encode())
    assert (saved_requests(store), outcome.skipped) == (["user-flattrs full=1 username=ada"], [])
    assert [json.loads(saved.body)[1]["created_at"] for saved in store.iter_responses()] == [1]


def test_a_part_of_an_object_that_is_cut_off_in_a_text_is_no_response(store: ResponseStore, tmp_path: Path) -> None:
    cut = json.dumps(json.loads(FLATTRS[0]), indent=2)[:-20]
    outcome = import_data(store, tmp_path, f"got\n{cut}\nthen\n{USER.replace('ada', 'bob')}\n".encode())
    assert saved_requests(store) == ["user username=bob"]
    assert [one.place for one in outcome.skipped] == ["line 2"]


def test_a_list_of_several_kinds_loses_none_of_them(store: ResponseStore, tmp_path: Path) -> None:
    things = [f'{{"type": "thing", "id": {at}, "owner": {{"username": "ada"}}, "created_at": {at}}}' for at in (5, 4)]
    rows = ",".join([*FLATTRS, *things, USER, USER.replace("ada", "bob")])
    assert import_data(store, tmp_path, f"[{rows}]".encode()).skipped == []
    assert sorted(saved_requests(store)) == [
        "user username=ada",
        "user username=bob",
        "user-flattrs full=1 username=ada",
        "user-things full=1 username=ada",
    ]


def test_a_list_of_users_is_read_as_their_profiles(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, f"[{USER}, {USER.replace('ada', 'bob')}]".encode())
    assert saved_requests(store) == ["user username=ada", "user username=bob"]


def test_values_that_r_wrote_as_lists_are_read(store: ResponseStore, tmp_path: Path) -> None:
    text = '[{"type": ["thing"], "id": [7], "title": ["a [b]"], "owner": {"username": ["ada"]}, "tags": ["x", "y"]}]'
    import_data(store, tmp_path, text.encode())
    [saved] = store.iter_responses()
    assert json.loads(saved.body)[0] == {
        "type": "thing", "id": 7, "title": "a [b]", "owner": {"username": "ada"}, "tags": ["x", "y"]
    }  # fmt: skip


def test_responses_in_a_table_are_read(store: ResponseStore, tmp_path: Path) -> None:
    rows = [
        f'{BASE}/users/{name},"{USER.replace("ada", name).replace(chr(34), chr(34) * 2)}"' for name in ("ada", "bo")
    ]
    import_data(store, tmp_path, "\n".join(["url,body", *rows]).encode())
    assert saved_requests(store) == ["user username=ada", "user username=bo"]


@pytest.mark.parametrize("start", ["", "---\n"])
def test_yaml_is_known_by_its_content(store: ResponseStore, tmp_path: Path, start: str) -> None:
    import_data(store, tmp_path, f"{start}type: user\nusername: ada\n".encode(), "ada.txt")
    assert saved_requests(store) == ["user username=ada"]


@pytest.mark.parametrize(
    "text",
    [
        "{type: 'user', username: 'ada', about: 'it\\'s \"a\"'}",
        "// saved\n{\n  type: 'user', // a: b\n  username: \"ada\", /* 'c' */\n  about: 'it\\'s \"a\"',\n}\n",
    ],
)
def test_json5_is_read(store: ResponseStore, tmp_path: Path, text: str) -> None:
    import_data(store, tmp_path, text.encode())
    [saved] = store.iter_responses()
    assert json.loads(saved.body) == {"type": "user", "username": "ada", "about": 'it\'s "a"'}


def test_a_file_that_is_compressed_twice_is_read(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, gzip.compress(gzip.compress(USER.encode())))
    assert saved_requests(store) == ["user username=ada"]


def test_a_file_that_is_compressed_many_times_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    data = USER.encode()
    for _ in range(6):
        data = gzip.compress(data)
    outcome = import_data(store, tmp_path, data)
    assert [one.reason for one in outcome.skipped] == ["is compressed several times, which is not read"]


def test_rubbish_after_compressed_data_costs_only_itself(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, gzip.compress(USER.encode()) + b"rubbish")
    assert saved_requests(store) == ["user username=ada"]
    assert [one.reason for one in outcome.skipped] == ["is damaged; what came before was read"]


def test_a_file_that_brotli_packed_is_known_by_its_name(store: ResponseStore, tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    import_data(store, tmp_path, brotli.compress(USER.encode()), "ada.json.br")
    assert saved_requests(store) == ["user username=ada"]


def test_a_body_of_a_browsers_cache_in_a_har_file_is_read(store: ResponseStore, tmp_path: Path) -> None:
    response = {"status": 304, "content": {"text": USER}}
    entries = [{"request": {"method": "GET", "url": f"{BASE}/users/ada"}, "response": response}]
    import_data(store, tmp_path, json.dumps({"log": {"entries": entries}}).encode())
    assert [(str(saved.request), saved.status) for saved in store.iter_responses()] == [("user username=ada", 200)]
