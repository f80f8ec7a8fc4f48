"""Reads the HTTP responses in a network log of Chromium (`--log-net-log=FILE --net-log-capture-mode=Everything`).

https://www.chromium.org/for-testers/providing-network-details/
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from flattr_tui.library.import_export.captured_response import CapturedResponse
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.har import decode_base64
from flattr_tui.library.import_export.http_recordings import read_decoded_recording

_LOG: Final = re.compile(rb'\s*\{\s*"constants":\s*\{')
_HEADS: Final = "HTTP_TRANSACTION_READ_RESPONSE_HEADERS"
_BYTES: Final = "URL_REQUEST_JOB_FILTERED_BYTES_READ"


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

    Raises `UnreadableError` if the log is damaged, or if its mode did not record bodies.
    """
    if not _LOG.match(data):
        return None
    try:
        log = _decoder.decode(data if data.rstrip().endswith(b"}") else data.rstrip().rstrip(b",") + b"]}")
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
    elif name == _HEADS and isinstance(lines := params.get("headers"), list):
        status, *fields = [str(line) for line in lines] or [""]
        headers = [field.partition(":")[::2] for field in fields]
        exchange["response"] = {"status": status.partition(" ")[2], "headers": [[n, v.strip()] for n, v in headers]}
    elif name == _BYTES and isinstance(packed := params.get("bytes"), str):
        response = exchange["response"]
        response["body"] = response.get("body", b"") + decode_base64(packed)


_decoder: Final = msgspec.json.Decoder(_Log)
