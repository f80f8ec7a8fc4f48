"""Reads HTTP exchanges that programs recorded in YAML or JSON: cassettes, stubs of mock servers, caches, proxies' logs.

Somewhere in such a file are pairs of a request and a response, under different names. Headers and bodies of requests
are ignored, because they may contain tokens.

Network logs of Chromium (`--log-net-log=FILE --net-log-capture-mode=Everything`) have events instead of pairs.
https://www.chromium.org/for-testers/providing-network-details/
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from flattr_tui.library.import_export.captured_response import (
    LENIENT_DECODER,
    CapturedResponse,
    decode_body,
    make_lookup_body,
    read_time,
)
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.http_archives import decode_base64, read_address
from flattr_tui.library.import_export.request_recognition import ROOT

_YAML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[^\n]*\n|#[^\n]*\n|!tape\s|[a-z][a-z_]*: [^\n]*\n|\s++)*+"
    rb"(?:(?:http_interactions|interactions|responses|response|_content|_decoded_content):"
    rb"|-\s+(?:!\S+\s+)?(?:request|response):)"
)
_YAML_PAIR: Final = re.compile(rb"\n[ -]*(?:request|response|(?:http_)?interactions):")
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_JSON_PAIR: Final = re.compile(
    rb'"(?:req|request|httpRequest|originalRequest|predicates|responses|originalResponseData)"\s*:'
)
_MSGPACK: Final = b"cc=4,"
"""The first bytes of a response that CacheControl has cached."""
_NOCK: Final = re.compile(rb'\s*\[\s*\{\s*"scope"\s*:')
_NOCK_CODE: Final = re.compile(
    r"^nock\('([^']+)'[^\n]*\)\s*\.(get|head|post|put|patch|delete)\('([^'\n]*)'[^\n]*\)"
    r"(?:\s*\.query\((\{[^\n]*\})\))?\s*\.reply\((\d{3}), ",
    re.MULTILINE,
)
_NOCK_DATE: Final = re.compile(r"['\"]date['\"][,:]\s*['\"]([^'\"\n]+)", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\r\n-]{8,}={0,2}\s*")
"""Matches a body in base64. A body in a format of the API contains other characters."""
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_LIMIT: Final = 64 * 1024 * 1024
_MAX_DEPTH: Final = 12
_MAX_EXPANSION: Final = 10
"""How many times larger than a YAML file its content may be with all aliases written out."""
_REQUESTS: Final = ("request", "httpRequest", "originalRequest", "req", "meta")
_RESPONSES: Final = ("response", "httpResponse", "originalResponseData", "is", "res")
"""The names of a response in files of different programs: cassettes and WireMock, MockServer, axios-vcr and so on."""
_BODIES: Final = ("body", "text", "data", "stream", "jsonBody", "json", "base64Body",
                  "content", "_content", "_decoded_content")  # fmt: skip
_BODY_PARTS: Final = ("base64_string", "encoded", "string", "text", "json")
"""The names of a body's content, if the body is an object. Contents under the first two names are base64."""
_TIMES: Final = ("recorded_at", "recorded", "created_at", "createdAt", "start")
_NET_LOG: Final = re.compile(rb'\s*\{\s*"constants":\s*\{')
_NET_LOG_HEADS: Final = "HTTP_TRANSACTION_READ_RESPONSE_HEADERS"
_NET_LOG_BYTES: Final = "URL_REQUEST_JOB_FILTERED_BYTES_READ"


