"""The handlers of the API's methods, and the table of its paths.

The docstring of each handler names the request that the handler replies to. `rest_api.Api` itself replies to
`/rate_limit`, because that request is not limited. Source: `flattr/developers.flattr.net`, content/api/resources/*.md.
"""

import re
from urllib.parse import unquote, unquote_plus, urlencode

from flattr_tui.sandbox import serializers
from flattr_tui.sandbox.api_call import Call, Reply, thing_ids
from flattr_tui.sandbox.api_responses import (
    CHOICES,
    LISTED,
    STREAM,
    ApiError,
    AtomFeed,
    invalid,
    not_found,
    unknown_format,
)
from flattr_tui.sandbox.models import (
    CATEGORIES,
    LANGUAGES,
    SORTS,
    ActivityRow,
    FlattrRow,
    Refused,
    ThingDraft,
    ThingRow,
    ThingSearch,
    UserRow,
)
from flattr_tui.sandbox.rest_api import Endpoint, Resource

_BARE_AUTO_SUBMIT = re.compile(r"(?:^|&)url=(https?://[^&]*/submit/auto\?.*)$")
_NO_USER = "The requested user could not be found"
_NO_THING = "The requested thing(s) could not be found"


def _user(call: Call) -> UserRow:
    name = call.path["username"]
    row = call.world.user(name)
    if row is None:
        bare, _, suffix = name.rpartition(".")
        raise unknown_format() if suffix.isalnum() and call.world.user(bare) is not None else not_found(_NO_USER)
    return row


def _me(call: Call) -> UserRow:
    row = call.world.user(call.username)
    if row is None:
        raise not_found(_NO_USER)
    return row


def find_thing(call: Call) -> ThingRow:
    """Return the thing whose id is in the path of the call.

    Raises ApiError `not_found` if there is none, and `not_acceptable` if the path has an unknown suffix.
    """
    if re.fullmatch(r"[\d,]+\.\w+", call.path["id"], re.ASCII):
        raise unknown_format()
    ids = thing_ids(call.path["id"])
    row = call.world.thing(ids[0]) if ids and len(ids) == 1 else None
    if row is None:
        raise not_found("The requested thing could not be found")
    return row


def _feed(call: Call, name: str, row: UserRow) -> AtomFeed:
    key = f"users:{row.username.lower()}:{name}"
    return AtomFeed(f"{name.capitalize()} by {row.username}", key, call.at.profile(row.username))


def _flattrs(call: Call, rows: list[FlattrRow], feed: AtomFeed) -> Reply:
    viewer = call.viewer([row.thing for row in rows]) if call.full else None
    name = "flattrs"
    return Reply(lambda: [serializers.flattr(row, call.at, viewer, full=call.full) for row in rows], name, rows, feed)


def _things(call: Call, rows: list[ThingRow], feed: AtomFeed | None = None) -> Reply:
    viewer = call.viewer(rows)
    name = "things"
    return Reply(lambda: [serializers.thing(row, call.at, viewer, full=call.full) for row in rows], name, rows, feed)


def greet(call: Call) -> Reply:
    """Return the greeting at the API's own address (`GET /rest/v2`), by which gPodder recognizes the service."""
    return Reply(lambda: {"message": "hello_world", "description": "A sandbox of the Flattr REST API v2"}, "hello")


def user(call: Call) -> Reply:
    """Return a user's profile (`GET /users/:username`)."""
    row = _user(call)
    return Reply(lambda: serializers.user(row, call.at), "user")


def me(call: Call) -> Reply:
    """Return the token's user (`GET /user`), with more fields for the scopes `email` and `extendedread`."""
    row = _me(call)
    scopes = call.token.scopes if call.token else frozenset()
    return Reply(lambda: serializers.user(row, call.at, scopes), "user")


def user_flattrs(call: Call) -> Reply:
    """Return a user's flattrs (`GET /users/:username/flattrs`); none if the user hides them."""
    (count, page), row = call.paging(), _user(call)
    return _flattrs(call, call.world.flattrs_of(row.username, count=count, page=page), _feed(call, "flattrs", row))


