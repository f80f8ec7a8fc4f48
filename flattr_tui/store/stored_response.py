"""One stored response as a value, its place among the others, and the bytes that both are kept as."""

import json
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.response_kind import Answer
from flattr_tui.store.errors import CorruptRowError, StoreError

_MARK: Final = b"FR1"
"""Begins every stored response: what it is, and the version of its form."""
DIGEST_SIZE: Final = 16
VERSIONS: Final = 8
"""How many versions of a place its pointer knows, so that a damaged one gives way to the one before."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two responses versions of each other: the same part of the same list, for the same account."""

    source: str
    """`Source.name`."""
    account: str = ""
    """The user name logged in as, "" for nobody."""
    request: Request
    page: int = 1
    count: int = 0
    """How many items a page were asked for; 0 where the method has no pages."""
    format: str = "json"

    @property
    def key(self) -> str:
        """The place as one text; two places have the same one only if they are equal."""
        return "n/" + json.dumps(
            [
                self.source,
                self.account,
                self.request.method,
                self.request.arguments,
                self.page,
                self.count,
                self.format,
            ],
            separators=(",", ":"),
        )

    @property
    def tag(self) -> str:
        """Source and account, by which responses are counted and removed."""
        return tag_of(self.source, self.account)


class Stored(Place, frozen=True, kw_only=True):
    """One response as it came."""

    answer: Answer
    """What its body holds, for `model.decode`."""
    url: str = ""
    status: int = 200
    content_type: str = "application/json"
    etag: str | None = None
    fetched_at: float
    """Unix seconds: when these bytes came."""
    checked_at: float = 0.0
    """Unix seconds: when the server last said the same; never before `fetched_at`."""
    body: bytes
    sequence: int = 0
    """Its number in the store, in the order of arrival, never given twice; 0 before it is stored."""

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return Place(
            source=self.source,
            account=self.account,
            request=self.request,
            page=self.page,
            count=self.count,
            format=self.format,
        )


class Pointer(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a place without reading its responses."""

    versions: tuple[int, ...]
    """Sequence numbers, the newest first, at most `VERSIONS`."""
    checked_at: float
    etag: str | None
    digest: bytes


class Kept(NamedTuple):
    """What `ResponseStore.put` did."""

    stored: Stored
    """The newest response of the place as it is stored now."""
    new: bool
    """Whether it differs from the one before, and so has a number of its own."""


class Confirmation(NamedTuple):
    """A server's word that a page was still the same, where that told something about the list around it."""

    number: int
    sequence: int
    """The number of the last response before it."""
    place: Place
    checked_at: float


class _Dates(msgspec.Struct):
    fetched_at: float


_encoder = msgspec.msgpack.Encoder()
_stored_decoder = msgspec.msgpack.Decoder(Stored)
_dates_decoder = msgspec.msgpack.Decoder(_Dates)
_note_decoder = msgspec.msgpack.Decoder(Confirmation)
_pointer_decoder = msgspec.msgpack.Decoder(Pointer)


def tag_of(source: str, account: str) -> str:
    """Write source and account as one text."""
    return json.dumps([source, account], separators=(",", ":"))


def read_tag(tag: str) -> tuple[str, str]:
    """Read source and account back."""
    source, account = json.loads(tag)
    return str(source), str(account)


def row_key(sequence: int) -> str:
    """Return the key of a response; keys sort as their numbers do."""
    return f"r/{sequence:016d}"


def digest_of(stored: Stored) -> bytes:
    """Return what two responses have in common when they say the same: body, status and type."""
    digest = blake2b(stored.body, digest_size=DIGEST_SIZE)
    digest.update(f"\0{stored.status} {stored.content_type}".encode(errors="backslashreplace"))
    return digest.digest()


def encode(stored: Stored, digest: bytes) -> bytes:
    """Write a response as one piece of bytes; raises `StoreError` where it holds text that is no Unicode."""
    try:
        return _MARK + digest + _encoder.encode(stored)
    except UnicodeEncodeError as error:
        raise StoreError(f"The answer to {str(stored.request)!a} holds what is no text; it is not kept.") from error


def decode(data: bytes, sequence: int, *, verify: bool = False) -> Stored:
    """Read a response back; raises `CorruptRowError` for bytes that are none, or (`verify`) have changed since."""
    start = len(_MARK) + DIGEST_SIZE
    if not data.startswith(_MARK):
        raise CorruptRowError(f"Saved response {sequence} is not in a form that this program knows.")
    try:
        stored = _stored_decoder.decode(memoryview(data)[start:])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError(f"Saved response {sequence} is damaged.") from error
    if stored.sequence != sequence or (verify and digest_of(stored) != data[len(_MARK) : start]):
        raise CorruptRowError(f"Saved response {sequence} is not what was stored under its number.")
    return stored


def decode_dates(data: bytes, sequence: int) -> float:
    """Read only when a response came, in Unix seconds; raises `CorruptRowError` for bytes that are none."""
    if not data.startswith(_MARK):
        raise CorruptRowError(f"Saved response {sequence} is not in a form that this program knows.")
    try:
        return _dates_decoder.decode(memoryview(data)[len(_MARK) + DIGEST_SIZE :]).fetched_at
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError(f"Saved response {sequence} is damaged.") from error


def encode_pointer(pointer: Pointer) -> bytes:
    """Write a pointer."""
    return _encoder.encode(pointer)


def decode_pointer(data: bytes) -> Pointer | None:
    """Read a pointer; None for a damaged one (the responses are there all the same)."""
    try:
        pointer = _pointer_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return pointer if pointer.versions else None


def encode_note(note: Confirmation) -> bytes:
    """Write a confirmation."""
    return _encoder.encode(note)


def decode_note(data: bytes) -> Confirmation:
    """Read a confirmation back; raises `CorruptRowError`."""
    try:
        return _note_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError("A saved confirmation of a page is damaged.") from error
