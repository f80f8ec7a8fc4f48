"""Prepares imported responses to be stored: finds their API requests, accounts and dates, and splits long lists."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import msgspec

from flattr_tui.api.method_table import BY_NAME, CONTENT_TYPES, Format, Method
from flattr_tui.library.import_export.captured_response import MAX_BODY, CapturedResponse, remove_secrets, sniff_type
from flattr_tui.library.import_export.json_list_splitter import join_records, split_by_user, split_list, split_records
from flattr_tui.library.import_export.request_recognition import (
    MAX_IDS,
    ROOT,
    MatchedRequest,
    UnrecognizedError,
    check_owner,
    guess_kind,
    guess_request,
    match_url,
    things_by_id,
)
from flattr_tui.library.import_export.web_feeds import (
    is_payment_feed,
    is_stream,
    kind_of_stream,
    read_rows,
    read_things,
)
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import (
    Activity,
    Choice,
    Entity,
    Flattr,
    Json,
    Lookup,
    NotFlattrError,
    RateLimit,
    Subscription,
    Thing,
    User,
)
from flattr_tui.model.entity_decoder import STREAMS, DecodedPage, decode_page
from flattr_tui.model.response_body_parser import media_type, parse_body
from flattr_tui.store.stored_response import StoredResponse

ITEMS_PER_PAGE: Final = 1000
"""Maximum number of items on a page, if a long list without an address is split into pages to be stored."""
_ARCHIVED = re.compile(r"/web/(\d{14})[a-z_]*/")
_CALL = re.compile(rb"\s*(?:/\*\*/)?\s*[\w.$]+\s*\((.*)\)\s*;?\s*", re.DOTALL)
"""Matches JSONP: a function call with JSON in parentheses. content/api/index.md, 'Cross origin requests'."""
_LOOKUP_STATUS = {200, 302, 404}


@dataclass(frozen=True, slots=True)
class IdentifiedResponse:
    """An API response from an imported file, with its request, ready to be stored."""

    stored: StoredResponse
    """The response in the form in which it is stored, under the source `saved`."""
    items: int
    """Number of items in the response."""
    is_guessed: bool
    """Whether the request was guessed from the content. The page number then shows only the order of pages."""
    newest: int = 0
    """When the first item was created (Unix seconds), for a guessed request; 0 if unknown."""
    kind: str = ""
    """The kind of the items (`things`, `flattrs`, `people`); "" without items, and for a revenue report."""
    keys: frozenset[str] = frozenset()
    """The keys of the items, which identify them."""
    problems: Sequence[str] = ()
    """What can't be read in the response: which items, and dates of items."""

    @property
    def owner(self) -> str:
        """The name of the user whose list or profile the response contains; "" for other responses."""
        return self.stored.request.get("username") or self.stored.account


_KINDS: Final = {
    User: "people",
    Thing: "things",
    Flattr: "flattrs",
    Activity: "activities",
    Subscription: "subscriptions",
    Choice: "choices",
    Lookup: "lookups",
    RateLimit: "rate limits",
}


def _make_identified(stored: StoredResponse, page: DecodedPage, *, is_guessed: bool) -> IdentifiedResponse:
    entities, unread = page.entities, page.records - len(page.entities)
    kind = _KINDS.get(type(entities[0]), "") if entities else ""
    keys = frozenset(getattr(entity, "key", str(stored.request)) for entity in entities)
    problems: list[str] = []
    if page.is_cut:
        problems.append(
            f"only the first {page.records:,} items are read: split the list, or import it without its address"
        )
    elif unread:
        problems.append(f"{unread:,} of {page.records:,} items can't be read (without an id or a name)")
    if times := page.unread_times:
        problems.append(f"dates that can't be read ({len(times):,}, the first is {times[0]!r})")
    return IdentifiedResponse(
        stored, len(entities), is_guessed, _newest_time(entities) if is_guessed else 0, kind, keys, tuple(problems)
    )


