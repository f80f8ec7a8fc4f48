"""Reads the items that Burp saves: XML with each request and response, mostly in base64.

https://portswigger.net/burp/documentation/desktop/tools/proxy/http-history, 'Save items'
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flattr_tui.library.transfer.capture import Capture
from flattr_tui.library.transfer.har import decode_base64
from flattr_tui.library.transfer.http_dump import read_dump
from flattr_tui.library.transfer.packed_stream import UnreadableError

_ITEMS: Final = re.compile(rb"<items burpVersion=")


def read_burp(data: bytes) -> Iterator[Capture] | None:
    """Return the responses in the items; None for any other file. Raises `UnreadableError` if they are damaged."""
    if not _ITEMS.search(data, 0, 4096):
        return None
    try:
        items = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableError("items of Burp that are not valid XML") from error
    if not len(items):
        raise UnreadableError("a file of Burp without an item")
    return (capture for number, item in enumerate(items, 1) for capture in _read_item(item, f"item {number}"))


def _read_item(item: Element, place: str) -> Iterator[Capture]:
    url = (item.findtext("url") or "").strip()
    try:
        response = item.find("response")
        text = (response.text if response is not None else None) or ""
        is_packed = response is not None and response.get("base64") == "true"
        data = decode_base64(text) if is_packed else text.encode("utf-8", "replace")
        found = list(read_dump(data, url) or ())
    except UnreadableError as error:
        yield Capture(place=place, url=url, problem=str(error))
        return
    if not found:
        yield Capture(place=place, url=url, problem="has no response")
    for capture in found:
        capture.place, capture.verb = place, (item.findtext("method") or "GET").strip()
        yield capture
