"""Converts activity streams, and RSS and Atom feeds with payment links, to the items of the API's lists.

An activity (Activity Streams 1.0, JSON or Atom) has fewer fields than an item, but it says who did what and when. Ids
look like `tag:flattr.com,2011:things/370001` and `tag:flattr.com,2011-10-30:NAME/flattr/THINGID`; addresses of users
like `https://flattr.com/user/NAME` (2011) and `/profile/NAME`.

Podcasts and blogs have Flattr's payment links in their feeds. Each link becomes a thing. Source:
`flattr/developers.flattr.net`, content/feed/index.md and content/auto-submit.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urljoin
from xml.etree.ElementTree import Element

import msgspec

from flattr_tui.library.import_export.captured_response import local_thing_id, parse_moment, read_time
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Json, NotFlattrError
from flattr_tui.model.pasted_address import USER_SEGMENTS, read_submit_link, segment_after, unescape_entities
from flattr_tui.model.xml_yaml_parser import ATOM, parse_xml

_THING_ID: Final = re.compile(r"tag:[^:]+:(?:things/|[^/]+/flattr/)(\d{1,12})$")
_THING_PAGE: Final = re.compile(r"/things?/(\d{1,12})(?:[/?#]|$)")
_PERSON_ID: Final = re.compile(r"tag:[^:]+:([^/]+)/flattr/")
_VERBS: Final = {"like": ResponseKind.FLATTRS, "flattr": ResponseKind.FLATTRS, "post": ResponseKind.THINGS}
_PAYMENT_LINK: Final = re.compile(rb"flattr\.com/(?:submit/auto|thing/)", re.IGNORECASE)
_STREAM_MARK: Final = b"activitystrea.ms"
"""Text in Flattr's own activity streams. They contain payment links, too, but are imported as activities."""
_FEED: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|RDF|channel)[\s>]", re.IGNORECASE)
_LINK: Final = re.compile(
    r"https?:(?://|%2F%2F)(?:www\.)?flattr\.com/(?:submit/auto\?|thing/\d+)[^\s\"'<>]*", re.IGNORECASE
)
_THING: Final = re.compile(r"flattr\.com/thing/(\d{1,12})", re.IGNORECASE)
_TEXTS: Final = ("title", f"{ATOM}title")
_TIMES: Final = (
    "pubDate", f"{ATOM}published", f"{ATOM}updated", "{http://purl.org/dc/elements/1.1/}date", "updated", "published",
)  # fmt: skip
_ITEMS: Final = {"item", "entry"}
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"


def is_stream(data: Json) -> bool:
    """Whether parsed data is an activity stream with at least one activity."""
    return isinstance(data, Mapping) and isinstance(items := data.get("items"), list) and any(map(_is_entry, items))


def _is_entry(value: Json) -> bool:
    return isinstance(value, Mapping) and "verb" in value


def kind_of_stream(data: Json) -> ResponseKind | None:
    """Return what the activities of a stream are about: flattrs (`FLATTRS`) or things (`THINGS`).

    Returns None if they are about both, or about anything else.
    """
    kinds = {_VERBS.get(str(entry.get("verb")).lower()) for entry in _entries(data)}
    return kinds.pop() if len(kinds) == 1 else None


def read_rows(data: Json, kind: ResponseKind) -> bytes:
    """Return the activities of a stream as a JSON list of items in the API's form.

    With the kind `FLATTRS`, the items are flattrs; with any other kind, things.
    """
    make = _to_flattr if kind is ResponseKind.FLATTRS else _to_posted_thing
    return msgspec.json.encode([row for entry in _entries(data) if (row := make(entry))])


def _entries(data: Json) -> Iterator[Mapping[str, Any]]:
    items = data.get("items") if isinstance(data, Mapping) else None
    yield from (entry for entry in (items if isinstance(items, list) else []) if _is_entry(entry))


