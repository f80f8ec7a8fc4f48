"""Activity streams as Atom feeds.

Source: Atom Activity Streams 1.0 (activitystrea.ms/specs/atom/1.0), RFC 4287; `flattr/developers.flattr.net`,
content/api/index.md names the format.
"""

from flattr_tui.sandbox.formats import xml_text
from flattr_tui.sandbox.objects import Wire

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:activity="http://activitystrea.ms/spec/1.0/">'
)
_SCHEMA = "http://activitystrea.ms/schema/1.0/"
_EMPTY_SINCE = "1970-01-01T00:00:00+00:00"


def feed(items: list[Wire], title: str, address: str) -> bytes:
    """Write activities (objects.activity) as a feed that was had at `address`, newest first as they come."""
    updated = items[0]["published"] if items else _EMPTY_SINCE
    parts = [
        _HEAD,
        _element("id", address),
        _element("title", title),
        _element("updated", updated),
        f'<link rel="self" type="application/atom+xml" href="{xml_text(address)}"/>',
        *map(_entry, items),
        "</feed>",
    ]
    return "".join(parts).encode("utf-8", "replace")


def _entry(item: Wire) -> str:
    actor, thing = item["actor"], item["object"]
    person = _element("name", actor["displayName"]) + _element("uri", actor["url"])
    return (
        "<entry>"
        + _element("id", item["id"])
        + _element("title", item["title"])
        + _element("published", item["published"])
        + _element("updated", item["published"])
        + _link(thing["url"])
        + f"<author>{_element('activity:object-type', _SCHEMA + actor['objectType'])}{person}</author>"
        + _element("activity:verb", _SCHEMA + item["verb"])
        + "<activity:object>"
        + _element("activity:object-type", _SCHEMA + thing["objectType"])
        + _element("id", thing["url"])
        + _element("title", thing["displayName"])
        + _link(thing["url"])
        + "</activity:object></entry>"
    )


def _link(address: str) -> str:
    return f'<link rel="alternate" type="text/html" href="{xml_text(address)}"/>'


def _element(name: str, text: str) -> str:
    return f"<{name}>{xml_text(text)}</{name}>"
