"""Writes responses of a sandbox to files as other programs save them: HTTP archives and web archives."""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.world import World

BASE = "https://api.flattr.com/rest/v2"
DAY = "2014-05-06T07:08:09+00:00"
DAY_SECONDS = 1399360089.0


@dataclass(frozen=True)
class Answer:
    """A recorded response, and the request that it answers."""

    url: str
    body: bytes
    content_type: str = "application/json"
    status: int = 200
    verb: str = "GET"
    at: str = DAY


async def fetch_answers(world: World, *calls: tuple[str, dict[str, str]], form: Format | None = None) -> list[Answer]:
    """Send calls to a sandbox that poses as Flattr's server, and return the recorded responses.

    A call is a pair of the name and the arguments of an API method.
    """
    client = Client(
        Source(SourceKind.SERVER, BASE, BASE), make_app=lambda: create_app(world, base="https://flattr.com")
    )
    try:
        found = [await client.call(BY_NAME[name], arguments, format=form) for name, arguments in calls]
    finally:
        await client.aclose()
    return [Answer(one.url, one.body, one.content_type, one.status) for one in found]


def write_har(path: Path, answers: Sequence[Answer | dict[str, Any]], *, packed: bool = False) -> Path:
    """Write an HTTP archive as a browser does, which includes the token that was sent. Returns the path.

    With `packed`, the file is compressed with gzip.
    """
    entries = [
        entry if isinstance(entry, dict) else make_har_entry(entry, number) for number, entry in enumerate(answers)
    ]
    data = json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}).encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def make_har_entry(answer: Answer, number: int = 0) -> dict[str, Any]:
    """Return an entry of an HTTP archive. If `number` is odd, its body is in base64."""
    content = {"size": len(answer.body), "mimeType": answer.content_type}
    if number % 2:
        content |= {"text": base64.b64encode(answer.body).decode(), "encoding": "base64"}
    else:
        content["text"] = answer.body.decode()
    return {
        "startedDateTime": answer.at,
        "request": {
            "method": answer.verb,
            "url": answer.url,
            "headers": [{"name": "Authorization", "value": "Bearer very-secret"}],
            "cookies": [],
        },
        "response": {"status": answer.status, "headers": [], "content": content},
    }


def write_warc(path: Path, answers: Sequence[Answer], *, packed: bool = False, encoded: bool = False) -> Path:
    """Write a web archive (ISO 28500) of requests and responses, and return its path.

    With `packed`, each record is compressed with gzip. With `encoded`, the server has sent each body with gzip, in
    chunks.
    """
    parts = [make_warc_record("warcinfo", "", b"software: a test\r\n")]
    for answer in answers:
        body, more = answer.body, ""
        if encoded:
            body, more = gzip.compress(body), "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
            body = b"5;x=y\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])
        head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.content_type}\r\n{more}\r\n"
        parts.append(make_warc_record("request", answer.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        parts.append(make_warc_record("response", answer.url, head.encode() + body, answer.at.replace("+00:00", "Z")))
    path.write_bytes(b"".join(gzip.compress(part) if packed else part for part in parts))
    return path


def make_warc_record(kind: str, url: str, block: bytes, at: str = "2020-01-01T00:00:00Z") -> bytes:
    """Return a record of a web archive. `kind` is its WARC-Type, `block` its content."""
    content = "text/plain" if kind == "warcinfo" else f"application/http; msgtype={kind}"
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\n{target}WARC-Date: {at}\r\n"
        f"WARC-Record-ID: <urn:uuid:12345678-0000-0000-0000-{abs(hash((kind, url))) % 10**12:012d}>\r\n"
        f"Content-Type: {content}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def decode_records(body: bytes) -> list[Any]:
    """Decode a JSON array."""
    return msgspec.json.decode(body, type=list[Any])