def _to_flattr(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    thing = _to_thing(entry)
    if thing is None:
        return None
    user = {"owner": {"type": "user", "username": name}} if (name := actor_name(entry)) else {}
    return {"type": "flattr", "created_at": int(parse_moment(_text(entry.get("published")))), "thing": thing, **user}


def _to_posted_thing(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    thing = _to_thing(entry)
    if thing is None:
        return None
    user = {"owner": {"type": "user", "username": name}} if (name := actor_name(entry)) else {}
    return {**thing, "created_at": int(parse_moment(_text(entry.get("published")))), **user}


def _to_thing(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    target = entry.get("object")
    target = target if isinstance(target, Mapping) else {"displayName": target}
    link, page = _text(target.get("url")), _text(target.get("targetUrl"))
    named = _THING_ID.search(_text(entry.get("id"))) or _THING_ID.search(_text(target.get("id")))
    named = _THING_PAGE.search(link) or named
    if not named and not (page or link):
        return None
    thing = {
        "type": "thing",
        "id": int(named[1]) if named else local_thing_id(page or link),
        "title": _text(target.get("displayName")),
        "link": link if named else "",
        "url": page or ("" if named else link),
    }
    return {name: value for name, value in thing.items() if value}


def actor_name(entry: Mapping[str, Any]) -> str:
    """Return the name of the user who did what an activity (`entry`) describes; "" if the activity names no user."""
    actor = entry.get("actor")
    actor = actor if isinstance(actor, Mapping) else {"displayName": actor}
    if name := segment_after(_text(actor.get("url")), USER_SEGMENTS):
        return name
    found = _PERSON_ID.match(_text(entry.get("id")))
    return unquote(found[1]) if found else _text(actor.get("displayName"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class FeedThings(NamedTuple):
    """The things in an RSS or Atom feed that belong to one owner."""

    owner: str
    """The user name of the owner; "" if the feed does not say."""
    body: bytes
    """The things as a JSON list in the API's form, newest first."""


def is_payment_feed(data: bytes) -> bool:
    """Whether a file is an RSS or Atom feed with Flattr's payment links."""
    return bool(_FEED.search(data, 0, 4096) and _PAYMENT_LINK.search(data)) and _STREAM_MARK not in data[:4096]


def read_things(data: bytes) -> list[FeedThings]:
    """Return the things that the payment links of an RSS or Atom feed name, grouped by owner.

    Raises `NotFlattrError` if the XML is broken, or if no link names a page.
    """
    root = parse_xml("text/xml", data)
    owners: defaultdict[str, dict[int, dict[str, object]]] = defaultdict(dict)
    ids: dict[str, str] = {}
    found = [(item, link) for item in _items(root) for link in _payment_links(item)]
    links = [(item, _read_link(link)) for item, link in found]
    for _, parameters in links:
        if parameters.get("fid") and parameters.get("user_id"):
            ids[parameters["fid"]] = parameters["user_id"]
    base = _base_address(root)
    names = {parameters["user_id"] for _, parameters in links if parameters.get("user_id")}
    for item, parameters in links:
        owner = parameters.get("user_id") or ids.get(parameters.get("fid", ""), "")
        if not owner and len(names) == 1 and not parameters.get("fid"):
            owner = next(iter(names))
        thing = _thing(item, parameters, owner, base)
        if thing is not None:
            number = int(str(thing["id"]))
            owners[owner][number] = owners[owner].get(number, {}) | thing
    if not owners:
        raise NotFlattrError("a feed whose links to Flattr do not name a page")
    return [
        FeedThings(owner, msgspec.json.encode(sorted(things.values(), key=_sort_key)))
        for owner, things in owners.items()
    ]


def _sort_key(thing: dict[str, object]) -> tuple[int, int]:
    return -int(str(thing.get("created_at", 0))), int(str(thing["id"]))


def _items(root: Element) -> Iterator[Element]:
    items = [element for element in root.iter() if _local(element) in _ITEMS]
    yield from items
    if not items:
        yield root


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _payment_links(item: Element) -> list[str]:
    """Return the payment links of a feed's item; if there are none, the links to Flattr in the item's texts."""
    payment_links: dict[str, None] = {}
    mentioned: dict[str, None] = {}
    for element in item.iter():
        payment = element.get("rel") == "payment"
        for text in (element.get("href"), element.get("url"), element.text):
            for link in _LINK.findall(unescape_entities(unescape_entities(text))) if text else ():
                (payment_links if payment else mentioned)[link] = None
    return list(payment_links or mentioned)


def _read_link(link: str) -> dict[str, str]:
    found = _THING.search(link)
    return {"id": found[1]} if found else read_submit_link(link)


def _thing(item: Element, parameters: dict[str, str], owner: str, base: str) -> dict[str, object] | None:
    address = parameters.get("url") or ("" if "id" not in parameters else _page_address(item, base))
    number = int(parameters["id"]) if "id" in parameters else local_thing_id(address) if address else 0
    if not number:
        return None
    title = parameters.get("title") or next((text for name in _TEXTS if (text := _element_text(item.find(name)))), "")
    at = int(next((time for name in _TIMES if (time := read_time(item.findtext(name) or ""))), 0))
    thing: dict[str, object] = {
        "type": "thing",
        "id": number,
        "title": unescape_entities(title).strip() or address,
        "url": address,
        "tags": [tag for part in parameters.get("tags", "").split(",") if (tag := part.strip())],
        "language": parameters.get("language", ""),
        "category": parameters.get("category", ""),
        "description": parameters.get("description", ""),
        "created_at": at,
    }
    known: dict[str, object] = {name: value for name, value in thing.items() if value}
    return known | ({"owner": {"type": "user", "username": owner}} if owner else {})


def _element_text(element: Element | None) -> str:
    """Return the text in an element and in all elements inside it, such as XHTML; "" for None."""
    return "".join(element.itertext()) if element is not None else ""


def _base_address(root: Element) -> str:
    """Return the feed's base address, from which its relative addresses are resolved; "" if the feed names none."""
    own = next((one.get("href", "") for one in root.iter(f"{ATOM}link") if one.get("rel") == "self"), "")
    return _join(own, root.get(_BASE, ""))


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # an address such as http://[
        return address


def _page_address(item: Element, base: str) -> str:
    """Return the address of an item's page: the item's link or, for an RSS item without a link, its id.

    `base` is the address from which a relative address is resolved.
    """
    link, id_ = item.find("link"), item.find("guid")
    if link is None and id_ is not None and id_.get("isPermaLink") != "false":
        link = id_
    if link is not None and link.text:
        return link.text.strip()
    pages = [one for one in item.findall(f"{ATOM}link") if one.get("rel", "alternate") == "alternate"]
    return next((_join(_join(base, item.get(_BASE, "")), one.get("href", "")) for one in pages), "")
