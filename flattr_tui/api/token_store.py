"""Access tokens and their storage: the system's keyring, or a file that only its owner can read.

Methods of `TokenStore` may wait for a disk, a daemon or a person: call them in a thread. They raise `LoginError` if the
file can't be read or written. No token is ever part of a `repr`.
"""

import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flattr_tui.api.errors import LoginError, TokenLeftError
from flattr_tui.api.request_log import MASK, Secret
from flattr_tui.model.text_sanitizer import single_line

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

VARIABLE = "FLATTR_TUI_TOKEN"
"""Name of the environment variable that may contain a token."""
SERVICE = "flattr-tui"
"""Service name of the entries in the keyring."""
COMMAND_SECONDS = 30.0
"""Maximum number of seconds that the command for the token may take."""
LOCK_SECONDS = 10.0
"""Maximum number of seconds to wait while another program changes the file. Only a stopped program takes longer."""
RENEWAL_SECONDS = 30.0
"""Maximum number of seconds to wait while another program refreshes a token, which takes up to two requests."""
LOCK_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """An access token and its properties (RFC 6749, section 5.1)."""

    access_token: str
    scopes: tuple[str, ...] = ()
    refresh_token: str | None = None
    expires_at: float | None = None
    """When the token expires, in Unix seconds; None if the server did not say (the service documents no expiry)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "access_token", Secret(self.access_token))
        if self.refresh_token is not None:
            object.__setattr__(self, "refresh_token", Secret(self.refresh_token))

    def expired(self, now: float) -> bool:
        """Whether the token has expired at `now` (Unix seconds), or will within 30 s; False if it never expires."""
        return self.expires_at is not None and now >= self.expires_at - 30.0

    def __repr__(self) -> str:
        return f"Token({MASK}, scopes={self.scopes!r}, expires_at={self.expires_at!r})"


def check_token(text: str) -> str:
    """Return `text` if it is a token that may be sent in a header (RFC 6750, section 2.1).

    Raises `LoginError` for any other text; the message does not contain it.
    """
    if not text or not text.isascii() or not text.isprintable() or " " in text or len(text) > 4096:
        raise LoginError(
            "The given access token is not valid: it is empty, longer than 4,096 characters, or contains spaces,"
            " control characters or letters beyond ASCII."
        )
    return Secret(text)


def _to_str(value: object) -> str:
    """Return a `Secret` as a plain `str` for storing, because msgspec encodes no subclasses."""
    if isinstance(value, Secret):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not kept")


class _File(msgspec.Struct):
    """The content of the token file."""

    accounts: dict[str, dict[str, Token | None]] = {}
    """The tokens by source and account; None for a token that is in the keyring."""
    current: dict[str, str] = {}
    """The selected account of each source."""
    version: int = 1


class TokenStore:
    """Stores access tokens by source and account.

    `file` contains the list of accounts, and also the tokens if there is no keyring or `use_keyring` is False. Two
    other tokens are used, but never stored: the one in the environment variable `VARIABLE`, and the one that `command`
    prints. `command` is a program with its arguments, such as a password manager; () for none. `environment` are the
    environment variables; None for those of the process. `notice` is called, in any thread, with a sentence for the
    user.
    """

    def __init__(
        self,
        file: Path,
        *,
        use_keyring: bool = True,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.file = file
        self._notice = notice
        self.set_aside: Path | None = None
        """Where a damaged token file was moved, to tell the user; None if the file was not damaged."""
        self._use_keyring = use_keyring
        self._command = tuple(command)
        self._environment = os.environ if environment is None else environment

    def __repr__(self) -> str:
        return f"TokenStore({str(self.file)!r})"

    def token_from_environment(self) -> Token | None:
        """Return the token from the environment variable, otherwise from the command; None if neither is set.

        Raises `LoginError` if the token is invalid, or if the command fails.
        """
        text = self._environment.get(VARIABLE, "").strip()
        if not text and self._command:
            text = self._run_command()
        return Token(check_token(text)) if text else None

    def stamp(self) -> tuple[int, int] | None:
        """Return a value that changes whenever any program logs an account in or out; None without a token file."""
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def sources(self) -> tuple[str, ...]:
        """Return the names of the sources at which an account is logged in."""
        return tuple(self._read().accounts)

    def accounts(self, source: str) -> tuple[str, ...]:
        """Return the user names that are logged in at a source, in the order of their logins."""
        return tuple(self._read().accounts.get(source, {}))

    def current(self, source: str) -> str:
        """Return the user name that was last selected at a source; "" if none was."""
        return self._read().current.get(source, "")

    def select(self, source: str, account: str) -> None:
        """Store the account that is used at a source from now on; "" for none."""

        def change(file: _File) -> None:
            file.current[source] = account

        self._change(change)

    def load(self, source: str, account: str) -> Token | None:
        """Return an account's token; None if there is none. Raises `LoginError` if the keyring is locked.

        The token file contains the token if the keyring was not available when the token was stored. If the keyring is
        available now, the token is moved there.
        """
        kept = self._read().accounts.get(source, {})
        if account not in kept:
            return None
        token = kept[account]
        if token is None:
            return self._read_from_keyring(source, account)
        if self._write_to_keyring(source, account, token) == "":
            try:
                self._record_login(source, account, None)
            except LoginError as error:
                self._notice(f"The token of {account} is in the keyring now, and still in the file: {error}")
            else:
                self._notice(f"The token of {account} was in {self.file}. It is in the keyring now.")
        return token

    def save(self, source: str, account: str, token: Token) -> None:
        """Store the token of an account at a source, which logs the account in."""
        refusal = self._write_to_keyring(source, account, token)
        self._record_login(source, account, token if refusal != "" else None)
        if refusal:
            self._notice(
                f"The keyring is locked ({refusal}), so the token is in {self.file}, which only you can read. It moves"
                " to the keyring when you start the program with the keyring open."
            )

    def _record_login(self, source: str, account: str, token: Token | None) -> None:
        """Record in the file that an account is logged in. `token` None means that the keyring has the token."""

        def change(file: _File) -> None:
            file.accounts.setdefault(source, {})[account] = token

        self._change(change)

    def remove(self, source: str, account: str) -> None:
        """Delete an account's token, if there is one, and remove the account from the list of accounts.

        Raises `TokenLeftError` if a keyring refuses; the account then stays in the list, so that the user can try
        again.
        """
        refusals = [
            sentence
            for backend in self._keyrings()
            if (sentence := _delete_entry(backend, _entry_name(source, account)))
        ]

        def change(file: _File) -> None:
            accounts = file.accounts.get(source, {})
            if account in accounts and refusals:
                accounts[account] = None
            else:
                accounts.pop(account, None)
            if not accounts:
                file.accounts.pop(source, None)
            if file.current.get(source) == account:
                del file.current[source]

        self._change(change)
        if refusals:
            raise TokenLeftError(
                f"the token of {account} may still be in {' and in '.join(refusals)}. It is deleted everywhere else."
                " Unlock the keyring, and log out again."
            )

    def _run_command(self) -> str:
        name = self._command[0]
        try:
            done = subprocess.run(  # noqa: S603 -- the user's own command, without a shell
                self._command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise LoginError(f"The token command {name!r} can't be run ({type(error).__name__}).") from error
        except subprocess.TimeoutExpired as error:
            raise LoginError(f"The token command {name!r} took longer than {COMMAND_SECONDS:g} s.") from error
        if done.returncode:
            raise LoginError(
                f"The token command {name!r} failed ({single_line(done.stderr)[:200] or done.returncode})."
            )
        return done.stdout.strip()

    def _keyring(self) -> "KeyringBackend | None":
        """Return the system's keyring; None if there is no usable one.

        `keyring` is imported here, which takes 35 ms.
        """
        if not self._use_keyring:
            return None
        import keyring  # noqa: PLC0415
        from keyring.backends import fail, null  # noqa: PLC0415

        backend = keyring.get_keyring()
        return None if isinstance(backend, fail.Keyring | null.Keyring) else backend

    def _keyrings(self) -> "list[KeyringBackend]":
        """Return the keyrings in which a token may be.

        The system's keyring may be a chain of keyrings. The members of the chain are then returned, because a chain
        deletes only from its first member.
        """
        backend = self._keyring()
        if backend is None:
            return []
        from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

        return list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]

    def _write_to_keyring(self, source: str, account: str, token: Token) -> str | None:
        """Write a token to the keyring. Returns "" on success, and None if there is no keyring.

        If the keyring refuses, returns a text that says why.
        """
        backend = self._keyring()
        if backend is None:
            return None
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            backend.set_password(
                SERVICE, _entry_name(source, account), msgspec.json.encode(token, enc_hook=_to_str).decode()
            )
        except KeyringError as error:
            return single_line(str(error))[:200] or type(error).__name__
        return ""

    def _read_from_keyring(self, source: str, account: str) -> Token | None:
        """Return a token from the keyring; None if there is none. Raises `LoginError` if no keyring answers."""
        backends = self._keyrings()
        if not backends:
            raise LoginError("The token is in the keyring, which can't be reached now. Unlock it, or log in again.")
        from keyring.errors import KeyringError  # noqa: PLC0415

        text, refusal = None, None
        for backend in backends:
            try:
                text = backend.get_password(SERVICE, _entry_name(source, account))
            except KeyringError as error:
                refusal = error
            if text is not None:
                break
        if text is None and refusal is not None:
            raise LoginError(
                f"The keyring did not answer ({single_line(str(refusal))[:200]}). Unlock it and try again."
            ) from refusal
        if text is None:
            return None
        try:
            return msgspec.json.decode(text, type=Token)
        except msgspec.DecodeError:
            raise LoginError("The keyring's entry is not a token of this program. Log in again.") from None

    def _read(self) -> _File:
        try:
            with self.file.open("rb") as opened:
                with suppress(OSError):  # a file system that is read-only, or a file of another user
                    os.fchmod(opened.fileno(), 0o600)
                body = opened.read()
        except FileNotFoundError:
            return _File()
        except OSError as error:
            raise LoginError(f"{self.file} can't be read ({error.strerror}).") from error
        try:
            return msgspec.json.decode(body, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._set_aside_file()

    def _set_aside_file(self) -> _File:
        aside = self.file.with_name(f"{self.file.name}.broken")
        number = 1
        while aside.exists():
            number += 1
            aside = self.file.with_name(f"{self.file.name}.broken{number}")
        try:
            self.file.rename(aside)
        except OSError as error:
            raise LoginError(f"{self.file} is damaged and can't be set aside ({error.strerror}).") from error
        self.set_aside = aside
        self._notice(f"{self.file} is damaged. It was set aside as {aside.name}: log in again.")
        return _File()

    def _change(self, change: Callable[[_File], None]) -> None:
        with self._lock("lock", LOCK_SECONDS):
            file = self._read()
            change(file)
            self._write(msgspec.json.encode(file, enc_hook=_to_str))

    def lock_renewal(self) -> AbstractContextManager[None]:
        """Return a context during which no other program that uses this file refreshes a token.

        Entering it waits for the others. Other changes of the file are still possible.
        """
        return self._lock("renewal", RENEWAL_SECONDS)

    @contextmanager
    def _lock(self, name: str, seconds: float) -> Iterator[None]:
        """Hold the file's lock `name`, which excludes other programs, during the context; wait `seconds` at most.

        Raises `LoginError` if another program, for example one that was stopped, does not release the lock, or if the
        folder can't be written.
        """
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(
                self.file.with_name(f".{self.file.name}.{name}"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
            )
        except OSError as error:
            raise _to_unwritable(self.file, error) from error
        try:
            end = time.monotonic() + seconds
            while not _try_lock(lock):
                if time.monotonic() > end:
                    raise LoginError(f"Another program keeps {self.file} locked. End it, and try again.")
                time.sleep(LOCK_POLL_SECONDS)
            yield
        finally:
            os.close(lock)

    def _write(self, body: bytes) -> None:
        """Replace the file's content by `body`, atomically.

        From the start, only its owner can read the file (mode 0600). Raises `LoginError` if it can't be written.
        """
        new = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        try:
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as opened:
                opened.write(body)
                opened.flush()
                os.fsync(opened.fileno())
            new.replace(self.file)
        except OSError as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise _to_unwritable(self.file, error) from error


def _to_unwritable(file: Path, error: OSError) -> LoginError:
    return LoginError(f"{file} can't be written ({error.strerror}).")


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _delete_entry(backend: "KeyringBackend", entry: str) -> str:
    """Delete an entry of a keyring. Returns "" if it is gone, otherwise the keyring's name and why it refused."""
    from keyring.errors import KeyringError, PasswordDeleteError  # noqa: PLC0415

    try:
        backend.delete_password(SERVICE, entry)
    except (PasswordDeleteError, NotImplementedError):
        return ""  # it was in the file, in another keyring, or not stored
    except KeyringError as error:
        return f"the keyring {backend.name} ({single_line(str(error))[:200] or type(error).__name__})"
    return ""


def _entry_name(source: str, account: str) -> str:
    return f"{account}@{source}"
