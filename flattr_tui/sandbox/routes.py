"""The table of the API's paths.

Source: `flattr/developers.flattr.net`, content/api/resources/*.md, and index.md for the rate limit, which `api.Api`
answers itself because it is not limited.
"""

from flattr_tui.sandbox import routes_read as read
from flattr_tui.sandbox import routes_write as write
from flattr_tui.sandbox.api import Endpoint, Resource
from flattr_tui.sandbox.content_negotiation import CHOICES, LISTED, STREAM

RESOURCES: tuple[Resource, ...] = (
    Resource("", {"GET": Endpoint(read.greet)}),
    Resource("/users/:username", {"GET": Endpoint(read.user)}),
    Resource("/users/:username/flattrs", {"GET": Endpoint(read.user_flattrs, LISTED)}),
    Resource("/users/:username/things", {"GET": Endpoint(read.user_things, LISTED)}),
    Resource("/users/:username/activities", {"GET": Endpoint(read.user_activities, STREAM)}),
    Resource("/user", {"GET": Endpoint(read.me, token=True)}),
    Resource("/user/flattrs", {"GET": Endpoint(read.my_flattrs, LISTED, token=True)}),
    Resource("/user/things", {"GET": Endpoint(read.my_things, LISTED, token=True)}),
    Resource("/user/activities", {"GET": Endpoint(read.my_activities, STREAM, token=True)}),
    Resource("/user/subscriptions", {"GET": Endpoint(read.my_subscriptions, token=True, scope="flattr")}),
    Resource(
        "/things",
        {"GET": Endpoint(read.things, LISTED), "POST": Endpoint(write.create_thing, token=True, scope="thing")},
    ),
    Resource("/things/search", {"GET": Endpoint(read.search)}),
    Resource("/things/lookup", {"GET": Endpoint(read.lookup)}),
    Resource("/things/lookup/q/(?P<address>.+)", {"GET": Endpoint(read.lookup)}),
    Resource(r"/things/(?P<ids>\d*,[\d,]*)", {"GET": Endpoint(read.things, LISTED)}),
    Resource(
        "/things/:id",
        {
            "GET": Endpoint(read.thing),
            "PATCH": Endpoint(write.update_thing, token=True, scope="thing"),
            "DELETE": Endpoint(write.delete_thing, formats=(), token=True, scope="thing"),
        },
    ),
    Resource("/things/:id/flattrs", {"GET": Endpoint(read.thing_flattrs, LISTED)}),
    Resource("/things/:id/flattr", {"POST": Endpoint(write.flattr, token=True, scope="flattr")}),
    Resource(
        "/things/:id/subscriptions",
        {
            "POST": Endpoint(write.subscribe, token=True, scope="flattr"),
            "PUT": Endpoint(write.toggle_subscription, token=True, scope="flattr"),
            "DELETE": Endpoint(write.unsubscribe, formats=(), token=True, scope="flattr"),
        },
    ),
    Resource("/flattr", {"POST": Endpoint(write.flattr_url, token=True, scope="flattr")}),
    Resource("/categories", {"GET": Endpoint(read.categories, CHOICES)}),
    Resource("/languages", {"GET": Endpoint(read.languages, CHOICES)}),
)
