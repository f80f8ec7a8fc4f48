"""Converts entities to Flattr's own JSON objects, so that other Flattr programs can read exports.

Source: `flattr/developers.flattr.net`, content/api/resources/*.md and lib/flattr.rb.
"""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from flattr_tui.model.entities import Activity, Choice, Flattr, Lookup, RateLimit, Subscription, Thing, User

_TYPES: dict[type[Struct], str] = {User: "user", Thing: "thing", Flattr: "flattr", Subscription: "subscription"}
"""The `type` of objects that have one."""


def format_iso(seconds: int) -> str:
    """Format Unix seconds as ISO 8601 in UTC; as a number if they are beyond the year 9999."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def to_wire(entity: Struct) -> dict[str, Any]:
    """Convert an entity to the documented object, any other struct to its fields; those that are None are left out."""
    match entity:
        case Activity():
            return _activity(entity)
        case Lookup():
            said = {"location": entity.location, "description": entity.description}
            return _plain({"message": "found" if entity.found else "not_found", **said})
        case RateLimit():
            return _plain(
                {
                    "hourly_limit": entity.limit,
                    "remaining_hits": entity.remaining,
                    "current_hits": entity.current,
                    "reset_time_in_seconds": entity.reset,
                }
            )
        case Choice():
            return {"id": entity.id, "text": entity.text}
    return _struct(entity)


def _struct(entity: Struct) -> dict[str, Any]:
    told = {"type": _TYPES[type(entity)]} if type(entity) in _TYPES else {}
    return told | _plain({name: getattr(entity, name) for name in entity.__struct_fields__})


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _struct(value) if isinstance(value, Struct) else list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if value is not None
    }


def _activity(activity: Activity) -> dict[str, Any]:
    """Convert an activity to Activity Streams 1.0. content/api/resources/activities.md."""
    actor = _plain({"displayName": activity.actor_name, "url": activity.actor_url, "objectType": "person"})
    target = _plain({"displayName": activity.object_name, "url": activity.object_url, "objectType": "bookmark"})
    published = None if activity.published is None else format_iso(activity.published)
    return _plain(
        {
            "id": activity.id,
            "published": published,
            "title": activity.title,
            "verb": activity.verb,
            "actor": actor,
            "object": target,
        }
    )
