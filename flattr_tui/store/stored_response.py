"""The types of stored responses and of the keys by which they are found, and their encoding as bytes."""

import json
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store.errors import CorruptRowError, StoreError

_PLAIN: Final = b"FR1"
"""First bytes of a response that is stored uncompressed, because it is short or an early version stored it."""
_ZLIB: Final = b"FR2"
"""First bytes of a response that an earlier version compressed by zlib (RFC 1950)."""
_ZSTD: Final = b"FR3"
"""First bytes of a response that is compressed by zstd (RFC 8878)."""
_LEVEL: Final = 9
"""zstd's level. It packs a page of 100 flattrs from 132 KB to 12.5 in 1.1 ms, and unpacks it in 0.1.

Level 6 takes 0.7 ms for 12.9 KB. zlib at level 5 took 1.1 ms for 16.1 KB, and 0.25 ms to unpack them.
"""
MAX_UNPACKED: Final = 64 * 1024 * 1024
"""Maximum unpacked size of a response in bytes, far above the largest body that is accepted, 16 MiB."""
DIGEST_SIZE: Final = 16
"""Size of `content_digest` in bytes."""
RESPONSE: Final = "r/"
"""Prefix of the row key of a response."""
POINTER: Final = "n/"
"""Prefix of the row key of a pointer."""
CONFIRMATION: Final = "c/"
"""Prefix of the row key of a confirmation."""
VERSIONS: Final = 8
"""Number of versions in a pointer. If the latest response is damaged, the one before is used."""


class ResponseKey(msgspec.Struct, frozen=True, kw_only=True):
    """Identifies what was requested for an account: an API page of a list, or a single object.

    Equal requests have equal keys. Responses with the same key are versions of one response.
    """

    source: str
    """Name of the source (`Source.name`)."""
    account: str = ""
    """User name of the login with which the response was requested; "" for no login."""
    request: ApiRequest
    page: int = 1
    count: int = 0
    """The requested page size; 0 if the method has no pages."""
    format: str = "json"

    @property
    def key(self) -> str:
        """The key as a text. The store keeps the `LatestPointer` under it. Different keys have different texts."""
        request = self.request
        return encode_key(
            [self.source, self.account, request.method, request.folded_arguments, self.page, self.count, self.format]
        )

    @property
    def tag(self) -> str:
        """The source and account as text. The responses of an account are counted and deleted by this text."""
        return make_tag(self.source, self.account)


class StoredResponse(ResponseKey, frozen=True, kw_only=True, rename={"response_kind": "answer"}):
    """A response as it was received, and the key of its request."""

    response_kind: ResponseKind
    """The kind of the body, by which `model.entity_decoder` decodes it."""
    url: str = ""
    status: int = 200
    content_type: str = "application/json"
    etag: str | None = None
    fetched_at: float
    """When the body was received, in Unix seconds."""
    checked_at: float = 0.0
    """When the server last confirmed the response, in Unix seconds; never before `fetched_at` once it is stored."""
    body: bytes
    sequence: int = 0
    """Number in the store, in the order of arrival; no other response ever gets it. 0 before the response is stored."""

    @property
    def response_key(self) -> ResponseKey:
        """The key of this response, without the response itself."""
        return ResponseKey(
            source=self.source,
            account=self.account,
            request=self.request,
            page=self.page,
            count=self.count,
            format=self.format,
        )


class LatestPointer(msgspec.Struct, frozen=True, array_like=True):
    """The sequence numbers of the latest responses with one `ResponseKey`, and facts about the newest of them."""

    versions: tuple[int, ...]
    """Sequence numbers of the responses, the newest first, at most `VERSIONS`."""
    checked_at: float
    etag: str | None
    digest: bytes
    """The `content_digest` of the latest response."""


class PutResult(NamedTuple):
    """The result of `ResponseStore.put`."""

    stored: StoredResponse
    """The stored response. If an equal response was already stored, it is that one."""
    is_new: bool
    """Whether the response differs from the latest one, so that it was stored under a new sequence number."""


class Confirmation(NamedTuple):
    """The server's confirmation that an API page is unchanged. Only those that changed a list are stored."""

    number: int
    """Number of the confirmation, in the order of storing, from 1."""
    sequence: int
    """Sequence number of the last response that was ingested before the confirmation."""
    place: ResponseKey
    checked_at: float
    """When the server confirmed the page, in Unix seconds."""


class _Dates(msgspec.Struct):
    fetched_at: float


_encoder = msgspec.msgpack.Encoder()
_stored_decoder = msgspec.msgpack.Decoder(StoredResponse)
_dates_decoder = msgspec.msgpack.Decoder(_Dates)
_note_decoder = msgspec.msgpack.Decoder(Confirmation)
_pointer_decoder = msgspec.msgpack.Decoder(LatestPointer)


def encode_key(parts: Sequence[object]) -> str:
    """Return the parts of a `ResponseKey` as the text under which its `LatestPointer` is stored."""
    return POINTER + json.dumps(parts, separators=(",", ":"))


def fold_key(key: str) -> str:
    """Return a key with its user name in lower case. Versions before 0.2 stored the name as it was typed."""
    parts = json.loads(key.removeprefix(POINTER))
    parts[3] = ApiRequest(parts[2], tuple((name, value) for name, value in parts[3])).folded_arguments
    return encode_key(parts)


