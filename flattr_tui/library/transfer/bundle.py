"""A whole library in one zip file: every response as it came, with all that is known of it, and the bookmarks.

No token is ever in it, since none is in the store. Each response is an entry of its own, `responses/NUMBER`: a line
of JSON that says what it is, then the body's bytes. A digest over both tells whether it is what was packed.

The server's words that a page was still the same, which tell something about the list around it, are one more entry:
a line of JSON each, with the number of the response that it came after.
"""

import os
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from flattr_tui import __version__
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.bookmarks import SIZE_LIMIT, Bookmarks, Contents
from flattr_tui.library.bookmarks import parse_contents as read_bookmarks
from flattr_tui.library.transfer.capture import MAX_BODY
from flattr_tui.library.transfer.packed_stream import UnreadableError
from flattr_tui.model.api_request import Request
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.revenue import FORMAT, METHOD
from flattr_tui.model.source import BadSourceError, SourceKind, parse_source
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

MARK: Final = "flattr-tui bundle"
VERSION: Final = 1
ABOUT: Final = "about.json"
BOOKMARKS: Final = "bookmarks.json"
FOLDER: Final = "responses/"
CONFIRMED: Final = "confirmed.jsonl"
_CONFIRMED_LIMIT: Final = 64 * 1024 * 1024
_HEAD_LIMIT: Final = 256 * 1024
_UNFOLDED: Final = 200
"""An archive may unfold to so many times its size, and no further: what the API sends packs to a tenth or so."""
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What `zipfile` raises on damaged, encrypted or oddly packed entries."""


class About(msgspec.Struct):
    """The first entry: what this file is."""

    format: str
    version: int
    program: str = ""
    made_at: float = 0.0


class Head(msgspec.Struct, kw_only=True):
    """What is known of a response besides its body."""

    source: str
    account: str = ""
    method: str
    arguments: dict[str, str] = {}
    page: int = 1
    count: int = 0
    format: str
    answer: ResponseKind
    url: str = ""
    status: int = 200
    content_type: str = ""
    etag: str | None = None
    fetched_at: float
    checked_at: float = 0.0
    size: int
    digest: str = ""


class Confirmed(msgspec.Struct, kw_only=True):
    """That a page was still the same (`store.stored.Confirmation`)."""

    after: int
    """The number of the response that was the last before."""
    place: ResponseKey
    checked_at: float


_confirmed_decoder = msgspec.json.Decoder(Confirmed)
_head_decoder = msgspec.json.Decoder(Head)


def write(
    store: ResponseStore,
    target: Path,
    *,
    bookmarks: Path | None = None,
    clock: Callable[[], float] = time.time,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Pack everything saved into `target`, which appears whole or not at all, and return how many responses those are.

    Only its owner can read it. Raises `OSError` and `StoreError`.
    """
    new, number, last = target.with_name(f".{target.name}.{os.getpid()}.new"), 0, store.last_sequence()
    new.unlink(missing_ok=True)  # left by a program of the same number that was killed
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                about = About(MARK, VERSION, f"flattr-tui {__version__}", clock())
                archive.writestr(ABOUT, msgspec.json.encode(about))
                for number, stored in enumerate(store.iter_responses(), 1):  # noqa: B007 -- how many there were
                    archive.writestr(f"{FOLDER}{stored.sequence:09d}", pack(stored))
                    progress(stored.sequence, last)
                if notes := [note for note in store.confirmations() if note.sequence <= last]:
                    said = (
                        Confirmed(after=note.sequence, place=note.place, checked_at=note.checked_at) for note in notes
                    )
                    archive.writestr(CONFIRMED, b"\n".join(map(msgspec.json.encode, said)))
                if bookmarks is not None and bookmarks.is_file():
                    archive.writestr(BOOKMARKS, bookmarks.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return number


def pack(stored: StoredResponse) -> bytes:
    """Write one entry."""
    head = Head(
        source=stored.source,
        account=stored.account,
        method=stored.request.method,
        arguments=dict(stored.request.arguments),
        page=stored.page,
        count=stored.count,
        format=stored.format,
        answer=stored.answer,
        url=stored.url,
        status=stored.status,
        content_type=stored.content_type,
        etag=stored.etag,
        fetched_at=stored.fetched_at,
        checked_at=stored.checked_at,
        size=len(stored.body),
    )
    head.digest = _digest(head, stored.body)
    return msgspec.json.encode(head) + b"\n" + stored.body


def unpack(data: bytes) -> StoredResponse:
    """Read one entry; raises `UnreadableError` where it is not what was packed, or nothing that could have been."""
    line, newline, body = data.partition(b"\n")
    try:
        head = _head_decoder.decode(line if newline else b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError("is damaged") from error
    if head.size != len(body) or head.digest != _digest(head, body):
        raise UnreadableError("is damaged: it is not what was packed")
    method = BY_NAME.get(head.method)
    answers = method is not None and not method.writes and method.response_kind is head.answer
    if not (answers and method and head.format in method.formats) and not _is_report(head):
        raise UnreadableError(f"answers no method that this program knows ({head.method[:40]!a})")
    try:
        known = parse_source(head.source, allow_http=True).name == head.source
    except BadSourceError:
        known = False
    if not known:
        raise UnreadableError(f"comes from no source that there could be ({head.source[:80]!a})")
    if len(body) > MAX_BODY or head.page < 0 or head.count < 0 or not 0 <= head.fetched_at < 2**40:
        raise UnreadableError("says of itself what can't be")
    return StoredResponse(
        source=head.source,
        account=head.account,
        request=Request.of(head.method, head.arguments),
        page=head.page,
        count=head.count,
        format=head.format,
        answer=head.answer,
        url=head.url,
        status=head.status,
        content_type=head.content_type,
        etag=head.etag,
        fetched_at=head.fetched_at,
        checked_at=head.checked_at,
        body=body,
    )


def _is_report(head: Head) -> bool:
    """Return whether it is a month of a revenue report, which came from a file and answers no method."""
    return (head.source, head.method, head.answer, head.format) == (
        SourceKind.SAVED,
        METHOD,
        ResponseKind.REVENUE,
        FORMAT,
    )


def _digest(head: Head, body: bytes) -> str:
    digest = blake2b(msgspec.json.encode(msgspec.structs.replace(head, digest="")), digest_size=16)
    digest.update(body)
    return digest.hexdigest()


class NotBundleError(Exception):
    """A zip file is no bundle of this program."""


class Bundle:
    """A bundle, open for reading. Nothing in it is believed: no name becomes a path, nothing unfolds without limit."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        """Open a zip file of `size` bytes.

        Raises `NotBundleError` for another one, `UnreadableError` for a damaged one, or one of a later version.
        """
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise UnreadableError("is a damaged zip file, or a part of one") from error
        self._left = 64 * 1024 * 1024 + _UNFOLDED * size
        try:
            about = msgspec.json.decode(self._read(ABOUT, _HEAD_LIMIT), type=About)
        except (KeyError, UnreadableError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._archive.close()
            raise NotBundleError from error
        if about.format != MARK:
            self._archive.close()
            raise NotBundleError
        if about.version > VERSION:
            self._archive.close()
            raise UnreadableError("is a bundle of a later version of this program")
        self._entries = [name for name in self._archive.namelist() if name.startswith(FOLDER)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def __len__(self) -> int:
        return len(self._entries)

    def responses(self) -> Iterator[tuple[str, StoredResponse | str]]:
        """Read the responses in the order in which they came: each entry's name, and what it holds or why nothing.

        Raises `UnreadableError` where it would unfold to more than any library.
        """
        for name in self._entries:
            try:
                data = self._read(name, _HEAD_LIMIT + MAX_BODY)
            except UnreadableError as error:
                if self._left <= 0:
                    raise
                yield name, str(error)
                continue
            try:
                yield name, unpack(data)
            except UnreadableError as error:
                yield name, str(error)

    def confirmed(self) -> list[Confirmed]:
        """Read what was confirmed, in order; none without any. Raises `UnreadableError`."""
        try:
            data = self._read(CONFIRMED, _CONFIRMED_LIMIT)
            return [_confirmed_decoder.decode(line) for line in data.splitlines() if line]
        except KeyError:
            return []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableError("is damaged") from error

    def _read(self, name: str, limit: int) -> bytes:
        if self._left <= 0:
            raise UnreadableError("unfolds to far more than a library would; it was not read on")
        limit = min(limit, self._left)
        try:
            with self._archive.open(name) as entry:
                data = entry.read(limit + 1)
        except _BROKEN as error:
            raise UnreadableError("is damaged") from error
        self._left -= len(data)
        if len(data) > limit:
            raise UnreadableError(f"is larger than {limit:,} bytes")
        return data

    def bookmarks(self) -> Contents | None:
        """Read the bookmarks that were packed; None without any. Raises `UnreadableError`."""
        try:
            return read_bookmarks(self._read(BOOKMARKS, SIZE_LIMIT))
        except KeyError:
            return None
        except ValueError as error:
            raise UnreadableError(f"can't be read: {error}") from error


class Telling:
    """Tells a store what was confirmed elsewhere, each between the responses that it came between there.

    In a thread: it writes.
    """

    def __init__(self, store: ResponseStore, confirmed: Iterable[Confirmed]) -> None:
        self._store = store
        known = {(note.place, note.checked_at) for note in store.confirmations()}
        self._waiting = deque(one for one in confirmed if (one.place, one.checked_at) not in known)

    def before(self, entry: str) -> None:
        """Tell what came before a response, by its entry's name. Raises `StoreError` where it can't be written."""
        number = entry.removeprefix(FOLDER)
        while self._waiting and number.isdecimal() and self._waiting[0].after < int(number):
            self._tell(self._waiting.popleft())

    def rest(self) -> None:
        """Tell all that is left. Raises `StoreError`."""
        while self._waiting:
            self._tell(self._waiting.popleft())

    def _tell(self, one: Confirmed) -> None:
        if self._store.latest(one.place) is not None:  # a page that was not taken in is not told of either
            self._store.add_confirmation(one.place, one.checked_at, self._store.last_sequence())


def merge_bookmarks(kept: Bookmarks, packed: Contents) -> int:
    """Put packed bookmarks behind those that are here, and return how many came; what was opened only on a new start.

    In a thread: it writes.
    """
    missing = [mark for mark in packed.marks if not kept.is_marked(mark)]
    for mark in missing:
        kept.toggle(mark)
    if not kept.opened and not kept.queries:
        for mark in packed.opened:
            kept.note_opened(mark)
        for query in packed.queries:
            kept.note_query(query)
    kept.save()
    return len(missing)
