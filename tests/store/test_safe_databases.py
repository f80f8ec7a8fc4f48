"""Tests that a store from an untrusted source runs no code, and reads no file outside its folder (CVE-2025-69872)."""

import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import diskcache
import pytest

from flattr_tui.store.errors import CorruptRowError, StoreError, UnusableStoreError
from flattr_tui.store.safe_databases import DATABASE, open_cache

LARGE = b"x" * 100_000


class Bomb:
    """An object that creates a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.trace,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def execute_sql(folder: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        assert connection.execute(sql, values).rowcount


def test_bytes_come_back(folder: Path) -> None:
    for value in (b"", b"small", LARGE):
        with open_cache(folder) as cache:
            cache.set("key", value)
        with open_cache(folder) as cache:
            assert cache.get("key") == value


def test_everything_is_private(folder: Path) -> None:
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        for path in [folder, *folder.rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("value", [1, 1.5, "text", None, ["list"], bytearray(b"x")])
def test_only_bytes_are_kept(folder: Path, value: object) -> None:
    with open_cache(folder) as cache:
        with pytest.raises(StoreError):
            cache.set("key", value)
        assert "key" not in cache


@pytest.mark.parametrize("key", [1, 1.5, b"bytes", None, ("a", "tuple")])
def test_only_text_is_a_key(folder: Path, key: object) -> None:
    with open_cache(folder) as cache, pytest.raises(StoreError):
        cache.set(key, b"value")


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_pickled_value_is_never_loaded(folder: Path, tmp_path: Path, size: str) -> None:
    trace = tmp_path / "trace"
    bomb = pickle.dumps(Bomb(trace))
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        if size == "small":
            execute_sql(folder, "UPDATE Cache SET mode = 4, filename = NULL, value = ?", bomb)
        else:
            next(folder.rglob("*.val")).write_bytes(bomb)
            execute_sql(folder, "UPDATE Cache SET mode = 4")
        with pytest.raises(CorruptRowError):
            cache.get("key")
    assert not trace.exists()
    pickle.loads(bomb)
    assert trace.exists(), "unpickling the bomb creates the file"


def test_a_pickled_key_is_never_loaded(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with open_cache(folder) as cache:
        cache.set("key", b"value")
        execute_sql(folder, "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bomb(trace)))
        with pytest.raises(CorruptRowError):
            list(cache)
        with pytest.raises(CorruptRowError):
            cache.peekitem()
    assert not trace.exists()


def test_a_malicious_diskcache_of_somebody_else_is_not_even_opened(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with diskcache.Cache(str(folder)) as cache:
        cache.set("key", Bomb(trace))
        cache.set(Bomb(trace), b"value")
    with pytest.raises(UnusableStoreError):
        open_cache(folder)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["../../x", "/etc/hostname", "../secret", "aa/bb/../../../secret", "aa/bb/x.val", ""])
def test_a_file_outside_is_neither_read_nor_removed(folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path.parent / "x").write_bytes(b"secret")
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        execute_sql(folder, "UPDATE Cache SET filename = ?", name)
        with pytest.raises(CorruptRowError):
            cache.get("key")
        cache.delete("key")
        assert "key" not in cache
    assert (tmp_path / "secret").exists()
    assert (tmp_path.parent / "x").exists()


def test_an_absolute_name_is_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        execute_sql(folder, "UPDATE Cache SET filename = ?", str(tmp_path / "secret"))
        with pytest.raises(CorruptRowError):
            cache.get("key")


@pytest.mark.parametrize("part", ["file", "folder"])
def test_a_symbolic_link_is_not_followed(folder: Path, tmp_path: Path, part: str) -> None:
    outside = tmp_path / "outside"
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        path = next(folder.rglob("*.val"))
        path = path if part == "file" else path.parent
        path.rename(outside)
        path.symlink_to(outside)
        with pytest.raises(CorruptRowError):
            cache.get("key")


def test_a_pipe_does_not_hang(folder: Path) -> None:
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        path = next(folder.rglob("*.val"))
        path.unlink()
        os.mkfifo(path)
        with pytest.raises(CorruptRowError):
            cache.get("key")


def test_a_file_that_is_gone_is_an_error_and_no_missing_key(folder: Path) -> None:
    with open_cache(folder) as cache:
        cache.set("key", LARGE)
        next(folder.rglob("*.val")).unlink()
        with pytest.raises(CorruptRowError):
            cache.get("key")


def test_settings_of_the_file_are_not_believed(folder: Path) -> None:
    with open_cache(folder) as cache:
        cache.set("key", b"value")
        execute_sql(folder, "UPDATE Settings SET value = 'least-recently-used' WHERE key = 'eviction_policy'")
        execute_sql(folder, "UPDATE Settings SET value = 1 WHERE key = 'size_limit'")
    with open_cache(folder) as cache:
        assert (cache.eviction_policy, cache.statistics, cache.cull_limit) == ("none", 0, 0)
        assert cache.size_limit > 2**60
    execute_sql(folder, "INSERT INTO Settings VALUES ('_disk', 'x')")
    with pytest.raises(UnusableStoreError):
        open_cache(folder)