def my_flattrs(call: Call) -> Reply:
    """Return the flattrs of the token's user, including hidden ones (`GET /user/flattrs`)."""
    (count, page), row = call.paging(), _me(call)
    rows = call.world.flattrs_of(row.username, count=count, page=page, hidden=True)
    return _flattrs(call, rows, _feed(call, "flattrs", row))


def user_things(call: Call) -> Reply:
    """Return a user's things (`GET /users/:username/things`)."""
    (count, page), row = call.paging(), _user(call)
    return _things(call, call.world.things_of(row.username, count=count, page=page), _feed(call, "things", row))


def my_things(call: Call) -> Reply:
    """Return the things of the token's user (`GET /user/things`); hidden things need the scope `extendedread`."""
    (count, page), row = call.paging(), _me(call)
    hidden = call.token is not None and "extendedread" in call.token.scopes
    rows = call.world.things_of(row.username, count=count, page=page, hidden=hidden)
    return _things(call, rows, _feed(call, "things", row))


def my_subscriptions(call: Call) -> Reply:
    """Return the subscriptions of the token's user (`GET /user/subscriptions`)."""
    rows = call.world.subscriptions_of(_me(call).username)
    viewer = call.viewer([row.thing for row in rows])
    return Reply(lambda: [serializers.subscription(row, call.at, viewer) for row in rows], "subscriptions")


def user_activities(call: Call) -> Reply:
    """Return a user's activities (`GET /users/:username/activities`)."""
    return _activities(call, _user(call))


def my_activities(call: Call) -> Reply:
    """Return the activities of the token's user (`GET /user/activities`)."""
    return _activities(call, _me(call))


def _activities(call: Call, row: UserRow) -> Reply:
    kind = call.text("type") or "outgoing"
    if kind not in {"incoming", "outgoing"}:
        raise invalid("type must be incoming or outgoing")
    rows: list[ActivityRow] = call.world.activities_of(row.username, incoming=kind == "incoming")
    feed = _feed(call, "activities", row)
    if kind == "incoming":
        feed = AtomFeed(f"Activities for {row.username}", f"{feed.key}:incoming", feed.page)
    return Reply(name="activities", rows=rows, feed=feed)


def thing(call: Call) -> Reply:
    """Return a thing (`GET /things/:id`)."""
    row = find_thing(call)
    viewer = call.viewer([row])
    return Reply(lambda: serializers.thing(row, call.at, viewer, full=call.full), "thing")


def things(call: Call) -> Reply:
    """Return several things in the requested order (`GET /things/:id,:id` and `GET /things?id=1,2`).

    Unknown ids are left out. A path with encoded commas is refused, as `shred/flattr4j` found that the service did.
    """
    ids = thing_ids(call.path["ids"] if "ids" in call.path else call.text("id").strip())
    if ids is None or "%2c" in call.raw_path.lower():
        raise invalid("The ids of things are separated by commas, sent as they are")
    ids = list(dict.fromkeys(ids))
    if len(ids) > call.page_cap:
        raise invalid(f"Ask for at most {call.page_cap} things at once")
    rows = call.world.things(ids)
    if not rows:
        raise not_found(_NO_THING)
    return _things(call, rows)


def thing_flattrs(call: Call) -> Reply:
    """Return the flattrs of a thing (`GET /things/:id/flattrs`)."""
    (count, page), row = call.paging(), find_thing(call)
    feed = AtomFeed(f"Flattrs of {row.title}", f"things:{row.id}:flattrs", call.at.page(row.id))
    return _flattrs(call, call.world.flattrs_on(row.id, count=count, page=page), feed)


def search(call: Call) -> Reply:
    """Return the things that match a search (`GET /things/search`)."""
    count, page = call.paging()
    sort = call.text("sort") or "relevance"
    if sort not in SORTS:
        raise invalid(f"sort must be one of {', '.join(SORTS)}")
    wanted = ThingSearch(
        query=call.text("query"),
        url=call.text("url"),
        tags=call.text("tags"),
        languages=call.names("language"),
        categories=call.names("category"),
        user=call.text("user"),
        sort=sort,
    )
    total, rows = call.world.search(wanted, count=count, page=page)
    viewer = call.viewer(rows)
    return Reply(
        lambda: {
            "total_items": total,
            "items": len(rows),
            "page": page,
            "things": [serializers.thing(row, call.at, viewer, full=call.full) for row in rows],
        },
        "search",
    )


