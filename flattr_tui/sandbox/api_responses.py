"""The sandbox's responses: errors (a status, a code and a sentence), and data in a format that the request chooses.

Activity streams are also written as Atom feeds. Source: `flattr/developers.flattr.net`, content/api/index.md, 'Client
errors' and 'Response Formats', and the lists of errors of each resource; RFC 9110, section 12.5.1 (Accept); Atom
Activity Streams 1.0 (activitystrea.ms/specs/atom/1.0), RFC 4287.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any
from urllib.parse import quote

from flattr_tui.sandbox.database import StorageError
from flattr_tui.sandbox.models import Refused
from flattr_tui.sandbox.serializers import Wire

ERROR_URI = "https://developers.flattr.net/api"

STATUS_OF: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_parameters": 400,
    "validation": 400,
    "unauthorized": 401,
    "no_means": 401,
    "rate_limit_exceeded": 403,
    "invalid_scope": 403,
    "insufficient_scope": 403,
    "forbidden": 403,
    "flattr_once": 403,
    "flattr_owner": 403,
    "thing_owner": 403,
    "subscribed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "misdirected_request": 421,
    "server_error": 500,
    "service_unavailable": 503,
    "insufficient_storage": 507,
}
"""The HTTP status of every error code of the sandbox. Codes from 405 on are HTTP's own, except the documented 406."""
_SUFFIX = re.compile(r"\.(json|xml|yaml|as|atom)$|(?:(?<=^/categories)|(?<=^/languages))\.(txt)$")
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,7}", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SINGULAR = {"categories": "category", "things": "thing", "flattrs": "flattr", "tags": "tag"} | {
    "languages": "language",
    "subscriptions": "subscription",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:activity="http://activitystrea.ms/spec/1.0/">'
)
_SCHEMA = "http://activitystrea.ms/schema/1.0/"
_EMPTY_SINCE = "1970-01-01T00:00:00+00:00"
_PAYMENT = "https://flattr.com/submit/auto?url="
"""The beginning of an entry's payment link. content/feed/index.md; feed readers look for exactly this."""


class ApiError(Exception):
    """Raised to respond with an error of the API.

    `code` is a key of `STATUS_OF`, `description` a sentence, and `headers` are added to the response.
    """

    def __init__(self, code: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.headers = dict(headers or {})
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="flattr"')  # RFC 9110, section 15.5.2

    @classmethod
    def of(cls, refusal: Refused) -> "ApiError":
        """Return the error of the API for a request that the sandbox's data (`World`) refused."""
        return cls(refusal.code, refusal.description)

    @classmethod
    def of_storage(cls, error: StorageError) -> "ApiError":
        """Return the error of the API for data that can't be stored or read.

        Its status is 507 (RFC 4918) if the disk is full, otherwise 503.
        """
        return cls("insufficient_storage" if error.full else "service_unavailable", str(error))

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return STATUS_OF[self.code]

    @property
    def body(self) -> dict[str, str]:
        """The body of the response, as the API documents it."""
        return {"error": self.code, "error_description": self.description, "error_uri": ERROR_URI}


def not_found(description: str = "The resource was not found") -> ApiError:
    """Return the error for an object that does not exist, or that the user may not see."""
    return ApiError("not_found", description)


def unknown_format() -> ApiError:
    """Return the error for a path with an unknown format as its suffix."""
    return ApiError("not_acceptable", "Unknown response format")


def invalid(description: str) -> ApiError:
    """Return the error for a parameter that is missing or invalid."""
    return ApiError("invalid_parameters", description)


def unauthorized(description: str, *, token: bool = False) -> ApiError:
    """Return the error for a missing token or, with `token`, for an unknown one (RFC 6750, section 3).

    `description` is the sentence in the response.
    """
    challenge = {"WWW-Authenticate": 'Bearer realm="flattr", error="invalid_token"'}
    return ApiError("unauthorized", description, challenge if token else None)


class Format(StrEnum):
    """A response format. Its value is the suffix of a path that requests it."""

    JSON = "json"
    XML = "xml"
    YAML = "yaml"
    AS = "as"
    ATOM = "atom"
    TXT = "txt"


PLAIN = (Format.JSON, Format.XML, Format.YAML)
STREAM = (Format.AS, Format.ATOM)
LISTED = (*PLAIN, *STREAM)
"""The formats of lists of flattrs and of things."""
CHOICES = (*PLAIN, Format.TXT)
"""The formats of categories and languages: content/auto-submit/index.md links `categories.txt` and `languages.txt`."""

CONTENT_TYPES: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.XML: "text/xml",
    Format.YAML: "application/yaml",
    Format.AS: "application/stream+json",
    Format.ATOM: "application/atom+xml",
    Format.TXT: "text/plain",
}
_BY_TYPE: Mapping[str, Format] = {
    **{content_type: fmt for fmt, content_type in CONTENT_TYPES.items()},
    "application/xml": Format.XML,
    "text/yaml": Format.YAML,
    "application/x-yaml": Format.YAML,
    "text/json": Format.JSON,
    "application/javascript": Format.JSON,
    "text/javascript": Format.JSON,
}
"""The response format for each media type, documented or not. JavaScript is JSON in a `jsonp` call."""


