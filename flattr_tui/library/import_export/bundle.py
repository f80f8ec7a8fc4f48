"""Reads and writes bundles: zip files with a whole library, which is all stored responses and the bookmarks.

A bundle contains no tokens, because the store has none. Each response is an entry `responses/NUMBER` of the zip file: a
line of JSON with the properties of the response, then the bytes of the body. A digest of both detects damage. Another
entry contains the server's confirmations that a page was unchanged, because they tell something about the list: a line
of JSON for each, with the number of the response that was stored before the confirmation.
"""

import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final, Self

import msgspec

from flattr_tui import __version__
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.bookmarks import SIZE_LIMIT, Bookmarks, BookmarksContent
from flattr_tui.library.bookmarks import parse_contents as read_bookmarks
from flattr_tui.library.import_export.captured_response import MAX_BODY
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import BadSourceError, SourceKind, parse_source
from flattr_tui.model.revenue import FORMAT, METHOD
from flattr_tui.paths import exists
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.shared_files import open_replacement
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

MARK: Final = "flattr-tui bundle"
VERSION: Final = 1
ABOUT: Final = "about.json"
BOOKMARKS: Final = "bookmarks.json"
FOLDER: Final = "responses/"
CONFIRMED: Final = "confirmed.jsonl"
_CONFIRMED_LIMIT: Final = 64 * 1024 * 1024
_HEAD_LIMIT: Final = 256 * 1024
_MAX_RATIO: Final = 200
"""Maximum ratio of a bundle's unpacked size to its size. Responses of the API are compressed to about a tenth."""
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""The errors that `zipfile` raises for damaged, encrypted or unusual entries."""


class BundleManifest(msgspec.Struct):
    """The first entry of a bundle. It marks a zip file as a bundle, and contains the version of the bundle's format."""

    format: str
    version: int
    program: str = ""
    made_at: float = 0.0
    """When the bundle was written, in Unix seconds."""


class ResponseProperties(msgspec.Struct, kw_only=True, rename={"response_kind": "answer"}):
    """The properties of a response in a bundle, without the body. Times are in Unix seconds.

    `size` is the size of the body in bytes, and `digest` the hash of these properties and the body.
    """

    source: str
    account: str = ""
    method: str
    arguments: dict[str, str] = {}
    page: int = 1
    count: int = 0
    format: str
    response_kind: ResponseKind
    url: str = ""
    status: int = 200
    content_type: str = ""
    etag: str | None = None
    fetched_at: float
    checked_at: float = 0.0
    size: int
    digest: str = ""


class BundledConfirmation(msgspec.Struct, kw_only=True):
    """An entry of a bundle: the server confirmed that a page was unchanged (`store.stored_response.Confirmation`)."""

    after: int
    """The number of the last response that was stored before this confirmation."""
    place: ResponseKey
    checked_at: float


_confirmed_decoder = msgspec.json.Decoder(BundledConfirmation)
_head_decoder = msgspec.json.Decoder(ResponseProperties)


