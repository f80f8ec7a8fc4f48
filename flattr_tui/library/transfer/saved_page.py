"""Reads a response out of a page that a browser saved.

Browsers show JSON and text in a page of their own, with the response in its `<pre>`. They and their extensions save
that page as HTML or MHTML, often with the address in a comment.
"""

import html
import re
from typing import Final

from flattr_tui.library.transfer.capture import Capture
from flattr_tui.library.transfer.url_matcher import ROOT
from flattr_tui.model.body_parser import is_html

_PRE: Final = re.compile(rb"<pre\b[^>]*>(.*?)</pre\s*>", re.DOTALL | re.IGNORECASE)
_XML_VIEWER: Final = re.compile(rb'<div id="webkit-xml-viewer-source-xml"[^>]*>(.*?)</div>', re.DOTALL)
"""Chromium moves the elements of XML without a style sheet there."""
_TAG: Final = re.compile(rb"<[^>]*>")
_ADDRESS: Final = re.compile(rb"<!--[^>]{0,200}?(?:saved from url=\(\d+\)|\n\s*url:\s*)(\S+)")
"""As Chromium and SingleFile write it."""
_STARTS: Final = (b"{", b"[", b"<", b"---")


def read_page(data: bytes, url: str) -> Capture | None:
    """Return the response in an HTML page; None for any other file, and for a page that has none."""
    if not is_html(data):
        return None
    if found := _XML_VIEWER.search(data):
        body = found[1].strip()
    elif found := _PRE.search(data):
        body = html.unescape(_TAG.sub(b"", found[1]).decode("utf-8", "replace")).strip().encode("utf-8", "replace")
    if found is None or not body.startswith(_STARTS):
        return None
    named = _ADDRESS.search(data, 0, found.start())
    address = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
    return Capture(place="", url=url or (address if ROOT in address else ""), body=body)