def split_suffix(path: str) -> tuple[str, Format | None]:
    """Return a path without the suffix of a format, and that format. Without a suffix, the format is None."""
    found = _SUFFIX.search(path)
    if found is None:
        return path, None
    return path[: found.start()], Format(found[1] or found[2])


def negotiate(suffix: Format | None, accept: str, offered: Sequence[Format]) -> Format:
    """Return the format in which to write a response.

    `suffix` is the format that the path's suffix requests (None: no suffix). It takes precedence over `accept`, which
    is the value of the `Accept` header ("": no header). Without either, the first `offered` format is returned. Raises
    ApiError `not_acceptable` if no offered format was requested.
    """
    if suffix is not None:
        if suffix in offered:
            return suffix
        raise _not_acceptable(offered)
    ranges = _parse_accept(accept)
    if not ranges:
        return offered[0]
    best, quality = max(((fmt, _weight_of(fmt, ranges)) for fmt in offered), key=lambda pair: pair[1])
    if quality <= 0:
        raise _not_acceptable(offered)
    # A browser prefers HTML and accepts XML second: it wants a page, not XML.
    prefers_other = max(ranges.values()) > quality
    return offered[0] if prefers_other and "*/*" in ranges else best


def _not_acceptable(offered: Sequence[Format]) -> ApiError:
    names = ", ".join(CONTENT_TYPES[fmt] for fmt in offered)
    return ApiError("not_acceptable", f"Unknown response format; this resource comes as {names}")