def read_recording_file(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a file with recorded HTTP exchanges; None for any other file.

    Raises `UnreadableError` for invalid YAML, and for a file of a cache (CacheControl) whose bodies are in another
    file.
    """
    if _NOCK.match(data):
        return _nock_captures(data)
    if data.lstrip()[:6] == b"nock('":
        return _nock_code(data.decode("utf-8", "replace"))
    if data.startswith(_MSGPACK):
        tape = _load_msgpack(data.removeprefix(_MSGPACK))
    elif _YAML.match(data) and _YAML_PAIR.search(data):
        tape = _load_yaml(data)
    elif _JSON.match(data) and _JSON_PAIR.search(data):
        try:
            tape = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    else:
        return None
    return read_decoded_recording(tape)


def read_decoded_recording(tape: Any) -> Iterator[CapturedResponse] | None:
    """Return the responses in `tape`, decoded JSON or YAML with recorded HTTP exchanges; None without exchanges."""
    pairs = _find_pairs(tape)
    first = next(pairs, None)
    return _captures(chain([first], pairs)) if first else None


def _load_msgpack(data: bytes) -> Mapping[str, Any]:
    try:
        cached = _mapping(msgspec.msgpack.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("a cached response of CacheControl that is damaged") from error
    if not _mapping(cached.get("response")).get("body"):
        raise UnreadableError(
            "the head of a cached response of CacheControl: its body is in the file NAME.body beside it"
        )
    return {"request": {}, **cached}


def _load_yaml(data: bytes) -> Any:
    import yaml  # noqa: PLC0415 -- only for recordings in YAML

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Loads YAML safely. An object of Ruby, Groovy or Python is loaded as the plain values in it."""

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
        tape = yaml.load(data, Loader=Loader)  # noqa: S506 -- it is one of the safe loaders
        size = _expanded_size(tape, {})
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError) as error:
        raise UnreadableError("a cassette that is not valid YAML") from error
    if size > _MAX_EXPANSION * (len(data) + 1000):
        raise UnreadableError("a cassette that its aliases multiply, which no program writes")
    return tape


def _expanded_size(value: Any, sizes: dict[int, int]) -> int:
    """Return the size of a value in which each YAML alias is written out.

    The size of a text is its number of characters. Any other value counts 1, plus the sizes of its parts. `sizes`
    contains the sizes of lists and mappings that are known already, by their `id()`; the function adds to them.
    """
    if isinstance(value, str | bytes):
        return len(value)
    if not isinstance(value, Mapping | list | tuple):
        return 1
    if id(value) not in sizes:
        sizes[id(value)] = sys.maxsize  # in case it contains itself
        parts = value.values() if isinstance(value, Mapping) else value
        sizes[id(value)] = 1 + sum(_expanded_size(part, sizes) for part in parts)
    return sizes[id(value)]


_Pair = tuple[Mapping[str, Any], Mapping[str, Any], Any]
"""A request, its response, and when they were recorded (None if the file does not say)."""


def _find_pairs(value: Any, depth: int = 0) -> Iterator[_Pair]:
    """Yield the recorded exchanges in a decoded file, in the order of the file: a request, its response and its time.

    `value` is the decoded file, or a list or object inside it. `depth` is the number of lists and objects around
    `value`.
    """
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
    if request is not None and response is None and ("status_code" in value or "code" in value):
        response = value  # the request is in the response, as in requests-cache and Hoppscotch
    if response is not None and (request is not None or response.get("url")):
        yield _with_address(request or {}, value), response, _recorded_at(value)
    elif isinstance(answers := value.get("responses"), list) and ("url" in value or "predicates" in value):
        for one in answers:
            if isinstance(one, Mapping):
                yield value, _mapping(one.get("is", one)), None
    else:
        for one in value.values():
            yield from _find_pairs(one, depth + 1)


