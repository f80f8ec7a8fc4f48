"""Entities as Flattr's own JSON objects, so that what was exported can be read by whatever reads Flattr.

Source: `flattr/developers.flattr.net`, content/api/resources/*.md and lib/flattr.rb.
"""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from flattr_tui.model.entities import Activity, Choice, Entity, Flattr, Lookup, RateLimit, Subscription, Thing, User

_TYPES: dict[type[Struct], str] = {User: "user", Thing: "thing", Flattr: "flattr", Subscription: "subscription"}
"""What an object says that it is, where it does."""


def iso(seconds: int) -> str:
    """Write Unix seconds as ISO 8601 in UTC; those beyond the year 9999 as the number that they are."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def to_wire(entity: Entity) -> dict[str, Any]:
    """Write an entity as the documented object; what was not sent is left out."""
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
    """Write an activity as Activity Streams 1.0. content/api/resources/activities.md."""
    actor = _plain({"displayName": activity.actor_name, "url": activity.actor_url, "objectType": "person"})
    target = _plain({"displayName": activity.object_name, "url": activity.object_url, "objectType": "bookmark"})
    published = None if activity.published is None else iso(activity.published)
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
