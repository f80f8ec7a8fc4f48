"""Parses an HTTP request: lenient about its form, strict if data would be lost.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Response Formats' (the two kinds of body), and
content/api/resources/things.md, 'Update a thing' (`_method`); RFC 8259, 8.1 (JSON is UTF-8), RFC 6750 (tokens).
"""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request

from flattr_tui.sandbox import response_formats
from flattr_tui.sandbox.api_errors import ApiError

MAX_BODY = 1_000_000
_OVERRIDES = frozenset({"PATCH", "PUT", "DELETE"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_SLASH = re.compile("%2F", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"


class SandboxRequest:
    """An HTTP request with its body, in any of the forms that known clients send."""

    def __init__(self, request: Request, body: bytes, fields: Mapping[str, Any] | None, broken: str = "") -> None:
        scope = request.scope
        root = scope.get("root_path", "")
        self.method = request.method
        self.headers = request.headers
        self.raw_path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        self.path, self.suffix = response_formats.split_suffix(_below(root, self.raw_path, scope["path"]))
        self.raw_query = scope["query_string"].decode("latin-1")
        self.query = dict(parse_qsl(self.raw_query, keep_blank_values=True))
        self.url = str(request.url)
        self.client = request.client.host if request.client else "in-process"
        self._body = body
        self._fields = fields
        self._broken = broken

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the body, which is JSON or a form, whatever its content type says.

        Raises ApiError `invalid_request` if it is neither.
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
        """The HTTP method to act on: for HEAD it is GET, for a POST the method in `_method`, if any.

        Some clients can't send PATCH, and use `_method`.
        """
        if self.method == "HEAD":
            return "GET"
        if self.method != "POST":
            return self.method
        named = str(self.fields.get("_method", self.query.get("_method", ""))).upper()
        return named if named in _OVERRIDES else self.method

    @cached_property
    def bearer(self) -> str | None:
        """The access token; None if there is none. Basic credentials, which some clients send instead, are ignored.

        Clients that can't set a header, such as a script loaded with `jsonp`, send it in the address (RFC 6750, 2.3).
        Others, such as Grooveshark, send it in the body of a write (2.2).
        """
        scheme, _, token = self.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        return self.query.get("access_token") or self._body_text("access_token") or None

    def _body_text(self, name: str) -> str:
        """Return a text field of a write's body; "" if the field is missing or the body is invalid.

        An invalid body raises an error later, when the write reads its fields.
        """
        if self.method in {"GET", "HEAD"}:
            return ""
        try:
            value = self.fields.get(name)
        except ApiError:
            return ""
        return value if isinstance(value, str) else ""


def _below(root: str, raw_path: str, path: str) -> str:
    """Return the decoded path below `root` without superfluous slashes.

    An encoded slash stays encoded, as part of a name. Superfluous slashes are at the beginning (if a client's address
    of the API ends with one) and at the end.
    """
    if raw_path.startswith(root):
        path = root + unquote(_SLASH.sub("%252F", raw_path.removeprefix(root)))
    below = path.removeprefix(root).rstrip("/")
    return f"/{below.lstrip('/')}" if below else ""


def _charset(content_type: str) -> str:
    """Return the encoding in a content type; UTF-8 if it has none or an unknown one."""
    found = _CHARSET.search(content_type)
    try:
        " ".encode(found[1] if found else "utf-8")
    except (LookupError, ValueError):  # ValueError: `undefined` is the name of an encoding that does nothing
        return "utf-8"
    return found[1] if found else "utf-8"


def _parse_form(text: bytes, charset: str) -> Mapping[str, Any]:
    """Return the fields of a form.

    Raises ApiError if it is not valid in this encoding, because damaged text would be stored.
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
    """Return a request with its body, which is read completely unless it is too large.

    Accessing the fields of a body that is too large raises an error.
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
