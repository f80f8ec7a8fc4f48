"""Reads the HTTP responses in XML files of Burp and JMeter.

Burp's items contain whole messages, mostly in base64; JMeter's samples contain headers and body in separate elements.
https://portswigger.net/burp/documentation/desktop/tools/proxy/http-history, 'Save items'
https://jmeter.apache.org/usermanual/listeners.html#xmlformat2.1
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flattr_tui.library.import_export.captured_response import CapturedResponse, parse_moment
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.har import decode_base64
from flattr_tui.library.import_export.http_transcript import read_transcript

_SAMPLE_END: Final = b"</httpSample>"
_SAMPLES_END: Final = b"</testResults>"
"""The end of a complete file of JMeter. It is missing if the test was interrupted."""
_ITEMS: Final = re.compile(rb"<(items burpVersion|testResults version)=")


def read_recorded_xml(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in an XML file of Burp or JMeter; None for any other file.

    Raises `UnreadableError` if the file is damaged.
    """
    found = _ITEMS.search(data, 0, 4096)
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
    """Yield the response in a sample of JMeter, or a problem if the body was not saved.

    `place` says for messages where in the file the sample is. JMeter saves bodies with the setting
    `jmeter.save.saveservice.response_data`.
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