def _parse_accept(accept: str) -> dict[str, float]:
    """Return the media ranges in an Accept header, in lower case, such as `text/*`, with their weights from 0 to 1."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not media:
            continue
        weight = next((value[2:].strip() for value in parameters if value.startswith("q=")), "1")
        try:
            ranges["*/*" if media == "*" else media] = min(max(float(weight), 0.0), 1.0)
        except ValueError:
            ranges[media] = 0.0
    return ranges


def _weight_of(fmt: Format, ranges: Mapping[str, float]) -> float:
    """Return the weight of a format in an `Accept` header. Of the `ranges` that match, the most specific decides."""
    exact = [ranges[name] for name, named in _BY_TYPE.items() if named is fmt and name in ranges]
    if exact:
        return max(exact)
    kind = CONTENT_TYPES[fmt].partition("/")[0]
    return ranges.get(f"{kind}/*", ranges.get("*/*", 0.0))


def check_callback(name: str | None) -> str | None:
    """Return the name of a JSONP callback unchanged; None stands for no callback.

    Raises ApiError `invalid_parameters` if the name is invalid: an unchecked name could insert a script into the
    response.
    """
    if name is None or _CALLBACK.fullmatch(name):
        return name
    raise ApiError("invalid_parameters", "jsonp must be the name of a JavaScript function")


def callback_or_none(name: str | None) -> str | None:
    """Return the name of a JSONP callback; None if the name is invalid.

    Error responses use this function instead of `check_callback`, because it raises no further error.
    """
    return name if name is not None and _CALLBACK.fullmatch(name) else None


def render(data: Any, fmt: Format, name: str, jsonp: str | None = None) -> tuple[bytes, str]:
    """Return `data` in a format, and its content type.

    In XML, `name` is the root element. In JSON, if `jsonp` is not empty, the data is wrapped in a call of the
    JavaScript function with that name.
    """
    if fmt is Format.XML:
        text = '<?xml version="1.0" encoding="UTF-8"?>\n' + _xml(name, data)
    elif fmt is Format.YAML:
        text = _yaml(data)
    elif fmt is Format.TXT:
        text = "".join(f"{entry['id']} {entry['text']}\n" for entry in data)
    elif jsonp:
        text = f"{jsonp}({_json(data)});"
        return text.encode(), "application/javascript; charset=utf-8"
    else:
        text = _json(data)
    return text.encode("utf-8", "replace"), f"{CONTENT_TYPES[fmt]}; charset=utf-8"


def _json(data: Any) -> str:
    # ASCII with escapes, as the service sent it: safe within JSONP and for text that UTF-8 cannot carry.
    return json.dumps(data, separators=(",", ":"))


def _yaml(data: Any) -> str:
    import yaml  # noqa: PLC0415 - only when YAML is asked for: it costs more than the rest of the server

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False, explicit_start=True))


def xml_text(text: str) -> str:
    """Return a text escaped for XML 1.0. Characters that XML cannot contain are replaced by U+FFFD."""
    return escape(_NOT_XML.sub("�", text))


def _xml(name: str, data: Any) -> str:
    if isinstance(data, Mapping):
        inner = "".join(_xml(key, value) for key, value in data.items())
    elif isinstance(data, list | tuple):
        item = _SINGULAR.get(name, "item")
        inner = "".join(_xml(item, value) for value in data)
    elif isinstance(data, bool):
        inner = "true" if data else "false"
    else:
        inner = "" if data is None else xml_text(str(data))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """The properties of an Atom feed: a title, a permanent id (RFC 4287, 4.2.6), and a web page.

    The service's titles were `Activities by …`, its ids `tag:flattr.com,2010-02:users:…:activities` (seen in 2012).
    """

    title: str
    key: str
    page: str
    """The web page of the user or thing that the feed is about."""


def render_feed(items: Sequence[Wire], targets: Sequence[str], about: AtomFeed, address: str) -> bytes:
    """Return the XML of an Atom feed with these activities (`serializers.activity`), the newest first.

    `targets` has, for each activity, the address of the page that was flattred. `about` are the properties of the feed,
    and `address` is its own address.
    """
    updated = items[0]["published"] if items else _EMPTY_SINCE
    parts = [
        _HEAD,
        _element("id", f"tag:flattr.com,2010-02:{about.key}"),
        _element("title", about.title),
        _element("updated", updated),
        _link("alternate", about.page),
        f'<link rel="self" type="application/atom+xml" href="{xml_text(address)}"/>',
        *map(_entry, items, targets),
        "</feed>",
    ]
    return "".join(parts).encode("utf-8", "replace")


def _entry(item: Wire, target: str) -> str:
    actor, thing = item["actor"], item["object"]
    person = _element("name", actor["displayName"]) + _element("uri", actor["url"])
    return (
        "<entry>"
        + _element("id", item["id"])
        + _element("title", item["title"])
        + _element("published", item["published"])
        + _element("updated", item["published"])
        + _link("alternate", thing["url"])
        + _link("payment", _PAYMENT + quote(target, safe=""))
        + f"<author>{_element('activity:object-type', _SCHEMA + actor['objectType'])}{person}</author>"
        + _element("activity:verb", _SCHEMA + item["verb"])
        + "<activity:object>"
        + _element("activity:object-type", _SCHEMA + thing["objectType"])
        + _element("id", thing["url"])
        + _element("title", thing["displayName"])
        + _link("alternate", thing["url"])
        + _link("related", target)
        + "</activity:object></entry>"
    )


def _link(relation: str, address: str) -> str:
    return f'<link rel="{relation}" type="text/html" href="{xml_text(address)}"/>'


def _element(name: str, text: str) -> str:
    return f"<{name}>{xml_text(text)}</{name}>"
