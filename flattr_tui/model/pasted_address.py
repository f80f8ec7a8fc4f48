"""Reads addresses as people paste them (quoted, escaped, broken over lines), and recognizes addresses at Flattr."""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Final
from urllib.parse import unquote, unquote_plus, urlsplit

from flattr_tui.model.lazy_pattern import lazy_pattern

THING_SEGMENTS: Final = ("thing", "things", "t")
"""Path segments before a thing's id: on Flattr's site, in the API, and in short addresses."""
USER_SEGMENTS: Final = ("profile", "user", "users")
"""Path segments before a user name."""
_QUOTES: Final = {"<": ">", '"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "«": "»", "‘": "’", "(": ")", "[": "]"}
_ENTITY: Final = lazy_pattern(r"&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)
_ADDRESS: Final = lazy_pattern(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FLATTR: Final = lazy_pattern(r"(https?://)?([a-z]+\.)?flattr\.com/|/?t/", re.IGNORECASE)
_AUTO_SUBMIT: Final = lazy_pattern(r"/submit/auto/?\?", re.IGNORECASE)
_PARAMETERS: Final = lazy_pattern(
    r"(?:^|&)(user_id|fid|url|title|description|tags|language|category|hidden|popout|button|revsharekey)=",
    re.IGNORECASE,
)


def unescape_entities(text: str) -> str:
    """Return a text with its HTML entities replaced, once: `&amp;lt;` becomes `&lt;`.

    Entities without a semicolon are kept: `&section=` is a parameter of an address.
    """
    from html import unescape  # noqa: PLC0415 -- its table of entities is large

    return _ENTITY.sub(lambda found: unescape(found[0]), text)


def clean_address(text: str) -> str:
    """Return a pasted address on one line, without quotes and brackets around it, and with HTML entities replaced."""
    text = text.strip()
    while len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    if _ADDRESS.match(text):
        text = "".join(line.strip() for line in text.splitlines())
    return unescape_entities(text) if "://" in text else text


def read_submit_link(link: str) -> dict[str, str]:
    """Return the parameters of an auto-submit link (`https://flattr.com/submit/auto?…`), by name in lower case.

    The link may contain the page's address without percent-encoding.
    """
    query = link.partition("?")[2].partition("#")[0] if "%3A%2F%2F" in link.upper() else link.partition("?")[2]
    pieces = _PARAMETERS.split(query)
    parameters = {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        is_plain_address = name.lower() == "url" and "://" in value
        parameters[name.lower()] = (unquote(value) if is_plain_address else unquote_plus(value)).strip()
    return parameters


def submitted_page(address: str) -> str:
    """Return the address of the page that an auto-submit link submits; any other address unchanged."""
    return read_submit_link(address).get("url", address) if _AUTO_SUBMIT.search(address) else address


def same_pages(address: str) -> list[str]:
    """Return the forms in which the catalogue may contain the address of a page. The form in `address` comes first.

    The forms have http or https, `www.` or not, and never a trailing slash.
    """
    scheme, _, rest = address.rstrip("/").partition("://")
    bare = rest.removeprefix("www.")
    other = {"http": "https", "https": "http"}.get(scheme, scheme)
    return list(dict.fromkeys(f"{kind}://{host}" for kind in (scheme, other) for host in (rest, bare, f"www.{bare}")))


def parse_thing_id(address: str) -> int | None:
    """Return the id of the thing in an address such as `https://flattr.com/thing/423405/…`, or in a bare number.

    Returns None if there is no id. At other sites only `/thing/` counts, because paths like `/t/1` exist there, too.
    """
    text = clean_address(address)
    after = THING_SEGMENTS if _FLATTR.match(text) else THING_SEGMENTS[:1]
    number = text if text.isascii() and text.isdigit() else segment_after(text, after)
    return int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 19 else None


def parse_username(text: str) -> str:
    """Return the user name in `ada`, `@ada` or the address of a profile; "" if there is none."""
    text = clean_address(text)
    if "/" not in text:
        return text.removeprefix("@").strip()
    if found := segment_after(text, USER_SEGMENTS):
        return found
    try:
        segments = urlsplit(text if "://" in text else f"//{text}").path.strip("/").split("/")
    except ValueError:
        return ""
    return unquote(segments[0][1:]) if segments[0].startswith("@") else ""


def segment_after(address: str | None, predecessors: Collection[str]) -> str:
    """Return the first segment of an address's path that follows one of `predecessors`; "" if there is none.

    In `/profile/ada`, `ada` follows `profile`.
    """
    try:
        parts = urlsplit(address or "").path.strip("/").split("/")
    except ValueError:
        return ""
    return next((unquote(part) for before, part in pairwise(parts) if before in predecessors), "")


def is_web(address: str) -> bool:
    """Whether an address may be given to a browser: http or https, with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