def make_tag(source: str, account: str) -> str:
    """Return a source and an account as one text, which `parse_tag` splits again."""
    return json.dumps([source, account], separators=(",", ":"))


def parse_tag(tag: str) -> tuple[str, str]:
    """Return the source and account in a text that `make_tag` returned."""
    source, account = json.loads(tag)
    return str(source), str(account)


def row_key(sequence: int) -> str:
    """Return the row key of a response, by its sequence number. Keys sort in the order of the numbers."""
    return f"{RESPONSE}{sequence:016d}"


def content_digest(stored: StoredResponse) -> bytes:
    """Return a hash of body, status and content type, to recognize equal responses."""
    digest = blake2b(stored.body, digest_size=DIGEST_SIZE)
    digest.update(f"\0{stored.status} {stored.content_type}".encode(errors="backslashreplace"))
    return digest.digest()


def encode(stored: StoredResponse, digest: bytes) -> bytes:
    """Return the bytes to store for a response and its `content_digest`, compressed if that is shorter.

    Raises `StoreError` if the response has text that is not valid Unicode.
    """
    try:
        data = _encoder.encode(stored)
    except UnicodeEncodeError as error:
        raise StoreError(f"The response to {str(stored.request)!a} contains invalid text; it is not saved.") from error
    from flattr_tui import zstd  # noqa: PLC0415 -- 4 ms, and a start reads no response

    packed = zstd.compress(data, _LEVEL)
    return _ZSTD + digest + packed if len(packed) < len(data) else _PLAIN + digest + data


def is_zstd(data: bytes) -> bool:
    """Whether an encoded response is compressed as this version compresses, by zstd."""
    return data.startswith(_ZSTD)


def decode(data: bytes, sequence: int, *, verify: bool = False) -> StoredResponse:
    """Return the response that `encode` has encoded as `data`.

    Raises `CorruptRowError` if the data is damaged, or contains another sequence number than `sequence`. With `verify`,
    also raises it if the content does not match the stored digest.
    """
    try:
        stored = _stored_decoder.decode(_unpack(data, sequence))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError(f"Saved response {sequence} is damaged.") from error
    if stored.sequence != sequence or (verify and not _is_unchanged(stored, data)):
        raise CorruptRowError(f"Saved response {sequence} is not what was stored under its number.")
    return stored


def decode_unnumbered(data: bytes) -> StoredResponse:
    """Return the response in the data of a file, whatever its sequence number is.

    Raises `CorruptRowError` if the data is damaged, or does not match the stored digest.
    """
    try:
        stored = _stored_decoder.decode(_unpack(data, 0))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError("A file of the store holds no response.") from error
    if not _is_unchanged(stored, data):
        raise CorruptRowError("A file of the store is not what was stored.")
    return stored


def _is_unchanged(stored: StoredResponse, data: bytes) -> bool:
    return content_digest(stored) == data[len(_PLAIN) : len(_PLAIN) + DIGEST_SIZE]


def decode_fetched_at(data: bytes, sequence: int) -> float:
    """Return when an encoded response was fetched (Unix seconds), without decoding everything.

    Raises `CorruptRowError` if the response is damaged. The message names `sequence`, the response's sequence number.
    """
    try:
        return _dates_decoder.decode(_unpack(data, sequence)).fetched_at
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError(f"Saved response {sequence} is damaged.") from error


def _unpack(data: bytes, sequence: int) -> bytes | memoryview:
    """Return an encoded response uncompressed.

    Raises `CorruptRowError` if the data is damaged or too large, or has an unknown form.
    """
    content = memoryview(data)[len(_PLAIN) + DIGEST_SIZE :]
    if data.startswith(_PLAIN):
        return content
    if not data.startswith((_ZLIB, _ZSTD)):
        raise CorruptRowError(f"Saved response {sequence} is not in a form that this program knows.")
    from flattr_tui import zstd  # noqa: PLC0415 -- see `encode`

    unpacker = zstd.ZstdDecompressor() if data.startswith(_ZSTD) else zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(content, MAX_UNPACKED)
    except (zlib.error, zstd.ZstdError) as error:
        raise CorruptRowError(f"Saved response {sequence} is damaged.") from error
    if not unpacker.eof or unpacker.unused_data:
        raise CorruptRowError(f"Saved response {sequence} is damaged.")
    return unpacked


def encode_entry(entry: LatestPointer | Confirmation) -> bytes:
    """Return the bytes to store for a pointer or a confirmation (MessagePack)."""
    return _encoder.encode(entry)


def decode_pointer(data: bytes) -> LatestPointer | None:
    """Return the pointer that `encode_entry` has encoded as `data`; None if the data is damaged.

    No error is raised, because the responses can be read without the pointer.
    """
    try:
        pointer = _pointer_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return pointer if pointer.versions else None


def decode_confirmation(data: bytes) -> Confirmation:
    """Return the confirmation that `encode_entry` has encoded as `data`. Raises `CorruptRowError` if it is damaged."""
    try:
        return _note_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRowError("A saved confirmation of a page is damaged.") from error
