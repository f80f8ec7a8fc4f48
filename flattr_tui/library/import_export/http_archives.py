"""Reads archives of HTTP traffic: HAR files of browsers and proxies, Postman collections, and XML of Burp and JMeter.

HTTP archives (HAR 1.2) are read entry by entry. A field that is null or has another type counts as missing. Of an
archive that is cut off, the complete entries are read.

In Postman collections (v2.0 and v2.1), the responses are saved as examples. The module `http_recordings` reads
collections of version 1, and the reports of newman.

Burp's items contain whole messages, mostly in base64; JMeter's samples contain headers and body in separate elements.
https://portswigger.net/burp/documentation/desktop/tools/proxy/http-history, 'Save items'
https://jmeter.apache.org/usermanual/listeners.html#xmlformat2.1
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flattr_tui.library.import_export.captured_response import (
    LENIENT_DECODER,
    CapturedResponse,
    decode_body,
    decode_unlabelled,
    make_lookup_body,
    parse_moment,
    read_time,
)
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.http_transcript import read_transcript

_HAR_START = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
_HAR_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_POSTMAN: Final = re.compile(rb"schema\.(?:get)?postman\.com/|\"_postman_id\"")
_MAX_FOLDER_DEPTH: Final = 20
_SAMPLE_END: Final = b"</httpSample>"
_SAMPLES_END: Final = b"</testResults>"
"""The end of a complete file of JMeter. It is missing if the test was interrupted."""
_BURP_OR_JMETER: Final = re.compile(rb"<(items burpVersion|testResults version)=")


class _NameValue(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _Content(msgspec.Struct, rename={"mime_type": "mimeType", "file": "_file"}):
    text: str | None = None
    encoding: str | None = None
    mime_type: str | None = None
    file: str | None = None
    """The name of a file beside the archive that contains the body, as Playwright writes it; None if there is none."""


class _HarRequest(msgspec.Struct):
    url: str | None = None
    method: str | None = None


class _HarResponse(msgspec.Struct, rename={"redirect": "redirectURL"}):
    status: float | None = None
    content: _Content | None = None
    headers: list[_NameValue] | None = None
    redirect: str | None = None


class _Entry(msgspec.Struct, rename={"started": "startedDateTime"}):
    """The parts of a HAR entry that the importer needs. Headers, cookies and tokens of the request are not read."""

    request: _HarRequest | None = None
    response: _HarResponse | None = None
    started: str | float | None = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


_ODD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


SiblingReader = Callable[[str], bytes | None]
"""Called with the name of a file beside an imported file. It returns the file's content; None if there is no file."""


def read_har(data: bytes, beside: SiblingReader = lambda name: None) -> Iterator[CapturedResponse] | None:
    """Return the responses in an HTTP archive (HAR); None for any other file.

    The iterator raises `UnreadableError` where the archive is cut off. `beside` returns the content of a file beside
    the archive, by its name, for bodies that are not in the archive.
    """
    try:
        archive = msgspec.json.decode(data, type=_Har)
    except _ODD:
        text = data.decode(json.detect_encoding(data), errors="replace")
        log = _HAR_START.match(text)
        found = _HAR_ENTRIES.search(text, log.end()) if log else None
        return _captures(_scan_entries(text, found.end()), beside) if found else None
    return _captures(archive.log.entries, beside)


def _scan_entries(text: str, at: int) -> Iterator[Any]:
    """Yield the entries of an HTTP archive that is cut off or not strict JSON.

    `at` is the position of the first entry in the text.
    """
    number = 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text.startswith("]", at):
            return
        try:
            value, at = LENIENT_DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UnreadableError(f"is broken after entry {number}; what came before it was read") from error
        number += 1
        yield value


def _captures(entries: Iterable[Any], beside: SiblingReader) -> Iterator[CapturedResponse]:
    for number, found in enumerate(entries, 1):
        place = f"entry {number}"
        try:
            if isinstance(found, msgspec.Raw):
                entry = msgspec.json.decode(found, type=_Entry, strict=False)
            else:
                entry = msgspec.convert(found, type=_Entry, strict=False)
        except _ODD:  # ValidationError is a DecodeError
            yield CapturedResponse(place=place, problem="is not an entry of an HTTP archive")
            continue
        yield _capture(entry, place, beside)


def _capture(entry: _Entry, place: str, beside: SiblingReader) -> CapturedResponse:
    asked, answered = entry.request or _HarRequest(), entry.response or _HarResponse()
    content = answered.content or _Content()
    capture = CapturedResponse(
        place=place,
        url=asked.url or "",
        verb=(asked.method or "GET").upper(),
        status=int(answered.status or 0),
        content_type=content.mime_type or "",
        fetched_at=parse_moment(entry.started),
    )
    try:
        capture.body = _body(answered, content, beside)
    except UnreadableError as error:
        capture.problem = str(error)
    return capture