def lookup(call: Call) -> Reply:
    """Find the thing with an address (`GET /things/lookup?url=`).

    The response redirects to the thing (302). If there is no such thing, but flattring the address would create one,
    the response is 200 with the message `flattrable`; otherwise it is 404. Flattr's documentation does not mention the
    200, but `flattr/fx-flattr-addon`, `flattr/osd-flattr-chrome-extension`, `smgt/flattr-browser-extension` and
    Knufficast expect it.
    """
    address = _lookup_url(call)
    if not address:
        raise invalid("url is required")
    row = call.world.lookup(address)
    if row is None and call.world.submittable(address) is not None:
        flattrable = {"message": "flattrable", "description": "The url is no thing yet, and can be flattred"}
        return Reply(lambda: flattrable, "lookup")
    if row is None:
        return Reply(lambda: {"message": "not_found", "description": "No thing was found"}, "lookup", status=404)
    location = call.at.thing(row.id)
    found = {"message": "found", "location": location}
    # A script that follows the redirect needs its JSONP call there too.
    jsonp = f"?{urlencode({'jsonp': call.text('jsonp')})}" if call.text("jsonp") else ""
    return Reply(lambda: found, "lookup", status=302, headers={"Location": f"{location}{jsonp}"})


def _lookup_url(call: Call) -> str:
    """Return the address to look up. Clients send it in four ways.

    - In `url`, as documented.
    - In `q`, the parameter's earlier name (`flattr/osd-flattr-chrome-extension`).
    - In `url` as an auto-submit address that is not encoded, so that its own parameters look like the request's (in the
      documentation and `neonichu/FlattrKit`).
    - In the path (`flattr/php-flattr-client`).
    """
    if "address" in call.path:
        return unquote(call.raw_path.partition("/lookup/q/")[2])
    bare = _BARE_AUTO_SUBMIT.search(call.raw_query)
    return unquote_plus(bare[1]) if bare else call.text("url") or call.text("q")


def categories(call: Call) -> Reply:
    """Return all categories (`GET /categories`)."""
    return Reply(lambda: [{"id": key, "text": text} for key, text in CATEGORIES.items()], "categories")


def languages(call: Call) -> Reply:
    """Return all languages (`GET /languages`)."""
    return Reply(lambda: [{"id": key, "text": text} for key, text in LANGUAGES.items()], "languages")


def _receipt(call: Call, row: ThingRow, description: str) -> Reply:
    thing = serializers.mini_thing(row, call.at, owner=False)
    return Reply(lambda: {"message": "ok", "description": description, "thing": thing}, "flattr")


def flattr(call: Call) -> Reply:
    """Flattr a thing, and return a receipt with the thing (`POST /things/:id/flattr`)."""
    row = call.world.flattr(call.username, find_thing(call).id)
    return _receipt(call, row, "Thing was successfully flattred")


def flattr_url(call: Call) -> Reply:
    """Flattr the thing at an address, and return a receipt with the thing (`POST /flattr`).

    The address belongs to a thing, is an auto-submit address, or says itself who the owner is (`data_reader.discover`).
    """
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
    """Create a thing (`POST /things`). The response has its id and, in `link`, the address of its resource."""
    draft = call.draft()
    if not draft.url:
        raise ApiError("validation", "Invalid url")
    _check(draft)
    row = call.world.create_thing(call.username, draft)
    link = call.at.thing(row.id)
    body = {"id": row.id, "link": link, "message": "ok", "description": "Thing was created successfully"}
    return Reply(lambda: body, "thing", status=201, headers={"Location": link})


