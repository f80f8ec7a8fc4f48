"""Tests of a store on a full disk, in a read-only folder, or locked by a program that hangs.

Saved data is still read, data that cannot be saved is shown, and the messages name the disk as the cause.
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

THINGS = ("user-things", "username=ada")
SAVED = 19
"""Number of ada's things in the sandbox."""
URL = "https://api.flattr.com/rest/v2/users/ferdi/things"
PR_CAPBSET_DROP = 24
DAC = (1, 2)
"""The capabilities by which root ignores permissions: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


class ProcessResult(NamedTuple):
    """What a process printed, its exit code, and its duration in seconds."""

    code: int
    out: str
    err: str
    seconds: float


def run(home: Path, *arguments: str, prepare: Callable[[], None] | None = None) -> ProcessResult:
    """Run the program in a new process, with `home` as the parent of its data folder.

    `prepare` is called in the new process before the program starts.
    """
    environment = os.environ | {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home.parent / "no-config")}
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "flattr_tui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
        preexec_fn=prepare,
    )
    return ProcessResult(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - began)


def obey_permissions() -> None:
    """Drop the capabilities by which root ignores file permissions."""
    if os.geteuid() == 0:
        for capability in DAC:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with ada's things, shared by all tests."""
    home = tmp_path_factory.mktemp("filled") / "data"
    assert run(home, "sync", "--user", "ada", "--things").code == 0
    return home