def _body(answered: _HarResponse, content: _Content, beside: SiblingReader) -> bytes:
    if content.file and not content.text:
        body = beside(content.file)
        if body is None:
            raise UnreadableError(f"its body is missing: {content.file[:80]!a} is not beside the archive")
        return decode_unlabelled(body)
    if not content.text:
        named = answered.headers or []
        location = next((one.value for one in named if (one.name or "").lower() == "location"), answered.redirect)
        if location:
            return make_lookup_body(location)
        if content.text is None:
            raise UnreadableError("its body was not saved in the archive")
        return b""
    if content.encoding != "base64":
        return _to_bytes(content.text)
    if content.text.lstrip()[:1] in set("{[<"):  # characters that base64 doesn't have
        chunks = _decode_chunks(content.text, answered.headers or [])
        return _to_bytes(content.text) if chunks is None else chunks
    return decode_unlabelled(decode_base64(content.text))


def _decode_chunks(text: str, headers: list[_NameValue]) -> bytes | None:
    """Decode the body of an entry of Polly.js: a JSON list with a base64 text for each chunk.

    `headers` are the headers of the response. Returns None for any other text.
    """
    encoding = next((one.value for one in headers if (one.name or "").lower() == "content-encoding"), None)
    if not encoding:
        return None
    try:
        packed = b"".join(base64.b64decode(one, validate=True) for one in msgspec.json.decode(text, type=list[str]))
    except (msgspec.DecodeError, ValueError):
        return None
    return decode_body(packed, {"content-encoding": encoding})


def _to_bytes(text: str) -> bytes:
    """Return the text of a body as bytes.

    For each byte that is not UTF-8, mitmproxy writes a surrogate character. This becomes the original byte again.
    """
    try:
        return text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="replace")


def decode_base64(text: str) -> bytes:
    """Decode base64, whether it is URL-safe or not, and padded or not. Raises `UnreadableError` if it is invalid."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("its base64 is broken") from error


def read_postman(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a Postman collection; None for any other file."""
    if not _POSTMAN.search(data, 0, 64 * 1024):
        return None
    try:
        collection = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(collection, dict) or "item" not in collection:
        return None
    defined = collection.get("variable")
    variables = {
        f"{{{{{one['key']}}}}}": one["value"]
        for one in (defined if isinstance(defined, list) else [])
        if isinstance(one, dict) and isinstance(one.get("key"), str) and isinstance(one.get("value"), str)
    }
    return (_fill_in_variables(capture, variables) for capture in _items(collection, ""))


def _fill_in_variables(capture: CapturedResponse, variables: Mapping[str, str]) -> CapturedResponse:
    """Replace variables in the address of a captured response, in place, and return the response.

    `variables` are the variables of a Postman collection: the name in braces (`{{baseUrl}}`), and the value.
    """
    for name, value in variables.items():
        capture.url = capture.url.replace(name, value)
    return capture


def _items(folder: Mapping[str, Any], place: str, depth: int = 0) -> Iterator[CapturedResponse]:
    items = folder.get("item")
    for item in items if isinstance(items, list) and depth < _MAX_FOLDER_DEPTH else []:
        if not isinstance(item, Mapping):
            continue
        within = f"{place}{str(item.get('name', ''))[:80]}"
        yield from _items(item, f"{within} / ", depth + 1)
        answers = item.get("response")
        for number, answer in enumerate(answers if isinstance(answers, list) else [], 1):
            if isinstance(answer, Mapping):
                yield _capture_example(answer, item.get("request"), f"{within}, example {number}")


def _capture_example(answer: Mapping[str, Any], request: Any, place: str) -> CapturedResponse:
    asked = answer.get("originalRequest") or request
    asked = asked if isinstance(asked, Mapping) else {"url": asked}
    named = answer.get("header")
    headers = {
        str(one.get("key", "")).lower(): str(one.get("value", ""))
        for one in (named if isinstance(named, list) else [])
        if isinstance(one, Mapping)
    }
    body, code = answer.get("body"), answer.get("code")
    capture = CapturedResponse(
        place=place,
        url=read_address(asked.get("url")),
        verb=str(asked.get("method") or "GET").upper(),
        status=code if isinstance(code, int) else 0,
        content_type=headers.get("content-type", ""),
        body=body.encode("utf-8", "replace") if isinstance(body, str) else b"",
        fetched_at=read_time(headers.get("date", "")),
    )
    if not capture.body.strip():
        if headers.get("location"):
            capture.body = make_lookup_body(headers["location"])
        else:
            capture.problem = "has no body"
    return capture


