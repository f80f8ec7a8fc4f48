"""Finds the responses in any file that can be imported, also in folders, pipes and archives.

What a file contains is recognized by its content, not by its name. If it is not supported, the error says what to do
instead.
"""

import os
import re
import select
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import quote

from flattr_tui.library.import_export import archive_members, bundle, captured_response
from flattr_tui.library.import_export.archive_members import Member
from flattr_tui.library.import_export.captured_response import CapturedResponse, decode_body, to_utf8
from flattr_tui.library.import_export.decompression import (
    Damage,
    UnreadableError,
    is_packed,
    unpack,
    unpack_beginning,
)
from flattr_tui.library.import_export.embedded_files import (
    database_members,
    is_property_list,
    join_cached_pages,
    read_mails,
    read_web_page,
    web_archive_members,
)
from flattr_tui.library.import_export.flattened_rows import unflatten
from flattr_tui.library.import_export.http_archives import SiblingReader, read_har, read_postman, read_recorded_xml
from flattr_tui.library.import_export.http_recordings import read_net_log, read_recording_file
from flattr_tui.library.import_export.http_transcript import read_transcript, shorten_request
from flattr_tui.library.import_export.irregular_json import (
    read_concatenated_json,
    read_json_in_text,
    read_yaml_documents,
)
from flattr_tui.library.import_export.plain_json import to_plain_json
from flattr_tui.library.import_export.unsupported_files import OFFICE_DOCUMENT, WRITE_AHEAD_LOG, name_unsupported
from flattr_tui.library.import_export.warc import read_warc
from flattr_tui.model.revenue_csv import is_revenue_report
from flattr_tui.store.foreign_database import SQLITE
from flattr_tui.store.safe_databases import APPLICATION_ID, DATABASE

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_WEB_ARCHIVES: Final = (b"WARC/", b"filedesc://")
_HEAD: Final = 64 * 1024
MAX_STREAM: Final = 1 << 40
"""Maximum size in bytes of an archive on standard input. In practice the disk is full before."""
_SPLIT: Final = re.compile(
    r"\.(?:zip|7z|rar|tar|tgz|gz|xz|zst|bz2)\.(?:\d{3}|a[a-z])$|\.part\d+\.rar$|\.z\d\d$", re.IGNORECASE
)
_DEPTH: Final = 2
"""Maximum number of archives around a file: an archive within another one is read, but not an archive within that."""
_YAML: Final = re.compile(
    rb"(?:---\s*\n)?(?:-\s+)?(?:[a-z_]+:(?: [^\n]*)?\r?\n(?:[^\n]*\n){0,40}? *)??"
    rb"type: ['\"]?(?:user|thing|flattr|subscription)\b"
)
"""Matches the beginning of a response of the API in YAML."""
_WACZ: Final = "datapackage.json"
_SESSION: Final = re.compile(r"(?:^|/)raw/(\d+)_([a-z])\.\w+$")
"""Matches the name of a session's request (`c`), response (`s`) or notes in an archive of Fiddler.

https://fiddler.wikidot.com/saz-files
"""
_OFFICE: Final = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
"""Members that every document of Microsoft Office (ISO 29500-2) or LibreOffice (ISO 26300) contains."""
_ADDRESS: Final = re.compile(
    r"(?:^|/)((?:[\w-]+(?:\.[\w-]+)+|localhost)(?:[:+]\d+)?(?:/[^/]+)*?/rest/v2/.+)|(?:^|/)(rest/v2/.+)$"
)
"""Matches the part of a path that is an address, in the folders that `wget -r` makes. With `-nH` it has no host."""
_DUPLICATE_SUFFIX: Final = re.compile(r"\.\d{1,3}$")
"""Matches what wget appends to the name of a file that already exists."""
_PAGE_SUFFIX: Final = re.compile(r"(?:/index|(?<=\w))\.html?$", re.IGNORECASE)
"""Matches what `wget -E`, HTTrack and wayback_machine_downloader append to an address that has no suffix."""

_MARK: Final = slice(68, 72)
"""Where an SQLite database has its `application_id`. https://www.sqlite.org/fileformat.html"""
_LIBRARY: Final = (
    "the library of this program: `flattr-tui bundle NEW.zip --from FOLDER` writes it to a file that can be imported"
)

