"""Answers that were saved with their heads, one or several in a file, as `curl -i` and HTTPie print them (RFC 9112)."""

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from flattr_tui.library.transfer.capture import Capture, UnreadableError, dechunked, encoded, found_at

_STATUS = rb"HTTP/\d(?:\.\d)?[ ]+(\d{3})(?=[ \r\n])[^\r\n]*\r?\n"
_REQUEST = rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ ]+(\S+)[ ]+HTTP/\d(?:\.\d)?\r?\n"
_MESSAGE = re.compile(rb"(?:\A\s*+|(?<=[\n}\]>;]))(?:" + _STATUS + rb"|" + _REQUEST + rb")")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")


def dump(data: bytes, url: str) -> Iterator[Capture] | None:
    """Read the answers of a dump; None where it is none. `url` is where they came from, where no request says so."""
    return _answers(data, url) if _MESSAGE.match(data) else None


def _answers(data: bytes, url: str) -> Iterator[Capture]:
    begun = list(_MESSAGE.finditer(data))
    asked, verb, number = url, "GET", 0
    for message, following in zip(begun, [*begun[1:], None], strict=True):
        rest = data[message.end() : following.start() if following else len(data)]
        end = _HEAD_END.search(rest)
        head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
        headers = {name.decode().lower(): value.decode("utf-8", "replace") for name, value in _FIELD.findall(head)}
        if message[2]:
            asked, verb = _address(message[3].decode("utf-8", "replace"), headers) or url, message[2].decode()
            continue
        status = int(message[1])
        if following is not None and not body.strip() and status != 200 and not following[2]:
            continue  # what led to the answer that follows: 100, a redirect, a challenge
        number += 1
        yield _capture(Capture(place=f"answer {number}", url=asked, verb=verb, status=status), headers, body)


def _capture(capture: Capture, headers: Mapping[str, str], body: bytes) -> Capture:
    capture.content_type = headers.get("content-type", "")
    try:
        capture.fetched_at = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        capture.fetched_at = 0.0
    try:
        if headers.get("transfer-encoding", "").strip().lower() == "chunked":
            body = dechunked(body)
        capture.body = encoded(body, headers.get("content-encoding", ""))
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and headers.get("location"):
        capture.body = found_at(headers["location"])
    if not capture.url and capture.status != 200:
        capture.problem = f"the answer was no success ({capture.status})"
    elif not capture.body.strip() and not capture.problem:
        capture.problem = "has no body"
    return capture


def _address(target: str, headers: Mapping[str, str]) -> str:
    """Make the address of a request whole by its `Host`; "" where it has none."""
    if target.startswith(("http://", "https://")):
        return target
    return f"https://{headers['host']}{target}" if headers.get("host") else ""
