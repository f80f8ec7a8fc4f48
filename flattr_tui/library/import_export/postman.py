"""Reads the responses that were saved as examples in Postman collections (v2.0 and v2.1).

The module `http_recordings` reads collections of version 1, and the reports of newman.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from flattr_tui.library.import_export.captured_response import CapturedResponse, make_lookup_body, read_time

_SCHEMA: Final = re.compile(rb"schema\.(?:get)?postman\.com/|\"_postman_id\"")
_MAX_DEPTH: Final = 20


def read_postman(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a Postman collection; None for any other file."""
    if not _SCHEMA.search(data, 0, 64 * 1024):
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
    return (_fill_in(capture, variables) for capture in _items(collection, ""))


def _fill_in(capture: CapturedResponse, variables: Mapping[str, str]) -> CapturedResponse:
    """Replace the collection's variables (`{{baseUrl}}`) in the address of a captured response, and return it."""
    for name, value in variables.items():
        capture.url = capture.url.replace(name, value)
    return capture


def _items(folder: Mapping[str, Any], place: str, depth: int = 0) -> Iterator[CapturedResponse]:
    items = folder.get("item")
    for item in items if isinstance(items, list) and depth < _MAX_DEPTH else []:
        if not isinstance(item, Mapping):
            continue
        within = f"{place}{str(item.get('name', ''))[:80]}"
        yield from _items(item, f"{within} / ", depth + 1)
        answers = item.get("response")
        for number, answer in enumerate(answers if isinstance(answers, list) else [], 1):
            if isinstance(answer, Mapping):
                yield _capture(answer, item.get("request"), f"{within}, example {number}")


def _capture(answer: Mapping[str, Any], request: Any, place: str) -> CapturedResponse:
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
    """Return the address in a collection, with the values of its path variables (`:username`).

    `url` is a text, or an object with the parts of the address; "" is returned for anything else.
    """
    if not isinstance(url, Mapping):
        return url if isinstance(url, str) else ""
    address, variables = str(url.get("raw") or "") or _join_parts(url), url.get("variable")
    for one in variables if isinstance(variables, list) else []:
        if isinstance(one, Mapping) and one.get("key") and isinstance(one.get("value"), str):
            address = re.sub(rf"/:{re.escape(str(one['key']))}(?=[/?#.]|$)", lambda _: f"/{one['value']}", address)  # noqa: B023
    return address


def _join_parts(url: Mapping[str, Any]) -> str:
    """Return the address whose parts are in a collection's object. Each part is a text or a list of texts."""
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
