"""Writes activity streams as Atom feeds.

Source: Atom Activity Streams 1.0 (activitystrea.ms/specs/atom/1.0), RFC 4287; `flattr/developers.flattr.net`,
content/api/index.md names the format.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flattr_tui.sandbox.content_negotiation import xml_text
from flattr_tui.sandbox.serializers import Wire

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:activity="http://activitystrea.ms/spec/1.0/">'
)
_SCHEMA = "http://activitystrea.ms/schema/1.0/"
_EMPTY_SINCE = "1970-01-01T00:00:00+00:00"
_PAYMENT = "https://flattr.com/submit/auto?url="
"""The beginning of an entry's payment link. content/feed/index.md; feed readers look for exactly this."""


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """What an Atom feed says about the list in it: a title, a permanent id (RFC 4287, 4.2.6), and a web page.

    The service's titles were `Activities by …`, its ids `tag:flattr.com,2010-02:users:…:activities` (seen in 2012).
    """

    title: str
    key: str
    page: str
    """The web page of the user or thing that the feed is about."""


def render_feed(items: Sequence[Wire], targets: Sequence[str], about: AtomFeed, address: str) -> bytes:
    """Return the XML of the Atom feed at `address` with these activities (`serializers.activity`), the newest first.

    `targets` are the addresses of the pages that were flattred, one for each activity.
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
