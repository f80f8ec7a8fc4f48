"""Finds the API request that an address belongs to: the inverse of `api.prepared_request`.

The address is compared with the paths in the table of methods. Anything may precede `/rest/v2` in it, such as the
address of a web archive that replays the response.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import METHODS, Format, Method, ParameterKind
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.text_sanitizer import single_line

ROOT = "/rest/v2/"
"""The beginning of all paths of the API. `flattr/developers.flattr.net`, content/api/index.md, 'Basics'."""
NO_ADDRESS = "its address does not belong to the Flattr API"
MAX_URL = 16_384
"""Maximum number of characters of an address. Servers do not accept longer ones."""
_ABSENT = frozenset({"undefined", "null", "None"})
_LOOKUP = re.compile(r"(?P<lookup>/?things/lookup(?:\.\w+)?)(?:/|/q/(?P<address>.+))?")
_ENCODED_QUERY = re.compile(
    rf"%3f(?=(?:{'|'.join({parameter.name for method in METHODS for parameter in method.parameters})})(?:=|%3d))",
    re.IGNORECASE,
)
"""Matches the encoded `?` in the name of a file that `wget -x` saved and warcit archived.

See findings/warcit-encodes-the-query.sh.
"""
_BARE_AUTO_SUBMIT = re.compile(r"(?:^|&)url=(https?://[^&]*/submit/auto\?.*)$")
_OWN = re.compile(r"&(?:access_token|jsonp|_)=[^&]*")
"""Matches parameters of a lookup that follow the auto-submit address, if that is not encoded."""
_LOGIN = re.compile(r"//[^/@]*@")
"""Matches the user name and password in an address that is part of a web archive's address."""


class UnrecognizedError(ValueError):
    """Raised if something in a file is not a response of the Flattr API that can be stored.

    The message says why, without a full stop.
    """


@dataclass(frozen=True, slots=True)
class MatchedRequest:
    """The API request that an address belongs to."""

    method: Method
    request: ApiRequest
    """The request without its page and format."""
    page: int
    """The number of the requested page; 1 if the method has no pages."""
    count: int
    """The requested page size in items; 0 if the method has no pages."""
    format: Format | None
    """The format that the suffix of the address names; None without a suffix.

    Without a suffix, the response has the method's default format, or the one that an `Accept` header asked for.
    """
    url: str
    """The address with only the parameters of the method: without token, password and fragment."""


def match_url(url: str) -> MatchedRequest:
    """Return the API request that a `GET` of an address makes.

    Raises `UnrecognizedError` if the address does not belong to the API, or if its arguments are invalid.
    """
    if len(url) > MAX_URL:
        raise UnrecognizedError("its address is too long")
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise UnrecognizedError("its address can't be read") from error
    front, root, rest = parts.path.rpartition(ROOT)
    if not root:
        raise UnrecognizedError(NO_ADDRESS)
    query_text = parts.query
    if not query_text and not rest.startswith("things/lookup/") and (mark := _ENCODED_QUERY.search(rest)):
        rest, query_text = rest[: mark.start()], unquote(rest[mark.end() :], errors="replace")
    rest, query = _normalize(rest, query_text)
    for method, arguments, form in _candidates(rest.strip("/").split("/"), dict(query)):
        known = {parameter.name: parameter for parameter in method.parameters}
        asked = {
            name: value or ("1" if known[name].kind is ParameterKind.FLAG else "")  # `?full` is as good as `?full=1`
            for name, value in arguments.items()
            if name in known
        }
        try:
            checked = check_arguments(method, asked)
        except UsageError:
            continue
        host = parts.netloc.rpartition("@")[2]
        kept = "&".join(f"{quote(name)}={quote(value, safe=',!')}" for name, value in query if name in known)
        return MatchedRequest(
            method,
            ApiRequest.of(method.name, checked),
            int(checked.get("page") or 1) if method.is_list else 1,
            _count(method, checked),
            form,
            f"{parts.scheme}://{host}{_LOGIN.sub('//', front)}{root}{rest}{'?' if kept else ''}{kept}",
        )
    raise UnrecognizedError(f"the Flattr API has no such path: {single_line(rest)[:80]}")


def _normalize(path: str, query_text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the path and the query of a request in their documented forms. Public clients used other forms, too.

    Some sent the address of a lookup in the parameter `q` (`flattr/osd-flattr-chrome-extension`) or in the path
    (`flattr/php-flattr-client`). An auto-submit address that is not encoded (as in the documentation) has parameters
    that look like those of the lookup. `antics/node-flattr` sent `page=undefined`, which is left out.
    """
    query = parse_qsl(query_text, keep_blank_values=True, errors="replace")
    query = [(name, value) for name, value in query if not (name in {"count", "page"} and value in _ABSENT)]
    inside = _LOOKUP.fullmatch(path)
    if inside is None:
        return path, query
    if inside["address"]:
        return inside["lookup"], [("url", unquote(inside["address"], errors="replace"))]
    if bare := _BARE_AUTO_SUBMIT.search(query_text):
        return path, [("url", unquote_plus(_OWN.sub("", bare[1]), errors="replace"))]
    named = dict(query)
    return path, [("url", named["q"])] if "q" in named and "url" not in named else query


def _count(method: Method, checked: dict[str, str]) -> int:
    parameter = method.parameter("count") if method.is_list else None
    return int(checked.get("count") or parameter.default) if parameter else 0


def _candidates(segments: list[str], query: dict[str, str]) -> Iterator[tuple[Method, dict[str, str], Format | None]]:
    """Yield each method whose path matches `segments`, with its arguments and the format (None if no suffix names one).

    Matches that take the end of the last segment for the suffix of a format (`.json`) come first, then those that take
    it for a part of a name. In each group, methods with fewer parameters in their paths come first.
    """
    reads = sorted((method for method in METHODS if not method.writes), key=lambda method: method.path.count(":"))
    last, dot, suffix = segments[-1].rpartition(".")
    for method in reads:
        if dot and last and suffix in method.formats:
            found = _match(method, [*segments[:-1], last], query)
            if found is not None:
                yield method, found, Format(suffix)
    for method in reads:
        found = _match(method, segments, query)
        if found is not None:
            yield method, found, None


def _match(method: Method, segments: list[str], query: dict[str, str]) -> dict[str, str] | None:
    wanted = method.path.strip("/").split("/")
    if len(wanted) == len(segments) + 1 and wanted[-1].startswith(":") and query.get(wanted[-1][1:]):
        wanted = wanted[:-1]  # `/things?id=1,2`, content/api/resources/things.md, 'Get multiple things'
    elif len(wanted) != len(segments):
        return None
    found = dict(query)
    for pattern, segment in zip(wanted, segments, strict=True):
        if pattern.startswith(":"):
            found[pattern[1:]] = unquote(segment, errors="replace")
        elif pattern != segment:
            return None
    return found
