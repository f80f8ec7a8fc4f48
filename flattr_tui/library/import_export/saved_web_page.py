"""Extracts the API response from a web page that a browser saved.

Browsers show JSON and text in a web page, with the response in an element `<pre>`. They and their extensions save that
page as HTML or MHTML, often with the address in a comment. Safari saves a web archive, which contains the response
unchanged: a property list with the main resource, the other resources, and the web archives of frames.
"""

import html
import plistlib
import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any, Final
from xml.parsers.expat import ExpatError

from flattr_tui.library.import_export.api_url_matcher import ROOT
from flattr_tui.library.import_export.archive_members import Member
from flattr_tui.library.import_export.captured_response import CapturedResponse
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.model.response_body_parser import is_html

_PRE: Final = (re.compile(rb"<pre\b[^<>]{0,1000}>", re.IGNORECASE), re.compile(rb"</pre\s*>", re.IGNORECASE))
_XML_VIEWER: Final = (re.compile(rb'<div id="webkit-xml-viewer-source-xml"[^<>]{0,1000}>'), re.compile(rb"</div>"))
"""Match the opening and closing tag of the element in which Chromium shows XML."""
_TAG: Final = re.compile(rb"<[^<>]*>")
_ADDRESS: Final = re.compile(rb"<!--[^>]{0,200}?(?:saved from url=\(\d+\)|\n\s*url:\s*)(\S+)")
"""Matches the comment with the page's address, as Chromium and SingleFile write it."""
_STARTS: Final = (b"{", b"[", b"<", b"---")
_PROPERTY_LIST: Final = re.compile(rb"bplist0|\s*<\?xml[^<>]{0,200}>\s*<!DOCTYPE plist\b")


def read_web_page(data: bytes, url: str) -> CapturedResponse | None:
    """Return the API response that a saved HTML page shows; None if it shows none, and for any other file.

    `url` is the address of the response; with "", the address in a comment of the page is used.
    """
    if not is_html(data):
        return None
    if (body := _find_within(_XML_VIEWER, data)) is None and (shown := _find_within(_PRE, data)) is not None:
        body = html.unescape(_TAG.sub(b"", shown).decode("utf-8", "replace")).strip().encode("utf-8", "replace")
    if body is None or not body.startswith(_STARTS):
        return None
    named = _ADDRESS.search(data, 0, 4096)
    address = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
    return CapturedResponse(place="", url=url or (address if ROOT in address else ""), body=body)


def _find_within(edges: tuple[re.Pattern[bytes], re.Pattern[bytes]], data: bytes) -> bytes | None:
    """Return what is between an opening tag and the next closing tag; None if one of them is missing.

    `edges` are two patterns, which match the opening and the closing tag.
    """
    start = edges[0].search(data)
    end = edges[1].search(data, start.end()) if start else None
    return data[start.end() : end.start()].strip() if start and end else None


def is_property_list(head: bytes) -> bool:
    """Whether a file that begins with `head` is a property list of macOS, binary or in XML."""
    return _PROPERTY_LIST.match(head) is not None


def web_archive_members(data: bytes) -> Iterator[Member]:
    """Yield the resources in a web archive of Safari, each with its address, as members.

    Raises `UnreadableError` if the data is damaged, or is another kind of property list.
    """
    try:
        archive = plistlib.loads(data)
    except (ValueError, LookupError, AttributeError, TypeError, ExpatError, RecursionError) as error:
        raise UnreadableError("a damaged property list") from error
    members = list(_resources([archive]))
    if not members:
        raise UnreadableError("a property list that is not a web archive of Safari: save the responses in it as JSON")
    yield from members


def _resources(archives: list[Any]) -> Iterator[Member]:
    """Yield the resources in web archives and in the archives of their frames, each once.

    An object of a property list may occur in it many times.
    """
    seen = set[int]()
    for archive in archives:
        if not isinstance(archive, dict) or id(archive) in seen:
            continue
        seen.add(id(archive))
        others, frames = (_list(archive.get(name)) for name in ("WebSubresources", "WebSubframeArchives"))
        archives.extend(frames)
        for resource in (archive.get("WebMainResource"), *others):
            data = resource.get("WebResourceData") if isinstance(resource, dict) else None
            if isinstance(data, bytes) and id(resource) not in seen:
                seen.add(id(resource))
                url = resource.get("WebResourceURL")
                address = url if isinstance(url, str) else ""
                yield Member(address or "a resource", 0.0, partial(BytesIO, data), url=address)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