def write_bundle(
    store: ResponseStore,
    target: Path,
    *,
    bookmarks: Path | None = None,
    clock: Callable[[], float] = time.time,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Write a bundle of all responses in a store to `target`. Returns the number of responses.

    `target` is a file, a pipe or a device. A file appears only when it is complete, and only its owner can read it.
    `bookmarks` is the bookmarks file to include; None to include none. `clock` returns the current time in Unix
    seconds, which is the bundle's date. `progress` is called after each response with the response's number in the
    store, and with the last number in the store. Raises `OSError` if `target` can't be written, and `StoreError` if the
    store can't be read.
    """
    number, last = 0, store.last_sequence()
    with open_replacement(target, mode=0o600) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = partial(_make_entry, clock())
        about = BundleManifest(MARK, VERSION, f"flattr-tui {__version__}", clock())
        archive.writestr(entry(ABOUT), msgspec.json.encode(about))
        for number, stored in enumerate(store.iter_responses(), 1):  # noqa: B007 -- how many there were
            archive.writestr(entry(f"{FOLDER}{stored.sequence:09d}"), pack_response(stored))
            progress(stored.sequence, last)
        if notes := [note for note in store.confirmations() if note.sequence <= last]:
            confirmed = (
                BundledConfirmation(after=note.sequence, place=note.place, checked_at=note.checked_at) for note in notes
            )
            archive.writestr(entry(CONFIRMED), b"\n".join(map(msgspec.json.encode, confirmed)))
        if bookmarks is not None and exists(bookmarks):
            archive.writestr(entry(BOOKMARKS), bookmarks.read_bytes())
    return number


def _make_entry(now: float, name: str) -> zipfile.ZipInfo:
    """Return a zip entry called `name`, dated `now` (Unix seconds). The date is moved into the years 1980 to 2107.

    Zip files can't contain other dates.
    """
    date = time.localtime(now)[:6]
    made = zipfile.ZipInfo(name, min(max(date, (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58)))
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o600 << 16
    return made


def pack_response(stored: StoredResponse) -> bytes:
    """Return the content of a bundle's entry for a response: a line of JSON with its properties, then its body."""
    head = ResponseProperties(
        source=stored.source,
        account=stored.account,
        method=stored.request.method,
        arguments=dict(stored.request.arguments),
        page=stored.page,
        count=stored.count,
        format=stored.format,
        response_kind=stored.response_kind,
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


def unpack_response(data: bytes) -> StoredResponse:
    """Return the response in a bundle's entry. Raises `UnreadableError` if the entry is damaged or invalid."""
    line, newline, body = data.partition(b"\n")
    try:
        head = _head_decoder.decode(line if newline else b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError("is damaged") from error
    if head.size != len(body) or head.digest != _digest(head, body):
        raise UnreadableError("is damaged: its content is not what was packed")
    method = BY_NAME.get(head.method)
    answers = method is not None and not method.writes and method.response_kind is head.response_kind
    if not (answers and method and head.format in method.formats) and not _is_report(head):
        raise UnreadableError(f"belongs to no method that this program knows ({head.method[:40]!a})")
    try:
        known = parse_source(head.source, allow_http=True).name == head.source
    except BadSourceError:
        known = False
    if not known:
        raise UnreadableError(f"names an impossible source ({head.source[:80]!a})")
    if len(body) > MAX_BODY or head.page < 0 or head.count < 0 or not 0 <= head.fetched_at < 2**40:
        raise UnreadableError("has an impossible header")
    return StoredResponse(
        source=head.source,
        account=head.account,
        request=ApiRequest.of(head.method, head.arguments),
        page=head.page,
        count=head.count,
        format=head.format,
        response_kind=head.response_kind,
        url=head.url,
        status=head.status,
        content_type=head.content_type,
        etag=head.etag,
        fetched_at=head.fetched_at,
        checked_at=head.checked_at,
        body=body,
    )


def _is_report(properties: ResponseProperties) -> bool:
    """Whether a response in a bundle is a month of a revenue report, which has no API method."""
    return (properties.source, properties.method, properties.response_kind, properties.format) == (
        SourceKind.SAVED,
        METHOD,
        ResponseKind.REVENUE,
        FORMAT,
    )


def _digest(head: ResponseProperties, body: bytes) -> str:
    digest = blake2b(msgspec.json.encode(msgspec.structs.replace(head, digest="")), digest_size=16)
    digest.update(body)
    return digest.hexdigest()


class NotBundleError(Exception):
    """Raised if a zip file is not a bundle of this program."""


class Bundle:
    """A bundle that is open for reading. The content of the bundle is not trusted.

    The names of entries are never used as paths, and the number of unpacked bytes is limited.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        """Open the bundle in `file`, a zip file of `size` bytes.

        Raises `NotBundleError` if the file is not a bundle, and `UnreadableError` for a damaged bundle, or one of a
        later version of this program.
        """
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise UnreadableError("is a damaged or incomplete zip file") from error
        self._left = 64 * 1024 * 1024 + _MAX_RATIO * size
        try:
            about = msgspec.json.decode(self._read(ABOUT, _HEAD_LIMIT), type=BundleManifest)
        except (KeyError, UnreadableError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._archive.close()
            raise NotBundleError from error
        if about.format != MARK:
            self._archive.close()
            raise NotBundleError
        if about.version > VERSION:
            self._archive.close()
            raise UnreadableError("is a bundle of a later version of this program")
        found = (name for name in self._archive.namelist() if name.startswith(FOLDER) and not name.endswith("/"))
        self._entries = sorted(found)  # `zip -r` may have packed them again in any order

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __len__(self) -> int:
        return len(self._entries)

    def responses(self) -> Iterator[tuple[str, StoredResponse | str]]:
        """Yield the name of each response's entry with the response, or with a text that says why it can't be read.

        The responses come in the order in which they were stored. Raises `UnreadableError` if the unpacked bundle is
        much too large.
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
                yield name, unpack_response(data)
            except UnreadableError as error:
                yield name, str(error)

    def confirmations(self) -> list[BundledConfirmation]:
        """Return the server's confirmations in the bundle, in order; empty if there are none.

        Raises `UnreadableError` if the confirmations are damaged.
        """
        try:
            data = self._read(CONFIRMED, _CONFIRMED_LIMIT)
            return [_confirmed_decoder.decode(line) for line in data.splitlines() if line]
        except KeyError:
            return []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableError("is damaged") from error

    def _read(self, name: str, limit: int) -> bytes:
        if self._left <= 0:
            raise UnreadableError("unpacks to far more than a library would, so the rest was not read")
        limit = min(limit, self._left)
        try:
            with self._archive.open(name) as entry:
                data = entry.read(limit + 1)
        except _ZIP_ERRORS as error:
            raise UnreadableError("is damaged") from error
        self._left -= len(data)
        if len(data) > limit:
            raise UnreadableError(f"is larger than {limit:,} bytes")
        return data

    def bookmarks(self) -> BookmarksContent | None:
        """Return the bookmarks in the bundle; None if it has none. Raises `UnreadableError` if they are damaged."""
        try:
            return read_bookmarks(self._read(BOOKMARKS, SIZE_LIMIT))
        except KeyError:
            return None
        except ValueError as error:
            raise UnreadableError(f"can't be read: {error}") from error


class ConfirmationReplay:
    """Adds the confirmations in a bundle to a store, while the bundle's responses are imported.

    A confirmation says that the server's page was unchanged since the response before it. So it must come after the
    same response in the store as in the bundle: call `add_before` before a response is stored, and `add_rest` at the
    end. Use this class in a thread.
    """

    def __init__(self, store: ResponseStore, confirmed: Iterable[BundledConfirmation]) -> None:
        self._store = store
        known = {(note.place, note.checked_at) for note in store.confirmations()}
        self._waiting = deque(one for one in confirmed if (one.place, one.checked_at) not in known)

    def add_before(self, entry: str) -> None:
        """Add to the store the confirmations that come before the response in the bundle's entry `entry`.

        Raises `StoreError` if the store can't be written.
        """
        number = entry.removeprefix(FOLDER)
        while self._waiting and number.isdecimal() and self._waiting[0].after < int(number):
            self._add(self._waiting.popleft())

    def add_rest(self) -> None:
        """Add all confirmations that `add_before` has not added to the store.

        Raises `StoreError` if the store can't be written.
        """
        while self._waiting:
            self._add(self._waiting.popleft())

    def _add(self, one: BundledConfirmation) -> None:
        if self._store.latest(one.place) is not None:  # a page that was not imported needs no confirmation
            self._store.add_confirmation(one.place, one.checked_at, self._store.last_sequence())


def merge_bookmarks(kept: Bookmarks, packed: BookmarksContent) -> int:
    """Add the bookmarks of a bundle (`packed`) to the user's bookmarks (`kept`). Returns how many were added.

    The bundle's history is added only if the user's history is empty. This writes to disk: call it in a thread.
    """
    missing = [mark for mark in packed.marks if not kept.is_marked(mark)]
    for mark in missing:
        kept.toggle(mark)
    if not kept.opened and not kept.queries:
        for mark in packed.opened:
            kept.record_opened(mark)
        for query in packed.queries:
            kept.record_query(query)
    kept.save()
    return len(missing)
