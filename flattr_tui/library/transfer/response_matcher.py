"""From a response that a file holds to one that the store keeps: which request it answers, and whether it does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from flattr_tui.api.methods import BY_NAME, CONTENT_TYPES, Format, Method
from flattr_tui.library.transfer.capture import MAX_BODY, Capture, plain_type
from flattr_tui.library.transfer.content_sniffer import MAX_IDS, answer_of, by_ids, request_of
from flattr_tui.library.transfer.url_matcher import ROOT, Recognised, UnrecognisedError, recognise
from flattr_tui.model.api_request import Request
from flattr_tui.model.decoder import NotFlattrError, decode, media_type, parse
from flattr_tui.model.entities import Entity, Thing
from flattr_tui.model.response_kind import Answer
from flattr_tui.model.source import SourceKind
from flattr_tui.store.stored_response import StoredResponse

RUN: Final = 1000
"""Items a page that a long list without an address is cut into."""
_ARCHIVED = re.compile(r"/web/(\d{14})[a-z_]*/")
_CALL = re.compile(rb"\s*(?:/\*\*/)?\s*[\w.$]+\s*\((.*)\)\s*;?\s*", re.DOTALL)
"""JSONP. content/api/index.md, 'Cross origin requests'."""
_LOOKUP_STATUS = {200, 302, 404}


@dataclass(frozen=True, slots=True)
class Placed:
    """A response as it will be kept, and what its neighbours need to know."""

    stored: StoredResponse
    items: int
    told: bool
    """Whether the request was told by the content: its page's number is then only an order."""
    newest: int = 0
    """Unix seconds: the time of its first item, 0 where it has none."""


def place(capture: Capture, account: str) -> list[Placed]:
    """Say as what a capture is kept under the source `saved`; raises `UnrecognisedError` where it is not kept.

    `account` is whose answers those are that only their owner may see; without one they are not kept.
    """
    if capture.verb != "GET" and ROOT in capture.url:
        raise UnrecognisedError(f"a {capture.verb[:10]}, which changes something or asks for nothing")
    if capture.problem and not capture.url:
        raise UnrecognisedError(capture.problem)
    if capture.url:
        return [_by_address(capture, recognise(capture.url), account)]
    return list(_by_content(capture, account))


def _by_address(capture: Capture, asked: Recognised, account: str) -> Placed:
    method = asked.method
    if capture.problem:
        raise UnrecognisedError(capture.problem)
    if capture.status != 200 and not (method.answer is Answer.LOOKUP and capture.status in _LOOKUP_STATUS):
        raise UnrecognisedError(f"the answer was no success ({capture.status})")
    form, body = _format(method, asked.format, capture), capture.body
    if form is Format.JSON and (call := _CALL.fullmatch(body)):
        body = call[1]
    content_type = CONTENT_TYPES[form]
    entities = _read(method.answer, body, content_type)
    stored = StoredResponse(
        source=SourceKind.SAVED,
        account=_whose(method, entities, account),
        request=asked.request,
        page=asked.page,
        count=asked.count,
        format=form,
        answer=method.answer,
        url=asked.url,
        status=capture.status,
        content_type=content_type,
        fetched_at=_date(capture),
        body=body,
    )
    return Placed(stored, len(entities), told=False)


def _read(answer: Answer, body: bytes, content_type: str) -> tuple[Entity, ...]:
    if len(body) > MAX_BODY:
        raise UnrecognisedError(f"is larger than {MAX_BODY:,} bytes")
    try:
        page = decode(answer, body, content_type)
    except NotFlattrError as error:
        raise UnrecognisedError(str(error)) from error
    if page.records and not page.entities:
        raise UnrecognisedError("nothing in it that could be read")
    return page.entities


def _format(method: Method, suffix: Format | None, capture: Capture) -> Format:
    """Say which format a body is in: as its address says, else its type, else its beginning, else the default."""
    if suffix is not None:
        return suffix
    kinds = {kind: form for form, kind in CONTENT_TYPES.items() if form in method.formats}
    told = kinds.get(media_type(capture.content_type)) or kinds.get(plain_type(capture.body))
    return told or method.default_format


