"""Tests that tokens are kept in the keyring or a private file, survive damage, and are never shown."""

import errno
import fcntl
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from flattr_tui.api.errors import LoginError, TokenLeftError
from flattr_tui.api.token_store import VARIABLE, Token, TokenStore

TOKEN = Token("s3cret-access", ("flattr", "thing"), "s3cret-refresh", 99.0)
SOURCE = "https://api.flattr.com/rest/v2"


class MemoryKeyring(KeyringBackend):
    """A keyring in memory that can be locked."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise PasswordSetError("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.locked:
            raise KeyringLocked("locked")
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("none")


@pytest.fixture(autouse=True)
def restore_keyring() -> Iterator[None]:
    """Use a keyring that always fails, before and after each test."""
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]


@pytest.fixture
def memory_keyring() -> MemoryKeyring:
    """The keyring in memory, which the test uses."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    return backend


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "private" / "tokens.json"


def test_a_keyring_that_is_switched_off_keeps_tokens_in_the_file(file: Path) -> None:
    keyring.set_keyring(NullKeyring())  # type: ignore[no-untyped-call]
    TokenStore(file).save(SOURCE, "ada", TOKEN)
    assert TokenStore(file).load(SOURCE, "ada") == TOKEN


def make_store(file: Path, **options: object) -> TokenStore:
    return TokenStore(file, environment={}, **options)  # type: ignore[arg-type]


def file_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_without_a_keyring_tokens_are_in_a_private_file(file: Path) -> None:
    tokens = make_store(file)
    assert tokens.load(SOURCE, "ada") is None
    tokens.save(SOURCE, "ada", TOKEN)
    tokens.save(SOURCE, "grace", Token("other"))
    tokens.save("sandbox", "ada", Token("third"))
    again = make_store(file)
    assert again.load(SOURCE, "ada") == TOKEN
    assert again.accounts(SOURCE) == ("ada", "grace")
    assert again.accounts("nowhere") == ()
    assert (file_mode(file), file_mode(file.parent)) == (0o600, 0o700)
    again.remove(SOURCE, "ada")
    again.remove(SOURCE, "ada")
    assert (again.accounts(SOURCE), again.load(SOURCE, "ada")) == (("grace",), None)
    assert sorted(path.name for path in file.parent.iterdir()) == [".tokens.json.lock", "tokens.json"]


def test_a_file_readable_by_others_is_made_private(file: Path) -> None:
    make_store(file).save(SOURCE, "ada", TOKEN)
    file.chmod(0o644)
    assert make_store(file).load(SOURCE, "ada") == TOKEN
    assert file_mode(file) == 0o600


def test_a_token_is_read_where_the_files_mode_cannot_be_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_store(file).save(SOURCE, "ada", TOKEN)

    def refuse(descriptor: int, mode: int) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("os.fchmod", refuse)
    assert make_store(file).load(SOURCE, "ada") == TOKEN


def test_with_a_keyring_the_file_has_no_token(file: Path, memory_keyring: MemoryKeyring) -> None:
    tokens = make_store(file)
    tokens.save(SOURCE, "ada", TOKEN)
    assert tokens.load(SOURCE, "ada") == TOKEN
    assert b"s3cret" not in file.read_bytes()
    assert "s3cret-access" in memory_keyring.kept["flattr-tui", f"ada@{SOURCE}"]
    tokens.remove(SOURCE, "ada")
    assert memory_keyring.kept == {}
    assert tokens.load(SOURCE, "ada") is None


def test_a_token_is_removed_from_each_of_several_chained_keyrings(file: Path) -> None:
    """ChainerBackend reads from all its keyrings, but deletes only in the first.

    Source: https://github.com/jaraco/keyring/issues/697.
    """
    rings = [MemoryKeyring(), MemoryKeyring(), MemoryKeyring()]
    tokens = make_store(file)
    for ring in rings[1:]:
        keyring.set_keyring(ring)
        tokens.save(SOURCE, "ada", TOKEN)

    class Chain(ChainerBackend):
        backends = rings

    keyring.set_keyring(Chain())  # type: ignore[no-untyped-call]
    assert tokens.load(SOURCE, "ada") == TOKEN
    tokens.remove(SOURCE, "ada")
    assert [ring.kept for ring in rings] == [{}, {}, {}]