def identify_response(capture: CapturedResponse, account: str) -> list[IdentifiedResponse]:
    """Return the API responses in a captured response, each with its request. A long list becomes several pages.

    Private responses are stored as those of `account`. Raises `UnrecognizedError` if there is no response of the API,
    or if a response is private and `account` is "".
    """
    if capture.verb != "GET" and ROOT in capture.url:
        raise UnrecognizedError(f"{capture.verb[:10]} requests do not read data")
    if capture.problem and not capture.url:
        raise UnrecognizedError(capture.problem)
    status = 200 if capture.status == 304 and capture.body.strip() else capture.status  # the body is from a cache
    capture = msgspec.structs.replace(capture, body=remove_secrets(capture.body), status=status)
    if not capture.problem and capture.status == 200 and is_payment_feed(capture.body):
        return _identify_feed(capture)
    if not capture.url:
        return list(_identify_content(capture, account))
    try:
        return [_identify_address(capture, match_url(capture.url), account)]
    except UnrecognizedError:
        if not capture.is_url_guessed:
            raise
    return list(_identify_content(capture, account))


def _identify_address(capture: CapturedResponse, matched: MatchedRequest, account: str) -> IdentifiedResponse:
    method = matched.method
    if capture.problem:
        raise UnrecognizedError(capture.problem)
    if capture.status != 200 and not (method.response_kind is ResponseKind.LOOKUP and capture.status in _LOOKUP_STATUS):
        raise UnrecognizedError(f"the response was not successful ({capture.status})")
    form, body = _body_format(method, matched.format, capture), capture.body
    if form is Format.JSON and (call := _CALL.fullmatch(body)):
        body = call[1]
    if method.response_kind in {ResponseKind.FLATTRS, ResponseKind.THINGS} and CONTENT_TYPES[form] in STREAMS:
        data = _parse(body, CONTENT_TYPES[form])
        if is_stream(data):
            form, body = Format.JSON, read_rows(data, method.response_kind)
    content_type = CONTENT_TYPES[form]
    body = _clean_body(body, content_type)
    page = _read(method.response_kind, body, content_type)
    if method.response_kind is ResponseKind.LOOKUP and _is_archive_redirect(capture.url, page.entities):
        raise UnrecognizedError("a redirect of the web archive to another date")
    stored = StoredResponse(
        source=SourceKind.SAVED,
        account=_account_for(matched.request, page.entities, account),
        request=matched.request,
        page=matched.page,
        count=matched.count,
        format=form,
        response_kind=method.response_kind,
        url=matched.url,
        status=capture.status,
        content_type=content_type,
        fetched_at=_fetched_at(capture),
        body=body,
    )
    return _make_identified(stored, page, is_guessed=False)


def _is_archive_redirect(url: str, entities: Sequence[Entity]) -> bool:
    """Whether a web archive only redirected a lookup to the same address on another date, so that no thing is named.

    `url` is the address of the lookup. `entities` are the entities that were decoded from the response.
    """
    lookup = entities[0] if entities else None
    location = lookup.location if isinstance(lookup, Lookup) else None
    return bool(location and ROOT in location and location.partition(ROOT)[2] == url.partition(ROOT)[2])


def _clean_body(body: bytes, content_type: str) -> bytes:
    """Return only the JSON in a body whose content type is JSON. Text around the JSON is removed.

    Such text may be anything, even request headers. Valid JSON and other content types are returned unchanged.
    """
    if content_type not in _JSON_TYPES or len(body) > MAX_BODY:
        return body
    try:
        _raw.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return json.dumps(parse_body(body, content_type)).encode()  # msgspec refuses lone surrogates
        except (NotFlattrError, RecursionError):
            return body  # parsing it reports what is wrong
    return body


def _is_like_json(body: bytes) -> bool:
    """Whether a body begins like JSON, or contains JSON that can be read."""
    if body.lstrip()[:1] in {b"{", b"["}:
        return True
    try:
        return parse_body(body, "application/json") is not None
    except NotFlattrError:
        return False


def _parse(body: bytes, content_type: str) -> Json:
    try:
        return parse_body(body, content_type)
    except NotFlattrError as error:
        raise UnrecognizedError(str(error)) from error


