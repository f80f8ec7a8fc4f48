"""Reads the flattrs in a file that Flattr's browser extension (2018 to 2023) exported, `export-MILLISECONDS.json`.

The file also contains a browsing history and settings. They are never stored.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.api_url_matcher import UnrecognizedError
from flattr_tui.library.import_export.captured_response import CapturedResponse, local_thing_id

EXPORTED: Final = "extension-export"
"""The address under which the flattrs in an exported file are stored, so that their owner can be renamed later."""
_MARKS: Final = (b'"browsingEvents"', b'"userExtensionSettings"', b'"userDomainsSettings"')
_LATEST: Final = 253_402_300_800
"""The year 10000 in Unix seconds. Later times are invalid."""


class ExtensionFlattrs(NamedTuple):
    """The flattrs in a file that the browser extension exported."""

    capture: CapturedResponse
    """A response in the API's form that contains the flattrs."""
    left_out: int
    """Number of entries that are invalid, or have an invalid time."""
    browsing_events: int
    """Number of entries of the browsing history, none of which is stored."""


class _Flattrs(msgspec.Struct):
    flattrs: list[Any] = []


class _Export(msgspec.Struct):
    flattrs: _Flattrs
    browsingEvents: list[msgspec.Raw] = []  # noqa: N815 -- the file's own name


_decoder = msgspec.json.Decoder(_Export)


def is_extension_export(capture: CapturedResponse) -> bool:
    """Whether a file was exported by the browser extension, as the names of its fields show."""
    body = capture.body
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"flattrs"' in body and any(m in body for m in _MARKS)


def read_flattrs(capture: CapturedResponse, owner: Callable[[], str]) -> ExtensionFlattrs:
    """Return the flattrs in a file of the browser extension, in the API's form, newest first.

    The file does not say who gave the flattrs: `owner` is called, and returns the user's name. Raises
    `UnrecognizedError` if the file is damaged or has no flattrs.
    """
    try:
        export = _decoder.decode(capture.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnrecognizedError("an export of the browser extension that is damaged") from error
    given: list[tuple[int, dict[str, Any]]] = []
    left_out = 0
    for entry in export.flattrs.flattrs:
        thing = _thing(entry)
        times = entry.get("timestamps") if isinstance(entry, dict) else None
        if thing is None or not isinstance(times, list):
            left_out += 1
            continue
        for moment in times:
            if isinstance(moment, int | float) and not isinstance(moment, bool) and 0 < moment / 1000 < _LATEST:
                given.append((int(moment // 1000), thing))
            else:
                left_out += 1
    if not given:
        raise UnrecognizedError("an export of the browser extension without a flattr")
    user = {"type": "user", "username": owner()}
    given.sort(key=lambda flattr: (-flattr[0], flattr[1]["id"]))
    flattrs = [{"type": "flattr", "created_at": at, "thing": thing, "owner": user} for at, thing in given]
    converted = CapturedResponse(
        place=capture.place,
        content_type="application/json",
        body=msgspec.json.encode(flattrs),
        fetched_at=capture.fetched_at,
    )
    return ExtensionFlattrs(converted, left_out, len(export.browsingEvents))


def _thing(entry: Any) -> dict[str, Any] | None:
    """Return the thing that was flattred according to an entry: a page or, if the entry has no address, a site.

    Returns None if the entry names neither.
    """
    if not isinstance(entry, dict):
        return None
    site, url, title = (value if isinstance(value := entry.get(n), str) else "" for n in ("entity", "url", "title"))
    if not site and not url:
        return None
    thing: dict[str, Any] = {"type": "thing", "id": local_thing_id(url or site), "title": title or url or site}
    return thing | ({"url": url} if url else {})
