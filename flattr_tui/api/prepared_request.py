"""Makes a checked and encoded request from a method and its arguments, without sending it.

Source: `flattr/developers.flattr.net`, content/api/index.md and content/api/resources/things.md (the encoding of tag
expressions); RFC 3986 for paths. Commas between ids or names are not encoded: the service refused `%2C`.
"""

import json
from collections.abc import Mapping
from urllib.parse import quote, quote_plus, urlsplit

import msgspec
from msgspec.structs import replace

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import CONTENT_TYPES, Format, Method, Parameter, ParameterKind
from flattr_tui.api.request_log import MASK, Secret
from flattr_tui.model.tag_expression import TagSyntaxError, parse_tags

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_COMMA_KINDS = frozenset({ParameterKind.IDS, ParameterKind.LIST, ParameterKind.CATEGORIES, ParameterKind.LANGUAGES})


class PreparedRequest(msgspec.Struct, frozen=True):
    """A request that is ready to be sent."""

    verb: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None

    def masked(self) -> "PreparedRequest":
        """Return a copy with `•••` in place of the token, for display."""
        if "Authorization" not in self.headers:
            return self
        return replace(self, headers={**self.headers, "Authorization": f"Bearer {MASK}"})

    def __repr__(self) -> str:
        return f"PreparedRequest({self.verb} {self.url})"


def check_arguments(method: Method, arguments: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments to send, normalized (`yes` becomes `1`).

    Empty arguments are left out, except where an empty value clears a field (`Parameter.may_empty`). Raises
    `UsageError` if a parameter is missing, unknown, or has an invalid value. The message names the parameter.
    """
    known = {parameter.name: parameter for parameter in method.parameters}
    for name in arguments:
        if name not in known:
            offer = ", ".join(known) or "none"
            raise UsageError(f"{method.name} has no parameter {name!r}; it has: {offer}.")
    checked: dict[str, str] = {}
    for parameter in method.parameters:
        value = arguments.get(parameter.name, "").strip()
        if not value:
            if parameter.required:
                raise UsageError(f"{method.name} needs {parameter.name} ({parameter.help}).")
            if parameter.may_empty and parameter.name in arguments:
                checked[parameter.name] = ""
            continue
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise UsageError(f"{parameter.name} contains bytes that are not text; write it in UTF-8.")
        value = _check_value(parameter, value)
        if value or parameter.may_empty:
            checked[parameter.name] = value
    return checked


def _check_value(parameter: Parameter, value: str) -> str:
    kind, name = parameter.kind, parameter.name
    if kind is ParameterKind.INTEGER:
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise UsageError(f"{name} must be a whole number, not {value!r}.")
    elif kind is ParameterKind.IDS:
        ids = [part.strip() for part in value.split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in ids):
            raise UsageError(f"{name} must be thing ids separated by commas, not {value!r}.")
        return ",".join(ids)
    elif kind in {ParameterKind.FLAG, ParameterKind.BOOLEAN}:
        if value.lower() in _FALSE:
            return "" if kind is ParameterKind.FLAG else "0"
        if value.lower() not in _TRUE and not (kind is ParameterKind.FLAG and value == name):
            raise UsageError(f"{name} must be yes or no (1 or 0), not {value!r}.")
        return "1"
    elif kind is ParameterKind.CHOICE:
        if value not in parameter.choices:
            raise UsageError(f"{name} must be one of {', '.join(parameter.choices)}; not {value!r}.")
    elif kind is ParameterKind.TAGS:
        try:
            parse_tags(value)
        except TagSyntaxError as error:
            raise UsageError(f"{name} does not parse at character {error.position + 1}: {error}") from error
    elif kind is ParameterKind.URL:
        _check_url(name, value)
    elif kind in _COMMA_KINDS:
        return ",".join(part.strip() for part in value.split(",") if part.strip())
    return value


def _check_url(name: str, value: str) -> None:
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise UsageError(f"{name} is not an address ({error}).") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise UsageError(f"{name} must be an address that begins with http:// or https://, not {value!r}.")


def _path_value(parameter: Parameter, value: str) -> str:
    if value in {".", ".."}:
        raise UsageError(f"{parameter.name} can't be {value!r}.")
    return quote(value, safe="," if parameter.kind in _COMMA_KINDS else "")


def _query_value(parameter: Parameter, value: str) -> str:
    return quote_plus(
        value, safe="," if parameter.kind in _COMMA_KINDS else "!" if parameter.kind is ParameterKind.TAGS else ""
    )


def prepare_request(
    base: str,
    method: Method,
    arguments: Mapping[str, str],
    *,
    format: Format | None = None,
    token: str | None = None,
) -> PreparedRequest:
    """Return the request that calls a method of the API at the address `base`.

    With `format` None, the method's default format is used; `token` None or "" sends no token. Arguments of writing
    methods become a JSON body. Raises `UsageError` for invalid arguments, and for a format in which the method is not
    available.
    """
    checked = check_arguments(method, arguments)
    fmt = format or method.default_format
    if fmt not in method.formats:
        raise UsageError(f"{method.name} is available as {', '.join(method.formats)}; not as {fmt}.")
    path, query, body = method.path, [], {}
    for parameter in method.parameters:
        value = checked.get(parameter.name)
        if value is None:
            continue
        if parameter.in_path:
            path = path.replace(f":{parameter.name}", _path_value(parameter, value))
        elif method.writes:
            body[parameter.name] = value == "1" if parameter.kind is ParameterKind.BOOLEAN else value
        else:
            query.append(f"{parameter.name}={_query_value(parameter, value)}")
    if not method.writes:
        path += f".{fmt}" if fmt is not Format.JSON else ""
    headers = {"Accept": CONTENT_TYPES[fmt]}
    if token:
        headers["Authorization"] = Secret(f"Bearer {token}")
    payload = None
    if body:
        headers["Content-Type"] = "application/json"
        payload = json.dumps(body, ensure_ascii=False).encode()
    return PreparedRequest(method.verb, f"{base}{path}{'?' + '&'.join(query) if query else ''}", headers, payload)
