"""The table of the API's paths.

Source: `flattr/developers.flattr.net`, content/api/resources/*.md, and index.md for the rate limit, which `api.Api`
answers itself since it is not limited.
"""

from flattr_tui.sandbox import routes_read as read
from flattr_tui.sandbox import routes_write as write
from flattr_tui.sandbox.api import Action, Resource
from flattr_tui.sandbox.content_negotiation import CHOICES, LISTED, STREAM

RESOURCES: tuple[Resource, ...] = (
    Resource("", {"GET": Action(read.hello)}),
    Resource("/users/:username", {"GET": Action(read.user)}),
    Resource("/users/:username/flattrs", {"GET": Action(read.user_flattrs, LISTED)}),
    Resource("/users/:username/things", {"GET": Action(read.user_things, LISTED)}),
    Resource("/users/:username/activities", {"GET": Action(read.user_activities, STREAM)}),
    Resource("/user", {"GET": Action(read.me, token=True)}),
    Resource("/user/flattrs", {"GET": Action(read.my_flattrs, LISTED, token=True)}),
    Resource("/user/things", {"GET": Action(read.my_things, LISTED, token=True)}),
    Resource("/user/activities", {"GET": Action(read.my_activities, STREAM, token=True)}),
    Resource("/user/subscriptions", {"GET": Action(read.my_subscriptions, token=True, scope="flattr")}),
    Resource(
        "/things",
        {"GET": Action(read.things, LISTED), "POST": Action(write.create_thing, token=True, scope="thing")},
    ),
    Resource("/things/search", {"GET": Action(read.search)}),
    Resource("/things/lookup", {"GET": Action(read.lookup)}),
    Resource("/things/lookup/q/(?P<address>.+)", {"GET": Action(read.lookup)}),
    Resource(r"/things/(?P<ids>\d*,[\d,]*)", {"GET": Action(read.things, LISTED)}),
    Resource(
        "/things/:id",
        {
            "GET": Action(read.thing),
            "PATCH": Action(write.update_thing, token=True, scope="thing"),
            "DELETE": Action(write.delete_thing, formats=(), token=True, scope="thing"),
        },
    ),
    Resource("/things/:id/flattrs", {"GET": Action(read.thing_flattrs, LISTED)}),
    Resource("/things/:id/flattr", {"POST": Action(write.flattr, token=True, scope="flattr")}),
    Resource(
        "/things/:id/subscriptions",
        {
            "POST": Action(write.subscribe, token=True, scope="flattr"),
            "PUT": Action(write.toggle_subscription, token=True, scope="flattr"),
            "DELETE": Action(write.unsubscribe, formats=(), token=True, scope="flattr"),
        },
    ),
    Resource("/flattr", {"POST": Action(write.flattr_url, token=True, scope="flattr")}),
    Resource("/categories", {"GET": Action(read.categories, CHOICES)}),
    Resource("/languages", {"GET": Action(read.languages, CHOICES)}),
)
