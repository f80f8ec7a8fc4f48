"""An API request in the sandbox: how it is parsed from HTTP, what its handler receives, and what the handler returns.

Parsing accepts every form of request that known clients send, but refuses a request of which data would be lost.
Handlers are plain functions of a `Call`, which run in a worker thread and don't depend on ASGI. Source:
`flattr/developers.flattr.net`, content/api/index.md, 'Response Formats' (the two kinds of body), and
content/api/resources/things.md, 'Update a thing' (`_method`); RFC 8259, 8.1 (JSON is UTF-8), RFC 6750 (tokens).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request

from flattr_tui.sandbox import api_responses, serializers
from flattr_tui.sandbox.api_responses import ApiError, AtomFeed, Format, invalid, unauthorized
from flattr_tui.sandbox.models import ActivityRow, FlattrRow, ThingDraft, ThingRow, Token
from flattr_tui.sandbox.serializers import Addresses, Viewer, Wire
from flattr_tui.sandbox.world import World

MAX_BODY = 1_000_000
_OVERRIDES = frozenset({"PATCH", "PUT", "DELETE"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_SLASH = re.compile("%2F", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"
DEFAULT_COUNT = 30
_LAST_PAGE = 2**31
"""Page numbers larger than this are replaced by it, so that none exceeds SQLite's integers.

Every list has ended by then.
"""
_ABSENT = frozenset({"", "undefined", "null", "None"})
"""What clients send for a parameter that they mean to leave out: `antics/node-flattr` sends `page=undefined`."""
_NO = frozenset({"0", "false", "no", "off"})
_TOKEN = re.compile(r"(?<=[?&])access_token=[^&#]*&?")
_IDS = re.compile(r"\d{1,18}(?:,\d{1,18})*,?", re.ASCII)
Row = ActivityRow | FlattrRow | ThingRow


class SandboxRequest:
    """An HTTP request to the API with its body, which can have any of the forms that known clients send."""

    def __init__(self, request: Request, body: bytes, fields: Mapping[str, Any] | None, broken: str = "") -> None:
        scope = request.scope
        root = scope.get("root_path", "")
        self.method = request.method
        self.headers = request.headers
        self.raw_path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        self.path, self.suffix = api_responses.split_suffix(_path_below(root, self.raw_path, scope["path"]))
        self.raw_query = scope["query_string"].decode("latin-1")
        self.query = dict(parse_qsl(self.raw_query, keep_blank_values=True))
        self.url = str(request.url)
        self.client = request.client.host if request.client else "in-process"
        self._body = body
        self._fields = fields
        self._broken = broken

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the body, which may be JSON or a form, even if the content type names the other one.

        Raises ApiError `invalid_request` if the body is neither JSON nor a form.
        """
        if self._broken:
            raise ApiError("invalid_request", self._broken)
        if self._fields is not None:
            return self._fields
        text = self._body.removeprefix(_MARK).strip()
        if len(self._body) > MAX_BODY:
            raise ApiError("invalid_request", f"The body is longer than {MAX_BODY:,} bytes")
        if not text:
            return {}
        content_type = self.headers.get("content-type", "").lower()
        if "json" in content_type or text.startswith(b"{"):
            return _parse_json_object(text, _charset(content_type))
        return _parse_form(text, _charset(content_type))

    @property
    def verb(self) -> str:
        """The HTTP method by which the request is handled.

        HEAD is handled as GET. For POST, the parameter `_method` can name another method, because some clients can't
        send PATCH.
        """
        if self.method == "HEAD":
            return "GET"
        if self.method != "POST":
            return self.method
        named = str(self.fields.get("_method", self.query.get("_method", ""))).upper()
        return named if named in _OVERRIDES else self.method

    @cached_property
    def bearer(self) -> str | None:
        """The access token; None if the request has none. Basic credentials, which some clients send, are ignored.

        Clients that can't set a header, such as a script loaded with `jsonp`, send the token in the address (RFC 6750,
        2.3). Others, such as Grooveshark, send it in the body of a request that changes something (2.2).
        """
        scheme, _, token = self.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        return self.query.get("access_token") or self._body_text("access_token") or None

    def _body_text(self, name: str) -> str:
        """Return a text field of the body; "" if the field is missing, the body is invalid, or the request is a GET.

        An invalid body raises an error later, when the handler reads its fields.
        """
        if self.method in {"GET", "HEAD"}:
            return ""
        try:
            value = self.fields.get(name)
        except ApiError:
            return ""
        return value if isinstance(value, str) else ""