def read_address(url: Any) -> str:
    """Return an address of a Postman collection, with values in place of path variables such as `:username`.

    `url` is a text, or an object with the parts of the address. For anything else, "" is returned.
    """
    if not isinstance(url, Mapping):
        return url if isinstance(url, str) else ""
    address, variables = str(url.get("raw") or "") or _join_parts(url), url.get("variable")
    for one in variables if isinstance(variables, list) else []:
        if isinstance(one, Mapping) and one.get("key") and isinstance(one.get("value"), str):
            address = re.sub(rf"/:{re.escape(str(one['key']))}(?=[/?#.]|$)", lambda _: f"/{one['value']}", address)  # noqa: B023
    return address


def _join_parts(url: Mapping[str, Any]) -> str:
    """Return the address that an object of a Postman collection contains in parts: protocol, host, path and so on.

    Host and path are texts or lists of texts.
    """
    host, path = (
        sign.join(map(str, part)) if isinstance(part := url.get(name), list) else str(part or "")
        for name, sign in (("host", "."), ("path", "/"))
    )
    named = url.get("query")
    query = "&".join(
        f"{one.get('key', '')}={one.get('value', '')}"
        for one in (named if isinstance(named, list) else [])
        if isinstance(one, Mapping) and not one.get("disabled")
    )
    host += f":{url['port']}" if url.get("port") else ""
    front = host if host.startswith("{{") else f"{url.get('protocol') or 'https'}://{host}"
    return f"{front}/{path.lstrip('/')}{'?' if query else ''}{query}"


def read_recorded_xml(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in an XML file of Burp or JMeter; None for any other file.

    Raises `UnreadableError` if the file is damaged.
    """
    found = _BURP_OR_JMETER.search(data, 0, 4096)
    if found is None:
        return None
    is_burp = found[1].startswith(b"items")
    program, name = ("Burp", "item") if is_burp else ("JMeter", "sample")
    complete, end, rest = (data, b"", b"") if is_burp else data.rpartition(_SAMPLE_END)
    try:
        items = fromstring(complete + end + _SAMPLES_END if end else data)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise UnreadableError(f"{name}s of {program} that are not valid XML") from error
    if not len(items):
        raise UnreadableError(f"a file of {program} without {'an item' if is_burp else 'a sample'}")
    read = _read_item if is_burp else _read_sample
    elements = items if is_burp else items.iter("httpSample")
    captures = (capture for number, item in enumerate(elements, 1) for capture in read(item, f"{name} {number}"))
    is_cut = bool(end) and rest.strip() not in {b"", _SAMPLES_END}
    cut_off = CapturedResponse(place="end of the file", problem="the last sample is cut off")
    return chain(captures, [cut_off] if is_cut else [])


def _read_sample(sample: Element, place: str) -> Iterator[CapturedResponse]:
    """Yield the response in a sample, which is one recorded request of JMeter.

    If the sample has no body, a response is yielded whose `problem` says so: JMeter saves bodies only with the setting
    `jmeter.save.saveservice.response_data`. `place` describes, for messages, where the sample is in the file.
    """
    url = (sample.findtext("java.net.URL") or "").strip()
    body = sample.findtext("responseData")
    if not body:
        problem = "its body was not saved: JMeter saves it with response_data=true"
        yield CapturedResponse(place=place, url=url, problem=problem)
        return
    at = sample.get("ts") or ""
    head = (sample.findtext("responseHeader") or f"HTTP/1.1 {sample.get('rc')} {sample.get('rm')}").strip()
    found = list(read_transcript(f"{head}\n\n{body}".encode("utf-8", "replace"), url) or ())
    if not found:
        yield CapturedResponse(place=place, url=url, problem="has no response")
    for capture in found:
        capture.place, capture.verb = place, (sample.findtext("method") or "GET").strip()
        capture.fetched_at = capture.fetched_at or parse_moment(float(at) if at.isdecimal() else at)
        yield capture


def _read_item(item: Element, place: str) -> Iterator[CapturedResponse]:
    url = (item.findtext("url") or "").strip()
    try:
        response = item.find("response")
        text = (response.text if response is not None else None) or ""
        is_packed = response is not None and response.get("base64") == "true"
        data = decode_base64(text) if is_packed else text.encode("utf-8", "replace")
        found = list(read_transcript(data, url) or ())
    except UnreadableError as error:
        yield CapturedResponse(place=place, url=url, problem=str(error))
        return
    if not found:
        yield CapturedResponse(place=place, url=url, problem="has no response")
    for capture in found:
        capture.place, capture.verb = place, (item.findtext("method") or "GET").strip()
        yield capture