def _with_address(request: Mapping[str, Any], pair: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a request with the address that Charles saves in parts (host, path and so on) beside the request.

    `pair` is the object that contains the request and the parts. Without such parts, the request is returned unchanged.
    """
    if not isinstance(pair.get("scheme"), str):
        return request
    query = f"?{pair['query']}" if pair.get("query") else ""
    return {"method": pair.get("method"), "url": f"{pair['scheme']}://{pair.get('host')}{pair.get('path')}{query}"}


def _recorded_at(pair: Mapping[str, Any]) -> Any:
    parts = (pair, *(_mapping(pair.get(name)) for name in ("meta", "metadata", "times")))
    return next((part[name] for part in parts for name in _TIMES if part.get(name)), None)


def _captures(pairs: Iterable[_Pair]) -> Iterator[CapturedResponse]:
    for number, (request, response, at) in enumerate(pairs, 1):
        yield _capture(request, response, at, f"interaction {number}")


def _nock_captures(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses that nock recorded with `output_objects`; None if the file is not valid JSON.

    Bodies in JSON are recorded as JSON, and compressed bodies in hexadecimal digits.
    """
    try:
        recorded = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (_nock_capture(_mapping(one), f"recording {number}") for number, one in enumerate(recorded, 1))


def _nock_code(text: str) -> Iterator[CapturedResponse]:
    """Yield the responses in JavaScript code that nock's recorder printed, with the bodies in JSON.

    The code is never run. Raises `UnreadableError` if nock did not print it.
    """
    calls = list(_NOCK_CODE.finditer(text))
    if not calls:
        raise UnreadableError("code of nock that its recorder did not print: save the responses in it as JSON")
    for number, (call, end) in enumerate(zip(calls, [*(one.start() for one in calls[1:]), len(text)], strict=True), 1):
        scope, verb, path, query, status = call.groups()
        place = f"recording {number}"
        try:
            body, after = LENIENT_DECODER.raw_decode(text, call.end())
            asked = f"?{urlencode(LENIENT_DECODER.decode(query))}" if query else ""
        except (ValueError, TypeError, RecursionError):
            yield CapturedResponse(place=place, url=f"{scope}{path}", problem="its body can't be read")
            continue
        date = _NOCK_DATE.search(text, after, end)
        headers = ["Date", date[1]] if date else []
        recorded = {"scope": scope, "method": verb, "path": path + asked, "status": status, "response": body}
        yield _nock_capture({**recorded, "rawHeaders": headers}, place)


def _nock_capture(one: Mapping[str, Any], place: str) -> CapturedResponse:
    raw, body = one.get("rawHeaders"), one.get("response")
    if isinstance(raw, list):
        raw = dict(zip(raw[::2], raw[1::2], strict=False)) if all(isinstance(item, str) for item in raw) else {}
    if isinstance(body, list) and body and all(isinstance(item, str) and _HEX.fullmatch(item) for item in body):
        body = bytes.fromhex("".join(body))
    request = {"uri": f"{one.get('scope', '')}{one.get('path', '')}", "method": one.get("method")}
    return _capture(request, {"status": one.get("status"), "headers": raw, "body": body}, None, place)


def _capture(request: Mapping[str, Any], response: Mapping[str, Any], at: Any, place: str) -> CapturedResponse:
    headers = _headers(response)
    capture = CapturedResponse(
        place=place,
        url=_address(request) or str(response.get("url") or ""),
        verb=(_plain(request.get("method")) or _plain(response.get("method")) or "GET").upper().lstrip(":"),
        status=_status(response),
        content_type=headers.get("content-type", "") or str(response.get("content_type", "")),
        fetched_at=_recorded_time(at, headers),
    )
    try:
        capture.body = decode_body(_body(response), headers)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and not capture.problem and headers.get("location"):
        capture.body = make_lookup_body(headers["location"])
    return capture


def _address(request: Mapping[str, Any]) -> str:
    """Return the address of a request. If there is only a path, as in stubs of mock servers, Flattr's host is added."""
    for name in ("uri", "absoluteUrl", "url", "endpoint"):
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
    if isinstance(asked := request.get("params"), list) and "?" not in address:
        active = {str(one.get("key")): str(one.get("value")) for one in map(_mapping, asked) if one.get("active")}
        address += f"?{urlencode(active)}" if active else ""
    return f"https://api.flattr.com{address}" if address.startswith(ROOT) else address


def _plain(value: Any) -> str:
    """Return the text in a recorded value: the value itself, the first text in a list, or the text in a matcher.

    Matchers are objects of mock servers such as Hoverfly. Returns "" for anything else.
    """
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("value", value.get("exactMatch")) if isinstance(value, Mapping) else value
    return value if isinstance(value, str) else ""


def _status(response: Mapping[str, Any]) -> int:
    """Return the HTTP status of a response, recorded as a number, a text (`200 OK`) or an object; 0 if unknown."""
    for name in ("code", "statusCode", "responseCode", "status"):
        found = response.get(name)
        code = str(_mapping(found).get("code", found)).partition(" ")[0]
        if code.isascii() and code.isdigit() and len(code) < 4:
            return int(code)
    return 200 if response.get("status") is None else 0  # mock servers leave out a 200


def _headers(response: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a response by lower-case name.

    Programs record headers as an object, as a list of objects, or as a list of pairs.
    """
    header = response.get("header")
    found = response.get("headers") or _mapping(header).get("headers") or header
    if isinstance(found, list):
        pairs = [
            (one.get("key") or one.get("name"), one.get("value")) if isinstance(one, Mapping) else one for one in found
        ]
        found = {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, Sequence) and len(pair) == 2}
    return {str(name).lower(): _first(value) for name, value in _mapping(found).items()}


def _body(response: Mapping[str, Any]) -> bytes:
    body = next((found for name in _BODIES if (found := response.get(name)) is not None), None)
    if body is None and isinstance(name := response.get("bodyFileName"), str):
        raise UnreadableError(f"its body is in another file, {name[:80]!a}: import that one, too")
    for name in _BODY_PARTS:
        body = _mapping(body).get(name, body)
    if isinstance(body, str):
        return decode_base64(body) if _BASE64.fullmatch(body) else body.encode("utf-8", "replace")
    if _mapping(body).get("type") == "Buffer" and isinstance(octets := _mapping(body).get("data"), list):
        try:
            return bytes(octets)
        except (TypeError, ValueError) as error:
            raise UnreadableError("its body is broken") from error
    if isinstance(body, bytes) or body is None:
        return body or b""
    return msgspec.json.encode(body)  # a body that was recorded as parsed JSON


def _recorded_time(recorded_at: Any, headers: Mapping[str, str]) -> float:
    """Return when a response was recorded, in Unix seconds, from `recorded_at`, the time in the recording.

    If `recorded_at` is invalid or None, return the time in the header `Date`; without this header, 0.
    """
    text = recorded_at.isoformat() if hasattr(recorded_at, "isoformat") else str(recorded_at or "")
    return read_time(text) or read_time(headers.get("date", ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


class _Source(msgspec.Struct):
    id: int


class _Event(msgspec.Struct):
    type: int
    source: _Source
    params: dict[str, Any] = {}


class _Constants(msgspec.Struct):
    types: dict[str, int] = msgspec.field(name="logEventTypes")
    mode: str = msgspec.field(name="logCaptureMode", default="Everything")


class _Log(msgspec.Struct):
    constants: _Constants
    events: list[_Event]


def read_net_log(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a network log of Chromium; None for any other file.

    Raises `UnreadableError` if the log is damaged, or if it was recorded in a mode without bodies.
    """
    if not _NET_LOG.match(data):
        return None
    try:
        log = _net_log_decoder.decode(data if data.rstrip().endswith(b"}") else data.rstrip().rstrip(b",") + b"]}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("a network log of Chromium that is damaged") from error
    if log.constants.mode != "Everything":
        raise UnreadableError("a network log of Chromium without bodies: only the mode Everything records them")
    names = {number: name for name, number in log.constants.types.items()}
    exchanges: defaultdict[int, dict[str, Any]] = defaultdict(lambda: {"request": {}, "response": {}})
    for event in log.events:
        _add_event(exchanges[event.source.id], names.get(event.type, ""), event.params)
    return read_decoded_recording([one for one in exchanges.values() if one["request"] and one["response"]])


def _add_event(exchange: dict[str, Any], name: str, params: dict[str, Any]) -> None:
    if isinstance(params.get("url"), str) and isinstance(params.get("method"), str):
        exchange["request"] = {"url": params["url"], "method": params["method"]}
    elif name == _NET_LOG_HEADS and isinstance(lines := params.get("headers"), list):
        status, *fields = [str(line) for line in lines] or [""]
        headers = [field.partition(":")[::2] for field in fields]
        exchange["response"] = {"status": status.partition(" ")[2], "headers": [[n, v.strip()] for n, v in headers]}
    elif name == _NET_LOG_BYTES and isinstance(packed := params.get("bytes"), str):
        response = exchange["response"]
        response["body"] = response.get("body", b"") + decode_base64(packed)


_net_log_decoder: Final = msgspec.json.Decoder(_Log)