def _path_below(root: str, raw_path: str, path: str) -> str:
    """Return the decoded path below `root`, with one slash at the beginning and none at the end; "" for `root` itself.

    Two slashes after `root` count as one: some clients add a path to an address of the API that ends with a slash. An
    encoded slash stays encoded, because it is part of a name.
    """
    if raw_path.startswith(root):
        path = root + unquote(_SLASH.sub("%252F", raw_path.removeprefix(root)))
    below = path.removeprefix(root).rstrip("/")
    return f"/{below.lstrip('/')}" if below else ""


def _charset(content_type: str) -> str:
    """Return the encoding that a content type names. If it names none, or an unknown one, return UTF-8."""
    found = _CHARSET.search(content_type)
    try:
        " ".encode(found[1] if found else "utf-8")
    except (LookupError, ValueError):  # ValueError: `undefined` is the name of an encoding that does nothing
        return "utf-8"
    return found[1] if found else "utf-8"


def _parse_form(text: bytes, charset: str) -> Mapping[str, Any]:
    """Return the fields of a form, decoded with `charset`.

    Raises ApiError if the form can't be decoded, because damaged text would be stored.
    """
    try:
        return dict(parse_qsl(text.decode(charset), keep_blank_values=True, encoding=charset, errors="strict"))
    except ValueError as error:
        raise ApiError("invalid_request", f"The form is not valid, or is not {charset}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse_json_object(text: bytes, charset: str) -> Mapping[str, Any]:
    """Return the JSON object in `text`. Raises ApiError `invalid_request` for anything else.

    The first bytes show whether the text is UTF-8, UTF-16 or UTF-32; otherwise `charset` is tried.
    """
    try:
        try:
            data = json.loads(text, parse_constant=_refuse_constant)
        except UnicodeDecodeError:
            data = json.loads(text.decode(charset), parse_constant=_refuse_constant)
        json.dumps(data, ensure_ascii=False).encode()  # JSON allows lone surrogates, but they can't be stored
    except (ValueError, RecursionError) as error:
        raise ApiError("invalid_request", "The body is not valid JSON") from error
    if not isinstance(data, dict):
        raise ApiError("invalid_request", "The body is not a JSON object")
    return data


async def parse_request(request: Request) -> SandboxRequest:
    """Return a request with its body. The body is read completely, unless it is too large.

    If the body is too large, accessing the request's `fields` raises an error.
    """
    if "multipart/form-data" in request.headers.get("content-type", "").lower():
        try:
            async with request.form(max_files=0, max_fields=100, max_part_size=MAX_BODY) as form:
                return SandboxRequest(
                    request, b"", {key: value for key, value in form.items() if isinstance(value, str)}
                )
        except HTTPException as error:  # Starlette raises this for an error of its parser
            return SandboxRequest(request, b"", None, f"The form is not valid: {error.detail}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            break
    return SandboxRequest(request, bytes(body), None)


@dataclass(frozen=True, slots=True)
class Call:
    """An API request for a handler: it is routed and authorized, and the format of the response is chosen."""

    world: World
    at: Addresses
    path: Mapping[str, str]
    """The values of the variable parts of the path, decoded, by name."""
    query: Mapping[str, str]
    raw_path: str
    """The path as it was sent, because the service distinguished `,` and `%2C`."""
    raw_query: str
    fields: Mapping[str, Any]
    """The fields of the body, which is a JSON object or a form."""
    token: Token | None
    format: Format
    address: str
    """The full address of the request."""
    page_cap: int
    """Maximum number of items on an API page."""

    @property
    def username(self) -> str:
        """The name of the user to whom the token belongs. Raises ApiError `unauthorized` without a token."""
        if self.token is None:
            raise unauthorized("You are unauthorized to access the resource")
        return self.token.username

    @property
    def full(self) -> bool:
        """Whether the parameter `full` asks for complete objects. Values such as `False` and `0` do not."""
        value = self.query.get("full")
        return value is not None and value.strip().lower() not in _NO

    def text(self, name: str) -> str:
        """Return a parameter from the query of the request's address; "" if the parameter is missing."""
        return self.query.get(name, "")

    def names(self, name: str) -> tuple[str, ...]:
        """Return the parts of a comma-separated parameter from the query of the address. Empty parts are left out."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def paging(self) -> tuple[int, int]:
        """Return the parameters `count` (items on an API page, at most `page_cap`) and `page` (from 1).

        A missing parameter has its default. Raises ApiError `invalid_parameters` if one is not a number of 1 or more.
        """
        count = self._count_or_page("count", min(DEFAULT_COUNT, self.page_cap))
        return min(count, self.page_cap), min(self._count_or_page("page", 1), _LAST_PAGE)

    def _count_or_page(self, name: str, default: int) -> int:
        value = self.text(name).strip()
        if value in _ABSENT:
            return default
        digits = value.lstrip("0")
        if not (digits.isascii() and digits.isdigit()):
            raise invalid(f"{name} must be a number of 1 or more")
        return int(digits) if len(digits) < 20 else _LAST_PAGE

    def viewer(self, things: Sequence[ThingRow]) -> Viewer | None:
        """Return the token's user, and which of `things` this user flattred or subscribed to. None without a token."""
        if self.token is None:
            return None
        ids, name = [row.id for row in things], self.token.username
        return Viewer(name, self.world.has_flattred(name, ids), self.world.has_subscribed(name, ids))

    def field_text(self, name: str) -> str | None:
        """Return a field of the body as text; None if the field is missing.

        Raises ApiError `invalid_parameters` if the field is a list or an object.
        """
        value = self.fields.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return str(value)
        raise invalid(f"{name} is a text")

    def draft(self) -> ThingDraft:
        """Return the thing that the fields of the body describe.

        Raises ApiError `invalid_parameters` if a field has the wrong type.
        """
        return ThingDraft(
            url=self.field_text("url"),
            title=self.field_text("title"),
            description=self.field_text("description"),
            category=self.field_text("category"),
            language=self.field_text("language"),
            tags=self._tags(),
            hidden=self._hidden(),
        )

    def _tags(self) -> tuple[str, ...] | None:
        value = self.fields.get("tags")
        if isinstance(value, list) and all(isinstance(tag, str) for tag in value):
            parts = value
        else:
            text = self.field_text("tags")
            if text is None:
                return None
            parts = text.split(",")
        return tuple(dict.fromkeys(tag.strip() for tag in parts if tag.strip()))

    def _hidden(self) -> bool | None:
        value = self.field_text("hidden")
        if value is None or value in _ABSENT:
            return None
        if value.lower() in {"1", "true", "yes", "on"}:
            return True
        if value.lower() in _NO:
            return False
        raise invalid("hidden must be true or false")


def thing_ids(text: str) -> list[int] | None:
    """Return the thing ids in a comma-separated text; None if the text contains anything else."""
    if not _IDS.fullmatch(text):
        return None
    return [int(part) for part in text.split(",") if part]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler returns: data to write in the call's format, or a list to write as an activity stream."""

    data: Callable[[], Any] | None = None
    """Returns the data of the body; None if there is no body.

    It is not called for an activity stream, which is made from `rows`.
    """
    name: str = "response"
    """The name of the root element in XML."""
    rows: Sequence[Row] | None = None
    """The rows of a list, for the formats that are activity streams; None if the reply is not a list."""
    feed: AtomFeed | None = None
    """The title and id of the list as an Atom feed; with None, they are made from `name`."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, call: Call, jsonp: str | None) -> tuple[bytes, str]:
        """Return the body in the call's format, and its content type. Both are empty if there is no body.

        If `jsonp` is not None, JSON is wrapped in a call of the JavaScript function with that name.
        """
        if call.format in api_responses.STREAM and self.rows is not None:
            items = [serializers.activity_of(row, call.at) for row in self.rows]
            if call.format is Format.ATOM:
                content_type = f"{api_responses.CONTENT_TYPES[Format.ATOM]}; charset=utf-8"
                targets = [row.url if isinstance(row, ThingRow) else row.thing.url for row in self.rows]
                about = self.feed or AtomFeed("Things", self.name, call.at.web)
                return api_responses.render_feed(items, targets, about, _without_token(call.address)), content_type
            stream: Wire = {"items": items}
            return api_responses.render(stream, Format.AS, self.name, jsonp)
        if self.data is None:
            return b"", ""
        return api_responses.render(self.data(), call.format, self.name, jsonp)


def _without_token(address: str) -> str:
    """Return the address of a feed without the access token.

    The feed contains its own address, and may be passed on, but the token must stay secret.
    """
    return _TOKEN.sub("", address).rstrip("?&")
