"""The handlers of the API's writing methods.

Source: `flattr/developers.flattr.net`, content/api/resources/{things,flattrs,subscriptions}.md.
"""

from flattr_tui.sandbox import serializers
from flattr_tui.sandbox.call import Call, Reply
from flattr_tui.sandbox.choices import CATEGORIES, LANGUAGES
from flattr_tui.sandbox.errors import ApiError, invalid
from flattr_tui.sandbox.models import Refused, ThingDraft, ThingRow
from flattr_tui.sandbox.routes_read import find_thing


def _receipt(call: Call, row: ThingRow, description: str) -> Reply:
    thing = serializers.mini_thing(row, call.at, owner=False)
    return Reply(lambda: {"message": "ok", "description": description, "thing": thing}, "flattr")


def flattr(call: Call) -> Reply:
    """`POST /things/:id/flattr`."""
    row = call.world.flattr(call.username, find_thing(call).id)
    return _receipt(call, row, "Thing was successfully flattred")


def flattr_url(call: Call) -> Reply:
    """`POST /flattr`: flattrs a known, a discoverable or an auto-submit address."""
    address = call.field_text("url") or call.text("url")
    if not address:
        raise invalid("url is required")
    try:
        row = call.world.flattr_address(call.username, address)
    except Refused as refusal:
        if refusal.code == "validation":
            raise ApiError("invalid_request", refusal.description) from refusal
        raise
    return _receipt(call, row, "Thing was successfully flattred")


def create_thing(call: Call) -> Reply:
    """`POST /things`. `link` in its response is the thing's resource, as documented."""
    draft = call.draft()
    if not draft.url:
        raise ApiError("validation", "Invalid url")
    _check(draft)
    row = call.world.create_thing(call.username, draft)
    link = call.at.thing(row.id)
    body = {"id": row.id, "link": link, "message": "ok", "description": "Thing was created successfully"}
    return Reply(lambda: body, "thing", status=201, headers={"Location": link})


def update_thing(call: Call) -> Reply:
    """`PATCH /things/:id`, or `POST` with `_method=patch`. A `url` in the body is ignored.

    An empty description and empty tags clear the thing's. An empty title becomes the thing's address, as for a new
    thing. Category and language can't be cleared.
    """
    row = find_thing(call)
    draft = call.draft()
    _check(draft)
    title = row.url if draft.title == "" else draft.title
    category, language = draft.category or None, draft.language or None
    kept = ThingDraft(None, title, draft.description, category, language, draft.tags, draft.hidden)
    call.world.update_thing(call.username, row.id, kept)
    return Reply(lambda: {"message": "ok", "description": "Thing was updated correctly"}, "thing")


def delete_thing(call: Call) -> Reply:
    """`DELETE /things/:id`."""
    call.world.delete_thing(call.username, find_thing(call).id)
    return Reply(status=204)


def subscribe(call: Call) -> Reply:
    """`POST /things/:id/subscriptions`."""
    row = call.world.subscribe(call.username, find_thing(call).id)
    return _receipt(call, row, "Successfully subscribed to Thing")


def toggle_subscription(call: Call) -> Reply:
    """`PUT /things/:id/subscriptions`: pauses an active subscription and resumes a paused one."""
    active = call.world.toggle_subscription(call.username, find_thing(call).id)
    message = "started" if active else "paused"
    return Reply(lambda: {"message": message, "description": f"Subscription {message}"}, "subscription")


def unsubscribe(call: Call) -> Reply:
    """`DELETE /things/:id/subscriptions`."""
    call.world.unsubscribe(call.username, find_thing(call).id)
    return Reply(status=204)


def _check(draft: ThingDraft) -> None:
    if draft.category and draft.category not in CATEGORIES:
        raise ApiError("validation", f"Invalid category; use one of {', '.join(CATEGORIES)}")
    if draft.language and draft.language not in LANGUAGES:
        raise ApiError("validation", "Invalid language; see the languages resource")