BundleImporter = Callable[[IO[bytes], int], bool]
"""Called with a zip file and its size in bytes. It imports a bundle of this program, and returns False for others."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the bytes that are being read come from: a file, or a member of an archive."""

    path: str
    """The path of the file, with slashes. For a member, it begins with the path of the archive."""
    url: str
    """The address from which the content was fetched, if the user or the archive names it; otherwise ""."""
    changed: float
    """When the file was last changed, in Unix seconds."""
    size: int
    """Size of the file in bytes; 0 if unknown."""
    depth: int
    """Number of archives around the file."""
    restore: BundleImporter
    """Imports the file if it is a bundle of this program."""
    beside: SiblingReader
    """Returns the content of another file in the same folder or archive."""


def read_file(
    path: Path, url: str, restore: BundleImporter, is_stopped: Callable[[], bool] = lambda: False
) -> Generator[CapturedResponse, None, None]:
    """Yield the responses in a file, a pipe or a folder. A response without a date gets the date of the file.

    `url` is the address of a response that was saved without headers; "" if unknown. If the file is a bundle of this
    program, `restore` is called to import it, and nothing is yielded. For a pipe, this waits until a program writes to
    it, or until `is_stopped` returns True. Raises `UnreadableError` or `OSError` if the file, or the rest of it, can't
    be read.
    """
    if path.is_dir():
        if any(_is_own_store(place / DATABASE) for place in (path, path / "responses")):
            raise UnreadableError(_LIBRARY)
        if _is_unpacked_bundle(path):
            raise UnreadableError("an unpacked bundle: pack it again, with `zip -r ../NEW.zip .`, and import NEW.zip")
        place = _Origin(path.resolve().as_posix(), "", 0.0, 0, 0, restore, _read_beside(path))
        yield from _read_members(place, archive_members.folder_members(path))
    else:
        if _SPLIT.search(path.name):
            raise UnreadableError(
                "a part of a split archive: join the parts (`cat NAME.* > NAME`), and import the whole"
            )
        with _open_pipe(path, is_stopped) if path.is_fifo() else path.open("rb") as file:
            about, regular = os.fstat(file.fileno()), path.is_file()
            changed = about.st_mtime if regular else time.time()
            place = _Origin(
                path.resolve().as_posix(), url, changed, about.st_size, 0, restore, _read_beside(path.parent)
            )
            yield from _read_stream(place, file)


def _open_pipe(path: Path, is_stopped: Callable[[], bool]) -> IO[bytes]:
    """Open a named pipe when a program writes to it.

    Raises `UnreadableError` if `is_stopped` returns True before that. A usual call of `open` would not end then.
    """
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    while not waiting.poll(200):
        if is_stopped():
            os.close(pipe)
            raise UnreadableError("a pipe to which no program has written")
    os.set_blocking(pipe, True)
    return os.fdopen(pipe, "rb")