def test_a_locked_keyring_of_a_chain_does_not_hide_the_others(file: Path, memory_keyring: MemoryKeyring) -> None:
    tokens = make_store(file)
    tokens.save(SOURCE, "ada", TOKEN)
    tokens.select(SOURCE, "ada")
    locked, other = MemoryKeyring(), memory_keyring
    locked.kept["flattr-tui", f"ada@{SOURCE}"] = "old"
    locked.locked = True

    class Chain(ChainerBackend):
        backends = locked, other

    keyring.set_keyring(Chain())  # type: ignore[no-untyped-call]
    assert tokens.load(SOURCE, "ada") == TOKEN
    with pytest.raises(
        TokenLeftError, match=r"of ada may still be in the keyring .*locked.*everywhere else.*log out again"
    ):
        tokens.remove(SOURCE, "ada")
    assert (len(locked.kept), other.kept, tokens.current(SOURCE)) == (1, {}, "")
    locked.locked = False
    assert tokens.accounts(SOURCE) == ("ada",), "logging out can be repeated"
    tokens.remove(SOURCE, "ada")
    assert (locked.kept, tokens.accounts(SOURCE)) == ({}, ())


def test_logging_out_with_a_locked_keyring_deletes_the_token_in_the_file(
    file: Path, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.locked = True
    tokens = make_store(file)
    tokens.save(SOURCE, "ada", TOKEN)
    assert b"s3cret" in file.read_bytes()
    with pytest.raises(TokenLeftError):
        tokens.remove(SOURCE, "ada")
    assert b"s3cret" not in file.read_bytes()


def test_a_locked_or_damaged_keyring_is_an_error(file: Path, memory_keyring: MemoryKeyring) -> None:
    tokens = make_store(file)
    tokens.save(SOURCE, "ada", TOKEN)
    memory_keyring.locked = True
    with pytest.raises(LoginError, match="Unlock it"):
        tokens.load(SOURCE, "ada")
    tokens.save(SOURCE, "grace", TOKEN)
    assert make_store(file, use_keyring=False).load(SOURCE, "grace") == TOKEN
    with pytest.raises(LoginError, match="can't be reached now"):
        make_store(file, use_keyring=False).load(SOURCE, "ada")
    memory_keyring.locked = False
    memory_keyring.kept["flattr-tui", f"ada@{SOURCE}"] = "rubbish s3cret"
    with pytest.raises(LoginError, match="Log in again") as caught:
        tokens.load(SOURCE, "ada")
    assert "s3cret" not in str(caught.value)


def test_a_token_saved_while_the_keyring_is_locked_moves_into_it_later(
    file: Path, memory_keyring: MemoryKeyring
) -> None:
    notices: list[str] = []
    memory_keyring.locked = True
    make_store(file, notice=notices.append).save(SOURCE, "ada", TOKEN)
    (sentence,) = notices
    assert sentence.startswith(f"The keyring is locked (locked), so the token is in {file}")
    assert "s3cret" not in sentence
    assert make_store(file, notice=notices.append).load(SOURCE, "ada") == TOKEN
    assert notices == [sentence], "the same notice must not be repeated"
    memory_keyring.locked = False
    assert make_store(file, notice=notices.append).load(SOURCE, "ada") == TOKEN
    assert notices[1:] == [f"The token of ada was in {file}. It is in the keyring now."]
    assert b"s3cret" not in file.read_bytes()
    assert make_store(file, notice=notices.append).load(SOURCE, "ada") == TOKEN
    assert len(notices) == 2


def test_a_disabled_keyring_gets_no_token(file: Path, memory_keyring: MemoryKeyring) -> None:
    make_store(file, use_keyring=False).save(SOURCE, "ada", TOKEN)
    assert make_store(file, use_keyring=False).load(SOURCE, "ada") == TOKEN
    assert memory_keyring.kept == {}


@pytest.mark.parametrize("body", [b"", b"{", b'{"accounts": 3}', b"\xff\x00", b'{"accounts": {"x": {"y": {}}}}'])
def test_a_damaged_file_is_set_aside_and_named(file: Path, body: bytes) -> None:
    for number in ("", "2"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(body)
        notices: list[str] = []
        tokens = make_store(file, notice=notices.append)
        tokens.save(SOURCE, "ada", TOKEN)
        assert f"It was set aside as tokens.json.broken{number}: log in again." in notices[0]
        assert tokens.set_aside == file.with_name(f"tokens.json.broken{number}")
        assert tokens.set_aside.read_bytes() == body
        assert tokens.load(SOURCE, "ada") == TOKEN


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "private").write_text("a file in the place of the folder")
    with pytest.raises(LoginError, match="can't be written"):
        make_store(tmp_path / "private" / "tokens.json").save(SOURCE, "ada", TOKEN)


def test_a_file_that_cannot_be_replaced_is_an_error_and_stays(file: Path) -> None:
    tokens = make_store(file, use_keyring=False)
    tokens.save(SOURCE, "ada", TOKEN)
    file.with_name(f".{file.name}.{os.getpid()}").mkdir()
    with pytest.raises(LoginError, match="can't be written"):
        tokens.save(SOURCE, "bob", TOKEN)
    assert tokens.accounts(SOURCE) == ("ada",)


def test_an_error_while_a_token_is_renewed_is_not_blamed_on_the_file(file: Path) -> None:
    with pytest.raises(TimeoutError, match="the server"), make_store(file).lock_renewal():
        raise TimeoutError("the server")


def test_concurrent_saves_lose_no_token(file: Path) -> None:
    def log_in(account: str) -> None:
        make_store(file, use_keyring=False).save(SOURCE, account, Token(account))

    threads = [threading.Thread(target=log_in, args=(f"user{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(make_store(file).accounts(SOURCE)) == [f"user{number}" for number in range(8)]


def test_a_lock_that_is_never_released_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = make_store(file)
    tokens.save(SOURCE, "ada", TOKEN)
    monkeypatch.setattr("flattr_tui.api.token_store.LOCK_SECONDS", 0.05)
    with file.with_name(f".{file.name}.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LoginError, match="Another program keeps"):
            tokens.remove(SOURCE, "ada")
    tokens.remove(SOURCE, "ada")
    assert tokens.accounts(SOURCE) == ()


def test_the_environment_comes_before_the_command(file: Path) -> None:
    command = ["printf", "from-command\n"]
    assert TokenStore(file, command=command, environment={VARIABLE: " given "}).token_from_environment() == Token(
        "given"
    )
    assert TokenStore(file, command=command, environment={}).token_from_environment() == Token("from-command")
    assert TokenStore(file, environment={}).token_from_environment() is None
    assert not file.exists()


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "\x1b[m", "é", "x" * 5000])
def test_an_invalid_token_is_refused_without_being_shown(file: Path, text: str) -> None:
    with pytest.raises(LoginError) as caught:
        TokenStore(file, environment={VARIABLE: text}).token_from_environment()
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["false"], "failed"),
        (["/nonexistent/pass"], "can't be run"),
        (["sh", "-c", "echo no >&2; exit 3"], "failed (no)"),
    ],
)
def test_a_failed_command_is_an_error_with_its_reason(file: Path, command: list[str], message: str) -> None:
    with pytest.raises(LoginError) as caught:
        make_store(file, command=command).token_from_environment()
    assert message in str(caught.value)


def test_the_repr_of_a_token_is_masked_and_it_expires_early() -> None:
    assert "s3cret" not in repr(TOKEN)
    assert "s3cret" not in f"{TOKEN} {[TOKEN]}"
    assert TOKEN.expired(99.0)
    assert TOKEN.expired(70.0)
    assert not TOKEN.expired(60.0)
    assert not Token("x").expired(1e12)