def _identify_feed(capture: CapturedResponse) -> list[IdentifiedResponse]:
    """Return the things in an RSS or Atom feed with payment links, as responses of the API.

    If the owner of the things is known, these are pages of the owner's list. Otherwise they are responses to requests
    for things by their ids.
    """
    try:
        found = read_things(capture.body)
    except NotFlattrError as error:
        raise UnrecognizedError(str(error)) from error
    identified: list[IdentifiedResponse] = []
    for things in found:
        one = msgspec.structs.replace(capture, body=remove_secrets(things.body))
        if things.owner:
            identified += _list_pages(
                one, ResponseKind.THINGS, ApiRequest.of("user-things", username=things.owner, full="1")
            )
        else:
            for body in split_list(split_records(one.body), MAX_IDS):
                entities = _read(ResponseKind.THINGS, body, "application/json").entities
                request = things_by_id([entity for entity in entities if isinstance(entity, Thing)])
                identified += _list_pages(msgspec.structs.replace(one, body=body), ResponseKind.THINGS, request)
    return identified


def _list_pages(capture: CapturedResponse, kind: ResponseKind, request: ApiRequest) -> Iterator[IdentifiedResponse]:
    """Yield the JSON items in a captured response in pages, each as a response to `request`. `kind` is their kind."""
    for number, body in enumerate(split_list(split_records(capture.body), ITEMS_PER_PAGE, overlap=True), 1):
        yield _identify_page(capture, kind, "application/json", "", number, body, lambda entities: request)


def _read(kind: ResponseKind, body: bytes, content_type: str) -> DecodedPage:
    if len(body) > MAX_BODY:
        raise UnrecognizedError(f"is larger than {MAX_BODY:,} bytes")
    try:
        page = decode_page(kind, body, content_type)
    except NotFlattrError as error:
        raise UnrecognizedError(str(error)) from error
    if page.records and not page.entities:
        raise UnrecognizedError("nothing that can be read")
    return page


def _body_format(method: Method, suffix: Format | None, capture: CapturedResponse) -> Format:
    """Return the format of a response's body.

    The suffix of the address (`.json`) decides. Without a suffix, the content type decides; if that is unknown, the
    first bytes of the body. If these are unknown, too, the method's default format is returned.
    """
    if suffix is not None:
        return suffix
    kinds = {kind: form for form, kind in CONTENT_TYPES.items() if form in method.formats}
    fmt = kinds.get(media_type(capture.content_type)) or kinds.get(sniff_type(capture.body))
    return fmt or method.default_format


def _account_for(request: ApiRequest, entities: Sequence[Entity], account: str) -> str:
    """Return the account under which a response is stored; "" for a public response.

    Raises `UnrecognizedError` for a private response if `account` is "", and `OtherOwnerError` if the entities are not
    those that the request names.
    """
    method = BY_NAME[request.method]
    check_owner(request, entities, account if method.private else "")
    first = entities[0] if entities else None
    own = isinstance(first, Thing) and (first.flattred is not None or first.subscribed is not None)
    if not method.private and not (method.personal and own):
        return ""
    if not account:
        raise UnrecognizedError("private to its owner: name the owner with --account NAME")
    return account


def _fetched_at(capture: CapturedResponse) -> float:
    """Return when a response was fetched, in Unix seconds.

    An address in a web archive, such as the Wayback Machine, contains this date. For any other address, the date that
    the file names is returned.
    """
    if found := _ARCHIVED.search(capture.url):
        try:
            return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            pass  # fourteen digits that are not a date
    return capture.fetched_at