def _is_own_store(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return _has_own_mark(file.read(_MARK.stop))


def _is_unpacked_bundle(folder: Path) -> bool:
    try:
        with (folder / bundle.ABOUT).open("rb") as file:
            return bundle.MARK.encode() in file.read(_HEAD)
    except OSError:
        return False  # the file is missing, or is reported when the folder is read


def _has_own_mark(head: bytes) -> bool:
    return head.startswith(SQLITE) and head[_MARK] == APPLICATION_ID.to_bytes(4)


def _read_beside(folder: Path) -> SiblingReader:
    def read(name: str) -> bytes | None:
        path = folder / PurePosixPath(name.replace("\\", "/")).name
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > captured_response.MAX_BODY:
                return None
            return path.read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a name with NUL
            raise UnreadableError(f"its body {name[:80]!a} can't be read") from error

    return read


class _Stream:
    """A file object for a file whose beginning `head` was read already. Reading starts at the beginning again."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes of the file, at most `size`; with a negative `size`, all that are left."""
        if not self._head:
            return self._file.read(size)
        if size < 0:
            data, self._head = self._head + self._file.read(), b""
        else:
            data, self._head = self._head[:size], self._head[size:]
        return data


def _read_stream(origin: _Origin, file: IO[bytes]) -> Iterator[CapturedResponse]:
    head = b""
    while len(head) < _HEAD and (more := file.read(_HEAD - len(head))):
        head += more
    stream: IO[bytes] = _Stream(head, file)  # type: ignore[assignment]
    for one in _read(origin, file, stream, head):
        one.fetched_at = one.fetched_at or origin.changed
        yield one


def _read(origin: _Origin, file: IO[bytes], stream: IO[bytes], head: bytes) -> Iterator[CapturedResponse]:
    if head.startswith(_ZIP):
        yield from _read_zip(origin, file, stream)
        return
    inner = unpack_beginning(head, 4096) if is_packed(head) else head
    if inner.startswith(_WEB_ARCHIVES) or _has_dictionary(head):
        yield from read_warc(stream, head)
    elif archive_members.is_tar(inner):
        if origin.depth >= _DEPTH:
            raise UnreadableError("an archive inside two other archives, which is not read")
        within = replace(origin, depth=origin.depth + 1, beside=lambda name: None)
        yield from _read_members(within, archive_members.tar_members(stream, head))
    elif _has_own_mark(inner):
        raise UnreadableError(_LIBRARY)
    elif inner.startswith(SQLITE):
        if origin.depth >= _DEPTH:
            raise UnreadableError("a database inside two archives, which is not read")
        data, problem = _read_whole(stream, head)
        within = replace(origin, depth=origin.depth + 1, beside=lambda name: None)
        missing = problem or (WRITE_AHEAD_LOG if origin.beside(PurePosixPath(origin.path).name + "-wal") else "")
        try:
            yield from _read_members(within, database_members(data))
        except UnreadableError as error:
            raise UnreadableError(missing or str(error)) from error
        if missing:
            raise UnreadableError(missing)
    elif is_property_list(inner):
        if origin.depth >= _DEPTH:
            raise UnreadableError("a web archive inside two archives, which is not read")
        within = replace(origin, depth=origin.depth + 1, beside=lambda name: None)
        yield from _read_members(within, web_archive_members(_read_whole(stream, head)[0]))
    elif refused := name_unsupported(inner) or name_unsupported(to_utf8(inner)):
        raise UnreadableError(refused)
    else:
        yield from _read_in_memory(origin, stream, head)


def _read_in_memory(origin: _Origin, stream: IO[bytes], head: bytes) -> Iterator[CapturedResponse]:
    if origin.size > captured_response.MAX_FILE and not is_packed(head):
        raise _too_large("is larger")
    data, problem = _read_whole(stream, head)
    if not is_packed(data[:_HEAD]):
        yield from _read_text(origin, data)
    elif origin.depth < _DEPTH:
        yield from _read_stream(replace(origin, depth=origin.depth + 1), BytesIO(data))
    else:
        raise UnreadableError("is compressed several times, which is not read")
    if problem:
        raise UnreadableError(problem)


def size_limit(head: bytes) -> int:
    """Return the maximum size in bytes of an imported file that begins with `head`.

    The maximum is smaller for files that must be read into memory as a whole.
    """
    is_streamed = is_packed(head) or archive_members.is_tar(head) or head.startswith((*_ZIP, *_WEB_ARCHIVES))
    return MAX_STREAM if is_streamed else captured_response.MAX_FILE


def _has_dictionary(head: bytes) -> bool:
    return head.startswith(b"\x5d\x2a\x4d\x18")


def _too_large(how: str) -> UnreadableError:
    return UnreadableError(f"{how} than {captured_response.MAX_FILE:,} bytes: split it into smaller files")


def _read_whole(stream: IO[bytes], head: bytes) -> tuple[bytes, str]:
    """Read a file into memory and unpack it. Returns its content, and why the rest can't be unpacked ("" if it can).

    `stream` is the whole file, and `head` its beginning. Raises `UnreadableError` if the content is too large, or if
    nothing can be unpacked.
    """
    done = bytearray()
    packed = is_packed(head)
    for piece in unpack(stream, head):
        if isinstance(piece, Damage):
            if not done:
                raise UnreadableError("it can't be decompressed" if piece is Damage.LOST else "ends early")
            return bytes(done), f"{piece.value}; what came before was read"
        done += piece
        if len(done) > captured_response.MAX_FILE:
            raise _too_large("unpacks to more" if packed else "is larger")
    return bytes(done), ""


def _read_text(origin: _Origin, data: bytes) -> Iterator[CapturedResponse]:
    if origin.path.endswith(".br"):  # its first bytes show nothing
        data = decode_body(data, {"content-encoding": "br"})
    name, data = origin.path.removesuffix(".gz"), to_utf8(data)
    is_yaml = name.endswith((".yaml", ".yml")) or _YAML.match(data) is not None
    data = data if is_yaml or is_revenue_report(data) else unflatten(to_plain_json(data))
    if not data.strip():
        raise UnreadableError("is empty")
    entries = (
        read_har(data, origin.beside)
        or read_postman(data)
        or read_recording_file(data)
        or read_net_log(data)
        or read_recorded_xml(data)
        or read_transcript(data, origin.url)
    )
    if entries is not None:
        yield from entries
        return
    if (mails := read_mails(data)) is not None:
        yield from _read_members(replace(origin, depth=origin.depth + 1, beside=lambda name: None), mails)
        return
    if (page := read_web_page(data, origin.url)) is not None:
        yield page
        return
    content_type = "application/yaml" if is_yaml else ""
    guessed = "" if origin.url else _address_from_path(origin.path)
    if not origin.url and not guessed:
        values = (
            (read_yaml_documents(data) if content_type else None)
            or read_concatenated_json(data)
            or read_json_in_text(data)
        )
        if values is not None:
            yield from values
            return
    yield CapturedResponse(
        place="", url=origin.url or guessed, is_url_guessed=bool(guessed), content_type=content_type, body=data
    )


def _address_from_path(path: str) -> str:
    """Return the address of a file that `wget -r` or a similar program saved; "" if `path` contains no address."""
    found = _ADDRESS.search(path)
    if found is None:
        return ""
    address = _PAGE_SUFFIX.sub("", _DUPLICATE_SUFFIX.sub("", found[1] or f"api.flattr.com/{found[2]}"))
    place, mark, query = address.replace("@", "?", 1).partition("?") if "?" not in address else address.partition("?")
    return f"https://{quote(place, safe='/:+%.~')}{mark}{query}"


def _read_zip(origin: _Origin, file: IO[bytes], stream: IO[bytes]) -> Iterator[CapturedResponse]:
    if origin.depth >= _DEPTH:
        raise UnreadableError("an archive inside two other archives, which is not read")
    if origin.depth == 0 and file.seekable():
        whole, size = file, origin.size
        whole.seek(0)
    else:
        whole = archive_members.make_seekable(stream)
        size = whole.seek(0, os.SEEK_END)
        whole.seek(0)
    with closing(whole), archive_members.open_zip(whole) as archive:
        if origin.restore(whole, size):
            return
        is_fiddler = any(map(_SESSION.search, archive.namelist()))
        if _OFFICE & set(archive.namelist()) and not is_fiddler:
            raise UnreadableError(OFFICE_DOCUMENT)
        members = archive_members.zip_members(archive, size)
        names = {PurePosixPath(name).name: name for name in archive.namelist()}
        budget, used = archive_members.UnpackBudget(size), set[str]()

        def read_beside(name: str) -> bytes | None:
            within = names.get(PurePosixPath(name).name)
            if within is None or archive.getinfo(within).file_size > captured_response.MAX_BODY:
                return None
            used.add(within)
            with archive_members.open_zip_member(archive, archive.getinfo(within), budget) as beside:
                return bytes(beside.read(captured_response.MAX_BODY))

        if any(name.endswith(".har") for name in names):  # before the bodies that belong to its entries
            first = sorted(members, key=lambda member: not member.name.endswith(".har"))
            members = (member for member in first if member.name not in used)
        if is_fiddler:
            members = _join_sessions(members, read_beside)
        if _WACZ in archive.namelist():
            members = (member for member in members if member.name.startswith("archive/"))
        yield from _read_members(replace(origin, depth=origin.depth + 1, beside=read_beside), members)


def _join_sessions(members: Iterator[Member], beside: SiblingReader) -> Iterator[Member]:
    """Yield a member for each response in an archive of Fiddler, and the members that can't be read.

    The headers of the request come first in each member, because only they contain the address. They are in another
    file of the archive: `beside` returns the content of a file by its name.
    """
    for member in members:
        session = _SESSION.search(member.name)
        if session is None or session[2] != "s" or member.refused:
            if member.refused:
                yield member
            continue

        def read(name: str = f"{session[1]}_c.txt", response: Callable[[], IO[bytes]] = member.open) -> IO[bytes]:
            with closing(response()) as file:
                return BytesIO(shorten_request(beside(name) or b"") + b"\r\n" + file.read(captured_response.MAX_BODY))

        yield member._replace(open=read)


def _read_members(origin: _Origin, members: Iterator[Member]) -> Iterator[CapturedResponse]:
    """Yield the responses in each member of a folder or archive.

    For a member that can't be read, yield a `CapturedResponse` that has only a `problem`, which says why.
    """
    for member in join_cached_pages(members):
        if member.refused:
            yield CapturedResponse(place="", member=member.name, problem=member.refused)
            continue
        within = replace(origin, path=f"{origin.path}/{member.name}", changed=member.changed, url=member.url, size=0)
        try:
            with closing(member.open()) as file:
                for one in _read_stream(within, file):
                    one.member = f"{member.name}/{one.member}" if one.member else member.name
                    yield one
        except UnreadableError as error:
            yield CapturedResponse(place="", member=member.name, problem=str(error))
        except OSError as error:
            yield CapturedResponse(place="", member=member.name, problem=f"can't be read ({error.strerror or error})")
