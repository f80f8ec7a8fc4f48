"""Reads recordings of HTTP exchanges in YAML or JSON: cassettes of tests, stubs of mock servers, reports of runners.

They differ in names alone: somewhere in the file is a pair of a request and a response. Request headers and bodies are
ignored: they contain tokens.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from flattr_tui.library.transfer.capture import Capture, make_lookup_body, read_time
from flattr_tui.library.transfer.content_encoding import decode_body
from flattr_tui.library.transfer.har import decode_base64
from flattr_tui.library.transfer.packed_stream import UnreadableError
from flattr_tui.library.transfer.postman import read_address
from flattr_tui.library.transfer.url_matcher import ROOT

_YAML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[^\n]*\n|#[^\n]*\n|!tape\s|[a-z_]+: [^\n]*\n|\s++)*+"
    rb"(?:(?:http_interactions|interactions|responses):|-\s+(?:!\S+\s+)?(?:request|response):)"
)
_YAML_PAIR: Final = re.compile(rb"\n[ -]*(?:response|(?:http_)?interactions):")
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_JSON_PAIR: Final = re.compile(rb'"(?:request|httpRequest|predicates|responses|originalResponseData)"\s*:')
_NOCK: Final = re.compile(rb'\s*\[\s*\{\s*"scope"\s*:')
_NOCK_CODE: Final = re.compile(
    r"^nock\('([^']+)'[^\n]*\)\s*\.(get|head|post|put|patch|delete)\('([^'\n]*)'[^\n]*\)"
    r"(?:\s*\.query\((\{[^\n]*\})\))?\s*\.reply\((\d{3}), ",
    re.MULTILINE,
)
_NOCK_DATE: Final = re.compile(r"['\"]date['\"][,:]\s*['\"]([^'\"\n]+)", re.IGNORECASE)
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_LIMIT: Final = 64 * 1024 * 1024
_MAX_DEPTH: Final = 12
_REQUESTS: Final = ("request", "httpRequest", "meta")
_RESPONSES: Final = ("response", "httpResponse", "originalResponseData", "is")
"""Names in cassettes and WireMock, in MockServer, in axios-vcr, and in mountebank (whose request is `predicates`)."""
_BODIES: Final = ("body", "text", "data", "stream", "jsonBody", "json")


def read_cassette(data: bytes) -> Iterator[Capture] | None:
    """Return the responses of a recording; None for any other file. Raises `UnreadableError` for invalid YAML."""
    if _NOCK.match(data):
        return _nock_captures(data)
    if data.lstrip()[:6] == b"nock('":
        return _nock_code(data.decode("utf-8", "replace"))
    if _YAML.match(data) and _YAML_PAIR.search(data):
        tape = _load_yaml(data)
    elif _JSON.match(data) and _JSON_PAIR.search(data):
        try:
            tape = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    else:
        return None
    pairs = _find_pairs(tape)
    first = next(pairs, None)
    return _captures(chain([first], pairs)) if first else None


def _load_yaml(data: bytes) -> Any:
    import yaml  # noqa: PLC0415 -- for cassettes alone

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Safe YAML; an object of Ruby, Groovy or Python is read as the plain values in it."""

    def construct_plain(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value

    Loader.add_constructor("!binary", Loader.construct_yaml_binary)
    for prefix in ("!", "tag:yaml.org,2002:python/"):
        Loader.add_multi_constructor(prefix, construct_plain)
    if len(data) > _LIMIT:
        raise UnreadableError(f"a cassette of more than {_LIMIT:,} bytes")
    try:
        return yaml.load(data, Loader=Loader)  # noqa: S506 -- it is one of the safe loaders
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError("a cassette that is not valid YAML") from error


_Pair = tuple[Mapping[str, Any], Mapping[str, Any], Any]
"""A request, its response, and when they were recorded if the file says so."""


def _find_pairs(value: Any, depth: int = 0) -> Iterator[_Pair]:
    """Yield the exchanges in a value, in order, however deep they are in it."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _find_pairs(one, depth + 1)
    if not isinstance(value, Mapping):
        return
    request, response = (
        next((found for name in names if isinstance(found := value.get(name), Mapping)), None)
        for names in (_REQUESTS, _RESPONSES)
    )
    if response is not None and (request is not None or response.get("url")):
        yield request or {}, response, value.get("recorded_at") or value.get("recorded")
    elif isinstance(answers := value.get("responses"), list) and ("url" in value or "predicates" in value):
        for one in answers:
            if isinstance(one, Mapping):
                yield value, _mapping(one.get("is", one)), None
    else:
        for one in value.values():
            yield from _find_pairs(one, depth + 1)


def _captures(pairs: Iterable[_Pair]) -> Iterator[Capture]:
    for number, (request, response, at) in enumerate(pairs, 1):
        yield _capture(request, response, at, f"interaction {number}")


def _nock_captures(data: bytes) -> Iterator[Capture] | None:
    """Read what nock's recorder returns with `output_objects`. A JSON body is in it as JSON, an encoded one as hex."""
    try:
        recorded = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (_nock_capture(_mapping(one), f"recording {number}") for number, one in enumerate(recorded, 1))


def _nock_code(text: str) -> Iterator[Capture]:
    """Read what nock's recorder prints: JavaScript with the bodies in JSON. It is never run."""
    calls = list(_NOCK_CODE.finditer(text))
    if not calls:
        raise UnreadableError("code of nock that its recorder did not print: save the responses in it as JSON")
    for number, (call, end) in enumerate(zip(calls, [*(one.start() for one in calls[1:]), len(text)], strict=True), 1):
        scope, verb, path, query, status = call.groups()
        place = f"recording {number}"
        try:
            body, after = _decoder.raw_decode(text, call.end())
            asked = f"?{urlencode(_decoder.decode(query))}" if query else ""
        except (ValueError, TypeError, RecursionError):
            yield Capture(place=place, url=f"{scope}{path}", problem="its body can't be read")
            continue
        date = _NOCK_DATE.search(text, after, end)
        headers = ["Date", date[1]] if date else []
        recorded = {"scope": scope, "method": verb, "path": path + asked, "status": status, "response": body}
        yield _nock_capture({**recorded, "rawHeaders": headers}, place)


def _nock_capture(one: Mapping[str, Any], place: str) -> Capture:
    raw, body = one.get("rawHeaders"), one.get("response")
    if isinstance(raw, list):
        raw = dict(zip(raw[::2], raw[1::2], strict=False)) if all(isinstance(item, str) for item in raw) else {}
    if isinstance(body, list) and body and all(isinstance(item, str) and _HEX.fullmatch(item) for item in body):
        body = bytes.fromhex("".join(body))
    request = {"uri": f"{one.get('scope', '')}{one.get('path', '')}", "method": one.get("method")}
    return _capture(request, {"status": one.get("status"), "headers": raw, "body": body}, None, place)


def _capture(request: Mapping[str, Any], response: Mapping[str, Any], at: Any, place: str) -> Capture:
    headers = _headers(response)
    capture = Capture(
        place=place,
        url=_address(request) or str(response.get("url") or ""),
        verb=str(request.get("method") or response.get("method") or "GET").upper().lstrip(":"),
        status=_status(response),
        content_type=headers.get("content-type", "") or str(response.get("content_type", "")),
        fetched_at=_time(at, headers),
    )
    try:
        capture.body = decode_body(_body(response), headers)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and not capture.problem and headers.get("location"):
        capture.body = make_lookup_body(headers["location"])
    return capture


def _address(request: Mapping[str, Any]) -> str:
    """Return a request's address; only its path is in the stubs of a mock server."""
    for name in ("uri", "absoluteUrl", "url"):
        if address := read_address(request.get(name)):
            break
    else:
        predicates = request.get("predicates")
        for one in predicates if isinstance(predicates, list) else []:
            for matched in _mapping(one).values():
                request = {**request, **_mapping(matched)}
        query = request.get("query") or request.get("queryStringParameters")
        if isinstance(query, Mapping):
            query = urlencode({name: _plain(value) for name, value in query.items()})
        address = _plain(request.get("path")) + (f"?{_plain(query)}" if _plain(query) else "")
    return f"https://api.flattr.com{address}" if address.startswith(ROOT) else address


def _plain(value: Any) -> str:
    """Return a text that may be one of several, or an object that says how it must match, as in Hoverfly."""
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("value", value.get("exactMatch")) if isinstance(value, Mapping) else value
    return value if isinstance(value, str) else ""


def _status(response: Mapping[str, Any]) -> int:
    """Return a status that is a number, a text (`200 OK`), or in an object."""
    for name in ("code", "statusCode", "responseCode", "status"):
        found = response.get(name)
        code = str(_mapping(found).get("code", found)).partition(" ")[0]
        if code.isascii() and code.isdigit() and len(code) < 4:
            return int(code)
    return 200 if response.get("status") is None else 0  # mock servers leave out a 200


def _headers(response: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by lower-case name; they are an object, or a list of objects."""
    found = response.get("headers") or response.get("header")
    if isinstance(found, list):
        found = {one.get("key") or one.get("name"): one.get("value") for one in found if isinstance(one, Mapping)}
    return {str(name).lower(): _first(value) for name, value in _mapping(found).items()}


def _body(response: Mapping[str, Any]) -> bytes:
    body = next((found for name in _BODIES if (found := response.get(name)) is not None), None)
    if body is None and isinstance(name := response.get("bodyFileName"), str):
        raise UnreadableError(f"its body is in another file, {name[:80]!a}: import that one, too")
    packed = _mapping(body).get("base64_string") or response.get("base64Body")
    if isinstance(packed, str):
        return decode_base64(packed)
    for name in ("string", "json"):
        body = _mapping(body).get(name, body)
    if isinstance(body, str):
        return decode_base64(body) if response.get("encodedBody") is True else body.encode("utf-8", "replace")
    if _mapping(body).get("type") == "Buffer" and isinstance(octets := _mapping(body).get("data"), list):
        try:
            return bytes(octets)
        except (TypeError, ValueError) as error:
            raise UnreadableError("its body is broken") from error
    if isinstance(body, bytes) or body is None:
        return body or b""
    return msgspec.json.encode(body)  # a body that was recorded as what its JSON meant


def _time(recorded_at: Any, headers: Mapping[str, str]) -> float:
    """Return when a response was recorded (Unix seconds): by its `Date` header if the cassette does not say."""
    text = recorded_at.isoformat() if hasattr(recorded_at, "isoformat") else str(recorded_at or "")
    return read_time(text) or read_time(headers.get("date", ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


_decoder: Final = json.JSONDecoder(strict=False)