def _whose(method: Method, entities: Sequence[Entity], account: str) -> str:
    """Say under whose account an answer is kept: "" for what everybody may read."""
    first = entities[0] if entities else None
    own = isinstance(first, Thing) and (first.flattred is not None or first.subscribed is not None)
    if not method.private and not (method.personal and own):
        return ""
    if not account:
        raise UnrecognisedError("only its owner may see it: say whose it is with --account NAME")
    return account


def _date(capture: Capture) -> float:
    """When the response came: as a web archive's address says, else as the file says."""
    if found := _ARCHIVED.search(capture.url):
        try:
            return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            pass  # fourteen digits that are no date
    return capture.fetched_at


def _by_content(capture: Capture, account: str) -> Iterator[Placed]:
    content_type = plain_type(capture.body, capture.content_type)
    records = _records(capture.body) if content_type == "application/json" else []
    told = answer_of([msgspec.json.decode(records[0])]) if records else _answer(capture.body, content_type)
    try:
        bodies = _pieces(records, RUN, overlap=True) if records else [capture.body]
        found = [_read(told, body, content_type) for body in bodies]
        requests = _one_list([request_of(told, entities) for entities in found])
    except UnrecognisedError:
        if told is not Answer.THINGS or not records:
            raise
        bodies = _pieces(records, MAX_IDS)
        found = [_read(told, body, content_type) for body in bodies]
        requests = [by_ids([entity for entity in entities if isinstance(entity, Thing)]) for entities in found]
    requests = [_whole(request) for request in requests]
    form = next(form for form, kind in CONTENT_TYPES.items() if kind == content_type)
    for number, (own, body, entities) in enumerate(zip(requests, bodies, found, strict=True), 1):
        method = BY_NAME[own.method]
        if form not in method.formats:
            form = method.default_format  # a stream of activities, saved as plain JSON
        stored = StoredResponse(
            source=SourceKind.SAVED,
            account=_whose(method, entities, account),
            request=own,
            page=number if method.is_list else 1,
            count=len(entities) if method.is_list else 0,
            format=form,
            answer=method.answer,
            content_type=CONTENT_TYPES[form],
            fetched_at=capture.fetched_at,
            body=body,
        )
        yield Placed(stored, len(entities), told=True, newest=_time(entities))


def _one_list(requests: list[Request]) -> list[Request]:
    if len(set(requests)) > 1:
        raise UnrecognisedError("parts of several lists")
    return requests


def _time(entities: Sequence[Entity]) -> int:
    return next((time for entity in entities if (time := getattr(entity, "created_at", None))), 0)


def _whole(request: Request) -> Request:
    """Ask for inner users and things whole, as the program's lists do."""
    parameter = BY_NAME[request.method].parameter("page")
    return Request.of(request.method, dict(request.arguments), full="1" if parameter else "")


def _answer(body: bytes, content_type: str) -> Answer:
    try:
        return answer_of(parse(body, content_type))
    except NotFlattrError as error:
        raise UnrecognisedError(str(error)) from error


def _records(body: bytes) -> list[msgspec.Raw]:
    """Take a JSON array, or JSON lines, apart; nothing for what is neither, or must be read the lenient way."""
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        if head == b"[":
            return _array.decode(body)
        lines = _line.decode_lines(body) if head == b"{" else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return lines if len(lines) > 1 else []


def _pieces(records: list[msgspec.Raw], size: int, *, overlap: bool = False) -> list[bytes]:
    """Cut a list into bodies that can be kept.

    With `overlap` all are as long as each other, the last one beginning earlier, so that none looks like the end.
    """
    starts = list(range(0, len(records), size))
    if overlap and len(records) > size:
        starts[-1] = len(records) - size
    return [b"[" + b",".join(records[start : start + size]) + b"]" for start in starts]


_array = msgspec.json.Decoder(list[msgspec.Raw])
_line = msgspec.json.Decoder(msgspec.Raw)