@pytest.fixture
def home(shared_home: Path, tmp_path: Path) -> Path:
    """A copy of the data folder with ada's things, which the test may change."""
    shutil.copytree(shared_home, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file to import."""
    (tmp_path / "things.json").write_text(json.dumps([{"type": "thing", "id": 7, "title": "Seven"}]))
    return str(tmp_path / "things.json")


# -- a read-only folder


@pytest.fixture
def read_only_home(home: Path) -> Iterator[Path]:
    """The data folder, with permissions that forbid writing."""
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    for folder in folders:
        for path in folder.iterdir():
            if path.is_file():
                path.chmod(0o400)
        folder.chmod(0o500)
    yield home
    for folder in folders:
        folder.chmod(0o700)


@pytest.mark.parametrize("command", ["get", "cache info", "cache verify", "cache rescue", "accounts", "bundle", "sync"])
def test_a_folder_without_permission_is_named(home: Path, tmp_path: Path, command: str) -> None:
    more = {"get": THINGS, "bundle": [str(tmp_path / "all.zip")], "sync": ["--user", "ada"]}
    home.chmod(0)
    try:
        ended = run(home, *command.split(), *more.get(command, []), prepare=obey_permissions)
    finally:
        home.chmod(0o700)
    assert ended.code in {1, 2, 4}
    assert len(ended.err.splitlines()) == 1
    assert str(home) in ended.err
    assert "Permission denied" in ended.err


def leave_log(home: Path) -> None:
    """Write to both databases so that the data is only in their write-ahead logs, as after a kill of the program."""
    for database in (home / "flattr-tui/responses/cache.db", home / "flattr-tui/catalogue.sqlite"):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE more (x)")
            connection.commit()
            copies = [(path, path.read_bytes()) for path in (database, database.with_name(f"{database.name}-wal"))]
        for path, body in copies:
            path.write_bytes(body)
        database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
        assert copies[1][1]


@pytest.mark.parametrize("log", [False, True])
def test_a_read_only_store_is_read_and_not_changed(home: Path, tmp_path: Path, log: bool) -> None:
    if log:
        leave_log(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        folder.chmod(0o500)

    def command(*arguments: str) -> ProcessResult:
        return run(home, *arguments, prepare=obey_permissions)

    got = command("--offline", "get", *THINGS)
    assert (got.code, len(json.loads(got.out))) == (0, SAVED)
    assert "read-only" in got.err
    assert "Traceback" not in got.err
    exported = command("--offline", "export", *THINGS, "--format", "json")
    assert (exported.code, len(json.loads(exported.out))) == (0, SAVED)
    verified = command("cache", "verify")
    assert (verified.code, "damaged" in verified.err) == (0, False)
    assert command("cache", "verify", "--sweep").code == 0
    assert command("cache", "info").code == 0
    bundled = command("bundle", str(tmp_path / "all.zip"))
    assert bundled.code == 0
    assert "responses is read-only" in bundled.err
    assert run(tmp_path / "other", "import", str(tmp_path / "all.zip")).code == 0
    assert {path: path.read_bytes() for path in before} == before


def test_a_read_only_store_without_any_response_is_read(tmp_path: Path) -> None:
    home = tmp_path / "data"
    run(home, "--offline", "get", *THINGS)
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        folder.chmod(0o500)
    ended = run(home, "--offline", "get", *THINGS, prepare=obey_permissions)
    assert ended.code == 3
    assert "is read-only" in ended.err
    assert "no response to this is saved" in ended.err.splitlines()[-1]


def test_commands_that_must_save_fail_in_a_read_only_folder(read_only_home: Path, file: str) -> None:
    for arguments in (
        ("import", file, "--url", URL),
        ("sync", "--user", "melodia", "--things"),
        ("cache", "rebuild"),
        ("cache", "prune", "--source", "sandbox", "--yes"),
    ):
        ended = run(read_only_home, *arguments, prepare=obey_permissions)
        assert ended.code == 1
        assert "is read-only" in ended.err.splitlines()[-1]
    answered = run(read_only_home, "get", "user-things", "username=melodia", "count=3", prepare=obey_permissions)
    assert (answered.code, len(json.loads(answered.out))) == (0, 3)
    assert "It was not saved. " in answered.err


# -- a full disk


def forbid_growth() -> None:
    """Let no file of this process grow. This replaces a full disk on systems where no disk can be mounted."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


@pytest.fixture
def full_disk(home: Path, tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """The data folder on a full disk, and None.

    If no disk can be mounted: a data folder, and a function that each process has to call to simulate a full disk.
    """
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield home, forbid_growth
        return
    try:
        shutil.copytree(home, disk / "data")
        with (disk / "filling").open("wb", buffering=0) as filling, contextlib.suppress(OSError):
            while True:
                filling.write(bytes(4096))
        assert not os.statvfs(disk).f_bavail
        yield disk / "data", None
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_with_a_full_disk_saved_and_new_pages_are_shown(
    full_disk: tuple[Path, Callable[[], None] | None], tmp_path: Path, file: str
) -> None:
    home, prepare = full_disk
    saved = run(home, "--offline", "get", *THINGS, prepare=prepare)
    assert (saved.code, len(json.loads(saved.out))) == (0, SAVED)
    fetched = run(home, "get", "user-things", "username=melodia", "count=3", prepare=prepare)
    assert (fetched.code, len(json.loads(fetched.out))) == (0, 3)
    assert "new pages are not saved" in fetched.err
    verified = run(home, "cache", "verify", prepare=prepare)
    assert "The disk is full: unused files can't be looked for. Free some space" in verified.err or prepare
    for arguments in (("sync", "--user", "melodia", "--things"), ("import", file, "--url", URL)):
        ended = run(home, *arguments, prepare=prepare)
        assert ended.code == 1
        assert "The disk is full" in ended.err or prepare
        assert "imported." not in ended.out
        assert "server" not in ended.err
        assert "Traceback" not in ended.err
        assert "mistake" not in ended.err


# -- a lock that a stopped process holds


HOLD_FILE_LOCKS = """
import fcntl
files = [open(home / "flattr-tui" / name, "a") for name in (".responses.lock", ".catalogue.sqlite.lock")]
for file in files:
    fcntl.flock(file, fcntl.LOCK_EX)
"""
HOLD_TRANSACTIONS = """
import sqlite3
databases = home / "flattr-tui/responses/cache.db", home / "flattr-tui/catalogue.sqlite"
connections = [sqlite3.connect(database, isolation_level=None) for database in databases]
for connection in connections:
    connection.execute("BEGIN IMMEDIATE")
"""


@pytest.fixture(params=[HOLD_FILE_LOCKS, HOLD_TRANSACTIONS], ids=["file locks", "transactions"])
def locked_home(request: pytest.FixtureRequest, home: Path) -> Iterator[tuple[Path, int]]:
    """The data folder, and the id of a stopped process that holds the store's locks."""
    code = f"import os, signal; from pathlib import Path; home = Path({str(home)!r}){request.param}"
    with subprocess.Popen([sys.executable, "-c", f"{code}os.kill(os.getpid(), signal.SIGSTOP)"]) as holder:
        os.waitpid(holder.pid, os.WUNTRACED)
        yield home, holder.pid
        holder.kill()


def test_a_locked_store_is_read_and_the_process_is_named(locked_home: tuple[Path, int]) -> None:
    home, holder = locked_home
    saved = run(home, "--offline", "get", *THINGS)
    assert (saved.code, len(json.loads(saved.out))) == (0, SAVED)
    assert f"(process {holder}, started 2" in saved.err
    fetched = run(home, "get", "user-things", "username=melodia", "count=3")
    assert (fetched.code, len(json.loads(fetched.out))) == (0, 3)
    assert fetched.seconds < 30


def test_a_command_waits_until_a_lock_is_released(locked_home: tuple[Path, int], file: str) -> None:
    home, holder = locked_home
    environment = os.environ | {"XDG_DATA_HOME": str(home)}
    command: Sequence[str] = [sys.executable, "-m", "flattr_tui", "import", file, "--url", URL]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stderr is not None
        assert f"(process {holder}, started 2" in it.stderr.readline()
        os.kill(holder, signal.SIGCONT)
        out, _ = it.communicate(timeout=60)
    assert it.returncode == 0
    assert out.startswith("1 imported.")


def test_too_few_open_files_are_refused_before_a_store_is_called_damaged(tmp_path: Path) -> None:
    def allow(soft: int, hard: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert run(tmp_path, "get", *THINGS, "--quiet", prepare=allow(16, 1024)).code == 0
    refused = run(tmp_path, "get", *THINGS, "--quiet", prepare=allow(16, 16))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("flattr-tui: Only 16 files may be open at a time")
    assert run(tmp_path, "--offline", "get", *THINGS, "--quiet", prepare=allow(32, 32)).err == ""


def test_a_folder_that_cannot_be_read_is_left_out_of_an_import_by_name(tmp_path: Path) -> None:
    closed = tmp_path / "saved" / "closed"
    closed.mkdir(parents=True)
    (tmp_path / "saved" / "ada.json").write_text('{"type": "user", "username": "ada"}')
    closed.chmod(0)
    ended = run(tmp_path / "data", "import", str(closed.parent), prepare=obey_permissions)
    assert (ended.code, ended.out.splitlines()[0]) == (0, "1 imported, 1 left out.")
    assert ended.err == f"flattr-tui: left out: {closed.parent}: closed: can't be read (Permission denied)\n"


def test_a_response_whose_row_cannot_be_written_leaves_no_file(home: Path) -> None:
    """The value of a response is written first, to a small file, and then its row, to a larger one."""
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (512 * 1024, resource.RLIM_INFINITY))
    before = set(home.rglob("*.val"))
    ended = run(home, "sync", "--user", "melodia", "--follow-owners", prepare=limit)
    assert "can't be written" in ended.err
    assert set(home.rglob("*.val")) > before
    assert run(home, "cache", "verify").out.endswith("can be read; all is well.\n")