def update_thing(call: Call) -> Reply:
    """Change a thing, and return a message (`PATCH /things/:id`, or `POST` with `_method=patch`).

    A `url` in the body is ignored. An empty description clears the description, and empty tags clear the tags. An empty
    title becomes the thing's address, as for a new thing. Category and language can't be cleared.
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
    """Delete a thing, and return no body (`DELETE /things/:id`)."""
    call.world.delete_thing(call.username, find_thing(call).id)
    return Reply(status=204)


def subscribe(call: Call) -> Reply:
    """Subscribe to a thing, and return a receipt with the thing (`POST /things/:id/subscriptions`)."""
    row = call.world.subscribe(call.username, find_thing(call).id)
    return _receipt(call, row, "Successfully subscribed to Thing")


def toggle_subscription(call: Call) -> Reply:
    """Pause or resume a subscription, and return a message that says which (`PUT /things/:id/subscriptions`)."""
    active = call.world.toggle_subscription(call.username, find_thing(call).id)
    message = "started" if active else "paused"
    return Reply(lambda: {"message": message, "description": f"Subscription {message}"}, "subscription")


def unsubscribe(call: Call) -> Reply:
    """End a subscription, and return no body (`DELETE /things/:id/subscriptions`)."""
    call.world.unsubscribe(call.username, find_thing(call).id)
    return Reply(status=204)


def _check(draft: ThingDraft) -> None:
    if draft.category and draft.category not in CATEGORIES:
        raise ApiError("validation", f"Invalid category; use one of {', '.join(CATEGORIES)}")
    if draft.language and draft.language not in LANGUAGES:
        raise ApiError("validation", "Invalid language; see the languages resource")


RESOURCES: tuple[Resource, ...] = (
    Resource("", {"GET": Endpoint(greet)}),
    Resource("/users/:username", {"GET": Endpoint(user)}),
    Resource("/users/:username/flattrs", {"GET": Endpoint(user_flattrs, LISTED)}),
    Resource("/users/:username/things", {"GET": Endpoint(user_things, LISTED)}),
    Resource("/users/:username/activities", {"GET": Endpoint(user_activities, STREAM)}),
    Resource("/user", {"GET": Endpoint(me, token=True)}),
    Resource("/user/flattrs", {"GET": Endpoint(my_flattrs, LISTED, token=True)}),
    Resource("/user/things", {"GET": Endpoint(my_things, LISTED, token=True)}),
    Resource("/user/activities", {"GET": Endpoint(my_activities, STREAM, token=True)}),
    Resource("/user/subscriptions", {"GET": Endpoint(my_subscriptions, token=True, scope="flattr")}),
    Resource(
        "/things",
        {"GET": Endpoint(things, LISTED), "POST": Endpoint(create_thing, token=True, scope="thing")},
    ),
    Resource("/things/search", {"GET": Endpoint(search)}),
    Resource("/things/lookup", {"GET": Endpoint(lookup)}),
    Resource("/things/lookup/q/(?P<address>.+)", {"GET": Endpoint(lookup)}),
    Resource(r"/things/(?P<ids>\d*,[\d,]*)", {"GET": Endpoint(things, LISTED)}),
    Resource(
        "/things/:id",
        {
            "GET": Endpoint(thing),
            "PATCH": Endpoint(update_thing, token=True, scope="thing"),
            "DELETE": Endpoint(delete_thing, formats=(), token=True, scope="thing"),
        },
    ),
    Resource("/things/:id/flattrs", {"GET": Endpoint(thing_flattrs, LISTED)}),
    Resource("/things/:id/flattr", {"POST": Endpoint(flattr, token=True, scope="flattr")}),
    Resource(
        "/things/:id/subscriptions",
        {
            "POST": Endpoint(subscribe, token=True, scope="flattr"),
            "PUT": Endpoint(toggle_subscription, token=True, scope="flattr"),
            "DELETE": Endpoint(unsubscribe, formats=(), token=True, scope="flattr"),
        },
    ),
    Resource("/flattr", {"POST": Endpoint(flattr_url, token=True, scope="flattr")}),
    Resource("/categories", {"GET": Endpoint(categories, CHOICES)}),
    Resource("/languages", {"GET": Endpoint(languages, CHOICES)}),
)
