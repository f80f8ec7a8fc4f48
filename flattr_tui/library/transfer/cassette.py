"""Reads cassettes: HTTP recorded by VCR (Ruby), vcrpy, betamax, responses (Python) and nock, in YAML or JSON.

Request headers and bodies are ignored: they contain tokens.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from flattr_tui.library.transfer.capture import Capture, make_lookup_body, read_time
from flattr_tui.library.transfer.content_encoding import decode_body
from flattr_tui.library.transfer.har import decode_base64
from flattr_tui.library.transfer.packed_stream import UnreadableError

_YAML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[^\n]*\n|#[^\n]*\n|\s+)*(?:http_interactions|interactions|recorded_with|version|responses):"
)
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_INTERACTIONS: Final = re.compile(rb'"(?:http_)?interactions"\s*:\s*\[')
_OLD: Final = re.compile(rb"(?:---[^\n]*\n)?- !ruby/struct:VCR::HTTPInteraction")
_NOCK: Final = re.compile(rb'\s*\[\s*\{\s*"scope"\s*:')
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_LIMIT: Final = 64 * 1024 * 1024


def read_cassette(data: bytes) -> Iterator[Capture] | None:
    """Read a cassette; None for any other file. Raises `UnreadableError` for an invalid one."""
    if _OLD.match(data):
        raise UnreadableError("a cassette of VCR 1, which is not read: record it again with VCR 2 or later")
    if _NOCK.match(data):
        return _nock_captures(data)
    if _YAML.match(data) and (b"interactions:" in data or b"\n- response:" in data):
        return _captures(_load_yaml(data))
    if _JSON.match(data) and _INTERACTIONS.search(data):
        try:
            return _captures(msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf")))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    return None


def _load_yaml(data: bytes) -> Any:
    import yaml  # noqa: PLC0415 -- for cassettes alone

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Safe YAML, with Ruby's tag for binary text."""

    Loader.add_constructor("!binary", Loader.construct_yaml_binary)
    if len(data) > _LIMIT:
        raise UnreadableError(f"a cassette of more than {_LIMIT:,} bytes")
    try:
        return yaml.load(data, Loader=Loader)  # noqa: S506 -- it is one of the safe loaders
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError("a cassette that is not valid YAML") from error


def _captures(tape: Any) -> Iterator[Capture]:
    found = _mapping(tape)
    interactions = found.get("http_interactions") or found.get("interactions") or found.get("responses")
    for number, one in enumerate(interactions if isinstance(interactions, list) else [], 1):
        yield _capture(_mapping(one), f"interaction {number}")


def _nock_captures(data: bytes) -> Iterator[Capture] | None:
    """Read what nock's recorder returns with `output_objects`. A JSON body is in it as JSON, an encoded one as hex."""
    try:
        recorded = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (_nock_capture(_mapping(one), f"recording {number}") for number, one in enumerate(recorded, 1))


def _nock_capture(one: Mapping[str, Any], place: str) -> Capture:
    raw, body = one.get("rawHeaders"), one.get("response")
    if isinstance(raw, list):
        raw = dict(zip(raw[::2], raw[1::2], strict=False)) if all(isinstance(item, str) for item in raw) else {}
    if isinstance(body, list) and body and all(isinstance(item, str) and _HEX.fullmatch(item) for item in body):
        body = bytes.fromhex("".join(body))
    elif not isinstance(body, str):
        body = msgspec.json.encode(body) if body else ""
    request = {"uri": f"{one.get('scope', '')}{one.get('path', '')}", "method": one.get("method")}
    return _capture(
        {"request": request, "response": {"status": one.get("status"), "headers": raw, "body": body}}, place
    )


def _capture(one: Mapping[str, Any], place: str) -> Capture:
    request, response = _mapping(one.get("request")), _mapping(one.get("response"))
    headers = {str(name).lower(): _first(value) for name, value in _mapping(response.get("headers")).items()}
    status = response.get("status")
    code = str(_mapping(status).get("code", status))
    capture = Capture(
        place=place,
        url=str(request.get("uri") or response.get("url") or ""),
        verb=str(request.get("method") or response.get("method") or "GET").upper().lstrip(":"),
        status=int(code) if code.isascii() and code.isdigit() and len(code) < 4 else 0,
        content_type=headers.get("content-type", "") or str(response.get("content_type", "")),
        fetched_at=_time(one.get("recorded_at"), headers),
    )
    try:
        capture.body = decode_body(_body(response.get("body")), headers)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and not capture.problem and headers.get("location"):
        capture.body = make_lookup_body(headers["location"])
    return capture


def _body(body: Any) -> bytes:
    if isinstance(packed := _mapping(body).get("base64_string"), str):
        return decode_base64(packed)
    text = _mapping(body).get("string", body)
    if isinstance(text, str):
        return text.encode("utf-8", "replace")
    return text if isinstance(text, bytes) else b""


def _time(recorded_at: Any, headers: Mapping[str, str]) -> float:
    """Return when a response was recorded (Unix seconds): by its `Date` header if the cassette does not say."""
    text = recorded_at.isoformat() if hasattr(recorded_at, "isoformat") else str(recorded_at or "")
    return read_time(text) or read_time(headers.get("date", ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""
