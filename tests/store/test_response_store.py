"""Tests that saved responses stay readable, whatever happens to the files of the response store or to the program."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui import zstd
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.integrity_check import verify
from flattr_tui.store.response_store import AccountSize, ResponseStore
from flattr_tui.store.safe_databases import DATABASE, PickleFreeDisk, open_cache
from flattr_tui.store.shared_files import list_set_aside
from flattr_tui.store.stored_response import (
    MAX_UNPACKED,
    ResponseKey,
    StoredResponse,
    content_digest,
    decode,
    encode,
    parse_tag,
    row_key,
)
from tests.any_text import any_text
from tests.store.sample_responses import ADA, response

LARGE = json.dumps(random.Random(1).randbytes(100_000).decode("latin-1"), ensure_ascii=False).encode()
"""A body that, even compressed, is so large that the store keeps it in its own file."""
WIDE = b"[" + b" " * 100_000 + b"]"
"""A large body that is small when it is compressed."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def store(folder: Path, notices: list[str]) -> Iterator[ResponseStore]:
    store = ResponseStore.open(folder, notice=notices.append)
    yield store
    store.close()


def execute_sql(folder: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        assert connection.execute(sql, values).rowcount


texts = any_text(max_size=8)
response_keys = st.builds(
    ResponseKey,
    source=texts,
    account=texts,
    request=st.builds(ApiRequest.of, texts, st.dictionaries(texts, texts, max_size=3)),
    page=st.integers(0, 3),
    count=st.integers(0, 100),
    format=texts,
)


@given(response_keys, response_keys)
def test_equal_response_keys_and_only_those_share_a_database_key(one: ResponseKey, other: ResponseKey) -> None:
    assert (one.key == other.key) == (one == other)
    assert parse_tag(one.tag) == (one.source, one.account)
    one.key.encode()


@given(response_keys, st.binary(max_size=50), st.floats(0, 2e9), st.integers(0, 2**53), st.none() | texts)
def test_a_response_is_read_as_it_was_written(key: ResponseKey, body: bytes, at: float, number: int, etag: str) -> None:
    stored = response(
        body, at=at, sequence=number, etag=etag, **{name: getattr(key, name) for name in key.__struct_fields__}
    )
    data = encode(stored, content_digest(stored))
    assert decode(data, number, verify=True) == stored
    assert stored.response_key == key
    with pytest.raises(CorruptRowError):
        decode(data, number + 1)


@given(st.binary(max_size=200), st.sampled_from([b"", b"FR1", b"FR2", b"FR3"]))
def test_odd_bytes_are_a_corrupt_row_and_nothing_worse(data: bytes, mark: bytes) -> None:
    with pytest.raises(CorruptRowError):
        decode((mark + b"\0" * 16 if mark else b"") + data, 1)


def test_a_page_takes_a_fraction_of_its_size_on_disk(folder: Path, notices: list[str]) -> None:
    page = json.dumps([{"type": "flattr", "created_at": 1_300_000_000 + number} for number in range(100)]).encode()
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        store.put(response(page))
        assert store.account_sizes()[0].bytes < len(page) / 4


def test_a_response_that_is_not_shorter_when_compressed_is_not_packed(folder: Path, notices: list[str]) -> None:
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        store.put(response(random.Random(1).randbytes(2_000)))
        assert store.pack(lambda *_: None) == 0


def test_a_row_that_unpacks_to_far_too_much_is_damaged() -> None:
    too_much = b"\0" * (MAX_UNPACKED + 1)
    for data in (b"FR2" + b"\0" * 16 + zlib.compress(too_much, 9), b"FR3" + b"\0" * 16 + zstd.compress(too_much)):
        with pytest.raises(CorruptRowError, match="damaged"):
            decode(data, 1)


def test_responses_that_an_older_version_compressed_by_zlib_are_read_and_can_be_packed(
    folder: Path, notices: list[str]
) -> None:
    page = json.dumps([{"type": "flattr", "created_at": 1_300_000_000 + number} for number in range(100)]).encode()
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        stored = store.put(response(page)).stored
        older = b"FR2" + content_digest(stored) + zlib.compress(msgspec.msgpack.encode(stored), 5)
        with closing(open_cache(folder)) as cache:
            cache.set(row_key(1), older, tag=stored.tag)
        assert store.get(1) == stored
        before = store.account_sizes()[0].bytes
        assert store.pack(lambda *_: None) == 1
        assert store.get(1) == stored
        assert store.account_sizes()[0].bytes < before
        assert store.pack(lambda *_: None) == 0
    assert notices == []


@pytest.mark.parametrize("body", [b"[" + b" " * 5000 + b"]", WIDE])
def test_uncompressed_responses_of_an_older_version_are_read_and_can_be_packed(
    folder: Path, notices: list[str], body: bytes
) -> None:
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        stored = store.put(response(body)).stored
        plain = b"FR1" + content_digest(stored) + msgspec.msgpack.encode(stored)
        with closing(open_cache(folder)) as cache:
            cache.set(row_key(1), plain, tag=stored.tag)
        assert store.get(1) == stored
        before = store.account_sizes()[0].bytes
        steps: list[tuple[int, int]] = []
        assert store.pack(lambda done, of: steps.append((done, of))) == 1
        assert steps == [(1, 1)]
        assert store.get(1) == stored
        assert store.account_sizes()[0].bytes < before / 4
        assert store.pack(lambda *_: None) == 0
    assert notices == []


class _StoppedError(Exception):
    """Stands for a `kill -9`."""


def test_packing_that_is_stopped_loses_nothing(
    folder: Path, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        stored = store.put(response(WIDE)).stored
        with closing(open_cache(folder)) as cache:
            plain = b"FR1" + content_digest(stored) + msgspec.msgpack.encode(stored)
            cache.set(row_key(1), plain, tag=stored.tag)

    def remove_and_stop(disk: PickleFreeDisk, path: object) -> None:
        remove(disk, path)
        raise _StoppedError

    remove = PickleFreeDisk.remove
    with closing(ResponseStore.open(folder, notice=notices.append)) as store, monkeypatch.context() as patched:
        patched.setattr(PickleFreeDisk, "remove", remove_and_stop)
        with pytest.raises(_StoppedError):
            store.pack(lambda *_: None)
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        assert store.get(1) == stored
    assert notices == []


def test_other_programs_can_write_while_a_response_is_written_to_the_disk(
    store: ResponseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def sync(descriptor: int) -> None:
        with closing(sqlite3.connect(folder / DATABASE, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", sync)
    store.put(response(LARGE))
    (file,) = folder.glob("??/??/*.val")
    assert synced == [file.stat().st_ino]


def test_a_response_lost_by_the_disk_counts_as_not_saved(
    store: ResponseStore, folder: Path, notices: list[str]
) -> None:
    store.put(response(LARGE, etag='"1"'))
    (file,) = folder.glob("??/??/*.val")
    for left in (file.read_bytes()[: len(LARGE) // 2], bytes(1000), b""):
        file.write_bytes(left)
        assert store.latest(response().response_key) is None
        (finding,) = verify(folder, folder.with_name("none"), lambda *_: None).findings
        assert finding.startswith("Saved response 1")
        assert "to fetch it" in finding
    assert store.put(response(LARGE)).is_new
    assert store.latest(response().response_key) is not None
    assert "Saved response 1 is" in notices[0]


@pytest.mark.parametrize("body", [b"[]", LARGE])
def test_newest_after_a_restart(folder: Path, notices: list[str], body: bytes) -> None:
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        result = store.put(response(body, etag='"1"', content_type="application/json; charset=utf-8"))
        assert (result.is_new, result.stored.sequence) == (True, 1)
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        assert store.latest(response().response_key) == result.stored
        assert store.latest(response(page=2).response_key) is None
        assert store.latest(response(account="ada").response_key) is None
    assert notices == []


def test_an_equal_body_only_updates_checked_at(store: ResponseStore) -> None:
    store.put(response(b"[1]", at=1000, etag='"a"'))
    result = store.put(response(b"[1]", at=2000))
    assert not result.is_new
    assert (result.stored.sequence, result.stored.fetched_at, result.stored.checked_at) == (1, 1000, 2000)
    assert store.latest(response().response_key) == result.stored
    assert store.touch(response().response_key, 3000)
    assert not store.touch(response(page=9).response_key, 3000)
    newest = store.latest(response().response_key)
    assert newest
    assert (newest.checked_at, newest.etag) == (3000, '"a"')
    assert [stored.checked_at for stored in store.iter_responses()] == [3000]


def test_a_different_body_is_appended(store: ResponseStore) -> None:
    bodies = [b"[1]", b"[2,1]", b"[1]"]
    assert [store.put(response(body, at=at)).stored.sequence for at, body in enumerate(bodies, 1)] == [1, 2, 3]
    store.put(response(b"[0]", page=2))
    assert [stored.body for stored in store.iter_responses()] == [*bodies, b"[0]"]
    assert [stored.sequence for stored in store.iter_responses(2)] == [3, 4]
    newest = store.latest(response().response_key)
    assert newest
    assert newest.sequence == 3


def test_another_status_or_type_is_another_response(store: ResponseStore) -> None:
    assert [store.put(r).is_new for r in (response(), response(status=404), response(content_type="text/xml"))] == [
        True
    ] * 3


def test_sizes_and_removing_one_account(store: ResponseStore, folder: Path) -> None:
    store.put(response(b"[1]"))
    store.put(response(b"[2]", account="ada"))
    store.put(response(LARGE, account="ada"))
    store.put(response(b"[3]", source="https://flattr.test/rest/v2", account="ada"))
    sizes = {(size.source, size.account): size for size in store.account_sizes()}
    assert sizes["sandbox", "ada"].responses == 2
    assert sizes["sandbox", "ada"].bytes > len(LARGE) / 2
    assert store.delete_account("sandbox", "ada") == 2
    assert store.latest(response(account="ada").response_key) is None
    assert [stored.sequence for stored in store.iter_responses()] == [1, 4]
    assert len(list(folder.rglob("*.val"))) == 2
    assert store.put(response(b"[2]", account="ada")).stored.sequence == 5, "no sequence number is given twice"


def test_one_damaged_response_costs_itself(store: ResponseStore, folder: Path, notices: list[str]) -> None:
    store.put(response(b"[1]"))
    store.put(response(b"[2]"))
    store.put(response(b"[3]", page=2))
    execute_sql(folder, "UPDATE Cache SET value = x'00' WHERE key LIKE 'r/%2'")
    newest = store.latest(response().response_key)
    assert newest
    assert newest.body == b"[1]", "the version before it is the latest now"
    assert [stored.body for stored in store.iter_responses()] == [b"[1]", b"[3]"]
    assert len(notices) == 1
    assert store.put(response(b"[2]")).is_new


@pytest.mark.parametrize("counter", [b"", b"x", b"0"])
def test_a_damaged_counter_or_pointer_overwrites_nothing(store: ResponseStore, folder: Path, counter: bytes) -> None:
    store.put(response(b"[1]"))
    store.put(response(b"[2]"))
    execute_sql(folder, "UPDATE Cache SET value = ? WHERE key = 'sequence'", counter)
    execute_sql(folder, "UPDATE Cache SET value = x'ff' WHERE key LIKE 'n/%'")
    assert store.latest(response().response_key) is None
    assert store.put(response(b"[3]")).stored.sequence == 3
    assert [stored.body for stored in store.iter_responses()] == [b"[1]", b"[2]", b"[3]"]


def overwrite(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def truncate(folder: Path) -> None:
    data = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(data[: len(data) // 3])


def set_future_version(folder: Path) -> None:
    set_pragma(folder, "PRAGMA user_version = 99")


def set_foreign_id(folder: Path) -> None:
    set_pragma(folder, "PRAGMA application_id = 7")


def set_pragma(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute(sql)


@pytest.mark.parametrize("damage", [overwrite, truncate, set_future_version, set_foreign_id])
def test_an_unusable_database_is_set_aside_and_named(folder: Path, notices: list[str], damage: object) -> None:
    assert callable(damage)
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        for number in range(50):
            store.put(response(json.dumps([number] * 1000).encode()))
    damage(folder)
    before = (folder / DATABASE).read_bytes()
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        assert store.put(response()).stored.sequence == 1
        assert not store.temporary
    assert len(notices) == 1
    (aside,) = list_set_aside(folder.parent)
    assert aside.name in notices[0]
    assert (aside / DATABASE).read_bytes()[100:] == before[100:]
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        assert store.latest(response().response_key)
    assert len(notices) == 1


def test_a_file_in_place_of_the_folder_is_set_aside(folder: Path, notices: list[str]) -> None:
    folder.write_text("mine")
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        store.put(response())
    (aside,) = list_set_aside(folder.parent)
    assert aside.read_text() == "mine"


def test_a_database_that_breaks_while_it_is_open(folder: Path, notices: list[str]) -> None:
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        for number in range(50):
            store.put(response(json.dumps([number] * 1000).encode(), page=number))
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        size = (folder / DATABASE).stat().st_size
        with (folder / DATABASE).open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        assert store.latest(response(page=1).response_key) is None
        assert store.put(response()).is_new
        assert store.latest(response().response_key)
    assert len(notices) == 1
    assert len(list_set_aside(folder.parent)) == 1


def test_a_thread_that_keeps_its_connection_leaves_a_store_that_another_program_has_replaced(
    folder: Path, store: ResponseStore, notices: list[str]
) -> None:
    def run() -> None:
        store.keep_connection()
        store.put(response())
        folder.rename(folder.with_name("aside"))
        with closing(ResponseStore.open(folder, notice=notices.append)) as other:
            store.put(response(page=2))
            assert other.latest(response(page=2).response_key)
        store.close_connection()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def test_where_nothing_can_be_written_a_temporary_store_takes_over(
    tmp_path: Path, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    (place := tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    store = ResponseStore.open(tmp_path / "file" / "store", notice=notices.append)
    assert store.temporary
    assert store.put(response()).is_new
    assert store.latest(response().response_key)
    assert len(notices) == 1
    assert "writable" in notices[0]
    assert list(place.iterdir())
    store.close()
    assert not list(place.iterdir())


def test_invalid_text_is_refused(store: ResponseStore) -> None:
    with pytest.raises(StoreError):
        store.put(response(url="\ud800"))
    assert store.last_sequence() == 0


def test_threads_write_at_once(store: ResponseStore) -> None:
    def write(thread: int) -> None:
        for number in range(20):
            store.put(response(f"[{thread},{number}]".encode(), page=thread))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [stored.sequence for stored in store.iter_responses()] == list(range(1, 81))
    for page in range(4):
        newest = store.latest(response(page=page).response_key)
        assert newest
        assert newest.body == f"[{page},19]".encode()


WRITER = """
import random
import sys
from pathlib import Path
from flattr_tui.store.response_store import ResponseStore
from tests.store.sample_responses import response

def fail(sentence):
    sys.exit(sentence)

store = ResponseStore.open(Path(sys.argv[1]), notice=fail)
for number in range(int(sys.argv[3])):
    large = random.Random(number).randbytes(60_000 * (number % 2)).hex()
    body = f'["{sys.argv[2]}", {number}, "{large}"]'.encode()
    stored = store.put(response(body, page=number % 3, account=sys.argv[2])).stored
    print(stored.sequence, number, flush=True)
store.close()
"""


def start_writer(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_two_programs_lose_no_update_of_each_other(folder: Path, notices: list[str]) -> None:
    writers = [start_writer(folder, name, 60) for name in ("ada", "bob")]
    written: dict[int, tuple[str, int]] = {}
    for name, writer in zip(("ada", "bob"), writers, strict=True):
        lines, _ = writer.communicate()
        assert writer.returncode == 0
        for line in lines.splitlines():
            sequence, number = map(int, line.split())
            assert sequence not in written
            written[sequence] = (name, number)
    with closing(ResponseStore.open(folder, notice=notices.append)) as store:
        result = {stored.sequence: tuple(json.loads(stored.body)[:2]) for stored in store.iter_responses()}
        assert result == written
        assert store.account_sizes()[0] == AccountSize("sandbox", "ada", 60, store.account_sizes()[0].bytes)
        for name in ("ada", "bob"):
            newest = store.latest(response(account=name, page=2).response_key)
            assert newest
            assert json.loads(newest.body)[1] == 59
    assert notices == []


@pytest.mark.parametrize("seed", range(3))
def test_kill_9_leaves_every_stored_page_readable(folder: Path, notices: list[str], seed: int) -> None:
    chance = random.Random(seed)
    result = 0
    for _ in range(2):
        writer = start_writer(folder, "ada", 10_000)
        assert writer.stdout
        acknowledged = 0
        for _ in range(chance.randrange(1, 60)):
            acknowledged = int(writer.stdout.readline().split()[0])
        writer.kill()
        writer.communicate()
        with closing(ResponseStore.open(folder, notice=notices.append)) as store:
            sequences = [stored.sequence for stored in store.iter_responses()]
            assert sequences == list(range(1, len(sequences) + 1))
            assert len(sequences) >= max(acknowledged, result)
            result = len(sequences)
            for stored in store.iter_responses():
                json.loads(stored.body)
    assert notices == []


def test_the_request_survives(store: ResponseStore) -> None:
    stored: StoredResponse = store.put(response(response_kind=ResponseKind.SEARCH)).stored
    assert stored.request == ADA
    assert store.get(1) == stored
    assert store.get(2) is None


def test_a_stored_response_has_the_field_names_of_older_versions(tmp_path: Path) -> None:
    """Stores and bundles that older versions wrote call the kind of a response its `answer`."""
    with closing(ResponseStore.open(tmp_path, notice=print)) as store:
        stored = store.put(response()).stored
        fields = msgspec.to_builtins(stored)
    assert fields["answer"] == stored.response_kind == "flattrs"
