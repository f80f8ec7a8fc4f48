"""Bodies to plain values, whatever their format and however odd their encoding; no entities yet.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Response Formats' and 'Client errors'; RFC 8259 (JSON).
"""

import re
from collections.abc import Mapping

import msgspec

from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.sanitizer import line

MAX_MENDS = 100
"""No more mends than these are told: a page of rubbish must not fill the memory with its description."""
MOST_SPOILED = 4 * 1024 * 1024
"""Characters of a spoiled body that is looked into: a larger one is none that anybody waits for."""
_MARKUP = frozenset({"text/xml", "application/xml", "application/atom+xml", "application/yaml", "text/yaml"})
_CHARSETS = re.compile(
    r"iso-?8859-\d{1,2}|latin-?\d|(?:windows-|cp)\d{3,4}|utf-?(?:16|32)(?:-?[bl]e)?|us-ascii|koi8-[ru]|gb(?:k|2312|18030)"
    r"|big5|shift-?jis|euc-(?:jp|kr)",
    re.ASCII,
)
"""Encodings that a body is read in when it says so and is no UTF-8. Python has others, some of them no text at all."""
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head)[\s>]", re.IGNORECASE)


class Mend(msgspec.Struct, frozen=True):
    """One thing in a body that was not as documented."""

    where: str
    """`Class.field` with the record's place, as in `3: Thing.created_at`."""
    what: str
    """What was there and what was made of it."""


class Mender(msgspec.Struct):
    """Collects what had to be mended, with the place of the record that is being read."""

    place: int = 0
    mends: list[Mend] = msgspec.field(default_factory=list)

    def __call__(self, where: str, what: str) -> None:
        """Note one mend."""
        if len(self.mends) < MAX_MENDS:
            self.mends.append(Mend(f"{self.place}: {where}", what))


class Refusal(msgspec.Struct, frozen=True):
    """An error as a body says it; "" for what it does not say."""

    code: str
    description: str
    uri: str = ""


def error_in(data: Json) -> Refusal | None:
    """Find the documented error in a body, or one in the form of other servers; None without any.

    Others put an object, a list or `true` where the code is due, and name the description otherwise.
    """
    if not isinstance(data, Mapping):
        return None
    said = data.get("error")
    if isinstance(said, list) and said:
        said = said[0]
    if said is None or said is False or said == []:
        return None
    inner: Mapping[str, Json] = said if isinstance(said, Mapping) else {}
    code = said if isinstance(said, str) else _first(inner, ("error", "code", "type", "name"))
    names = ("error_description", "description", "message", "error_message", "detail", "title")
    description = _first(data, names[:1]) or _first(inner, names) or _first(data, names)
    uri = _first(data, ("error_uri",)) or _first(inner, ("error_uri", "uri"))
    return Refusal(line(code), line(description), line(uri))


def _first(data: Mapping[str, Json], names: tuple[str, ...]) -> str:
    return next((text for name in names if isinstance(text := data.get(name), str) and text), "")


def is_html(body: bytes) -> bool:
    """Whether a body is a page, whatever it says it is."""
    return _HTML.match(body, 0, 512) is not None


def parse(body: bytes, content_type: str, mend: Mender | None = None) -> Json:
    """Read a body in any of the service's formats into plain values.

    Raises `NotFlattrError` for a body that is in none of them.
    """
    mend = mend or Mender()
    kind = media_type(content_type)
    if kind in _MARKUP and (kind.endswith("yaml") or body.lstrip()[:1] not in {b"{", b"["}):
        from flattr_tui.model import markup_parser  # noqa: PLC0415 -- XML and YAML are the console's: not before the first paint

        charset = _charset(content_type)
        return markup_parser.parse(kind, body if _is_utf8(body) else _recoded(body, charset, mend))
    text = _as_utf8(body, content_type, mend)
    if not text.strip():
        raise NotFlattrError("an empty body, where an answer was due")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _second_look(text, mend, error)


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case (RFC 9110, 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def _as_utf8(body: bytes, content_type: str, mend: Mender) -> bytes:
    """Take off a byte order mark, and turn what says that it is of another encoding, and is, into UTF-8.

    RFC 8259, 8.1 has JSON be UTF-8, whatever a `charset` says: that counts for a body that is no UTF-8 alone.
    """
    if body[:3] == b"\xef\xbb\xbf":
        mend("body", "a byte order mark was taken off")
        return body[3:]
    if b"\0" in body[:4] or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        import json  # noqa: PLC0415 -- only odd bodies need it

        encoding = json.detect_encoding(body)
        mend("body", f"{encoding.upper()}, where UTF-8 was due")
        return body.decode(encoding, errors="replace").encode("utf-8", errors="replace")
    charset = _charset(content_type)
    return body if not charset or _is_utf8(body) else _recoded(body, charset, mend)


def _recoded(body: bytes, charset: str, mend: Mender) -> bytes:
    """Turn a body of that encoding into UTF-8; one of another is left as it is, to be read as well as it goes."""
    try:
        text = body.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return body
    mend("body", f"{charset}, where UTF-8 was due")
    return text.encode("utf-8", errors="replace")


def _charset(content_type: str) -> str:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE | re.ASCII)
    named = found[1].lower().replace("_", "-") if found else ""
    return named if _CHARSETS.fullmatch(named) else ""


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _second_look(body: bytes, mend: Mender, first: Exception) -> Json:
    """Read what strict JSON refused but an odd server may mean: bytes that are not UTF-8, lone surrogates, NaN.

    Control characters in its texts, and what stands around it, are no matter either.
    """
    head = body[:512].lstrip().lower()
    is_page = b"<html" in head or b"<!doctype" in head
    if head.startswith(b"<?xml") and not is_page:
        from flattr_tui.model import markup_parser  # noqa: PLC0415

        mend("body", "XML, where JSON was due")
        return markup_parser.parse("text/xml", body)
    if head.startswith(b"<") and is_page:
        raise NotFlattrError(
            "an HTML page, not an answer of Flattr (a captive portal, or another site at this address?)"
        ) from first
    try:
        data, around = _lenient(body.decode("utf-8", errors="replace"))
    except RecursionError as error:
        raise NotFlattrError("a body nested too deeply to be an answer of Flattr") from error
    except ValueError as error:
        said = f"no JSON ({line(str(first))[:120]})"
        raise NotFlattrError("markup, not an answer of Flattr" if head.startswith(b"<") else said) from error
    odd = "text around the JSON was left out" if around else "read all the same"
    mend("body", f"not strict JSON ({line(str(first))[:120]}); {odd}")
    return data


def _lenient(text: str) -> tuple[Json, bool]:
    """Read a text as JSON, and say whether anything stood around it; raises ValueError."""
    import json  # noqa: PLC0415 -- only odd bodies need the lenient parser

    from flattr_tui.model import json_repair  # noqa: PLC0415

    decoder = json.JSONDecoder(parse_int=_whole, strict=False)  # not strict: control characters within a text
    if len(text) > MOST_SPOILED:
        return decoder.decode(text), False
    text = json_repair.unescaped(text)
    try:
        return decoder.decode(text), False
    except ValueError:
        return json_repair.find(text, decoder), True
    except RecursionError:
        return decoder.decode(json_repair.flattened(text)), False


def _whole(digits: str) -> int | float:
    """Read a whole number; one of thousands of digits, which Python refuses, is as good as infinite."""
    return int(digits) if len(digits) < 20 else float(digits)