def _identify_content(capture: CapturedResponse, account: str) -> Iterator[IdentifiedResponse]:
    content_type = sniff_type(capture.body, capture.content_type)
    records = split_records(capture.body) if content_type == "application/json" else []
    if not records:
        capture = msgspec.structs.replace(capture, body=_clean_body(capture.body, content_type))
    if not records and content_type == "application/json" and not _is_like_json(capture.body):
        raise UnrecognizedError("in no format that can be imported; `flattr-tui import --formats` lists those that can")
    kind = guess_kind(_parse(b"[%b]" % records[0] if records else capture.body, content_type))
    if kind is ResponseKind.ACTIVITIES and not records:
        yield from _identify_stream(capture, content_type)
    page_of = partial(_identify_page, capture, kind, content_type, account)
    try:
        bodies = split_list(records, ITEMS_PER_PAGE, overlap=True) if records else [capture.body]
        pages = [page_of(number, body, partial(guess_request, kind)) for number, body in enumerate(bodies, 1)]
        _check_one_list(pages)
    except UnrecognizedError:
        if kind is ResponseKind.FLATTRS and (parts := split_by_user(records)) != [join_records(records)]:
            for part in parts:
                yield from _identify_content(msgspec.structs.replace(capture, body=part), account)
            return
        if kind is not ResponseKind.THINGS or not records:
            raise
        bodies = split_list(records, MAX_IDS)
        pages = [page_of(number, body, things_by_id) for number, body in enumerate(bodies, 1)]
    yield from pages


def _identify_page(
    capture: CapturedResponse,
    kind: ResponseKind,
    content_type: str,
    account: str,
    number: int,
    body: bytes,
    guess: Callable[[Sequence[Any]], ApiRequest],
) -> IdentifiedResponse:
    """Return a page of a list in a captured response, with its number and body, as a response of the API.

    `guess` returns the request for the entities on the page.
    """
    page = _read(kind, body, content_type)
    request = _with_full(guess(page.entities))
    method = BY_NAME[request.method]
    form = next(form for form, kind in CONTENT_TYPES.items() if kind == content_type)
    if form not in method.formats:
        form = method.default_format  # a stream of activities, saved as plain JSON
    stored = StoredResponse(
        source=SourceKind.SAVED,
        account=_account_for(request, page.entities, account),
        request=request,
        page=number if method.is_list else 1,
        count=len(page.entities) if method.is_list else 0,
        format=form,
        response_kind=method.response_kind,
        content_type=CONTENT_TYPES[form],
        fetched_at=_fetched_at(capture),
        body=body,
    )
    return _make_identified(stored, page, is_guessed=True)


def _identify_stream(capture: CapturedResponse, content_type: str) -> Iterator[IdentifiedResponse]:
    """Yield the flattrs or the things of an activity stream as pages of the list that contains them.

    Yields nothing if the activities are not all about flattrs, or all about things, or if they do not show which list
    it is. The caller then stores the stream itself.
    """
    data = _parse(capture.body, content_type)
    kind = kind_of_stream(data)
    if kind is None:
        return
    body = read_rows(data, kind)
    try:
        entities = _read(kind, body, "application/json").entities
        request = guess_request(kind, entities)
        if kind is ResponseKind.THINGS and (owners := _common_owner(entities)):
            request = ApiRequest.of("user-things", username=owners)
    except UnrecognizedError:
        return
    yield from _list_pages(msgspec.structs.replace(capture, body=body), kind, request)


def _common_owner(entities: Sequence[Entity]) -> str:
    """Return the name of the owner of all things; "" if there are several owners, or if an owner is unknown."""
    names = {one.owner.username if one.owner else "" for one in entities if isinstance(one, Thing)}
    return names.pop() if len(names) == 1 else ""


def _check_one_list(pages: Sequence[IdentifiedResponse]) -> None:
    if len({page.stored.request for page in pages}) > 1:
        raise UnrecognizedError("parts of several different lists")


def _newest_time(entities: Sequence[Entity]) -> int:
    return next((time for entity in entities if (time := getattr(entity, "created_at", None))), 0)


def _with_full(request: ApiRequest) -> ApiRequest:
    """Return the request for a list with the argument `full=1`, with which this program requests lists.

    A request for a single object is returned without this argument.
    """
    parameter = BY_NAME[request.method].parameter("page")
    return ApiRequest.of(request.method, dict(request.arguments), full="1" if parameter else "")


_raw = msgspec.json.Decoder(msgspec.Raw)
_JSON_TYPES: Final = frozenset({"application/json", "application/stream+json"})
