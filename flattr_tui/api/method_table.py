"""The table of the API's methods: the only list of them, for the client, the console, `flattr-tui get` and the tests.

The types of its rows are in `api.method_schema`, and re-exported here. Source: `flattr/developers.flattr.net`,
content/api/resources/*.md.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from flattr_tui.api.method_schema import (
    CONTENT_TYPES,
    PLAIN,
    STREAM,
    Auth,
    Format,
    Group,
    Method,
    Parameter,
    ParameterKind,
)
from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ResponseKind

__all__ = [
    "BY_NAME",
    "CONTENT_TYPES",
    "METHODS",
    "PLAIN",
    "SORTS",
    "STREAM",
    "Auth",
    "Format",
    "Group",
    "Method",
    "Parameter",
    "ParameterKind",
]

_P = Parameter
_USERNAME = _P("username", ParameterKind.TEXT, "the user's name", required=True, in_path=True)
_ID = _P("id", ParameterKind.INTEGER, "the thing's id", required=True, in_path=True)
_COUNT = _P("count", ParameterKind.INTEGER, "items per page", default=str(DEFAULT_PAGE_SIZE))
_PAGE = _P("page", ParameterKind.INTEGER, "number of the page, from 1", default="1")
_FULL = _P("full", ParameterKind.FLAG, "send the users and things inside of items in full")
_PAGED = (_COUNT, _PAGE, _FULL)
_TYPE = _P(
    "type",
    ParameterKind.CHOICE,
    "what the user did, or what others did with the user's things",
    choices=("outgoing", "incoming"),
    default="outgoing",
)
SORTS = ("relevance", "trend", "flattrs", "flattrs_month", "flattrs_week", "flattrs_day")
"""Sort orders of Flattr's search."""
_LISTED = (*PLAIN, *STREAM)
_DRAFT = (
    _P("title", ParameterKind.TEXT, "the title"),
    _P("description", ParameterKind.TEXT, "the description"),
    _P("category", ParameterKind.CATEGORY, "id of the category", default="rest"),
    _P("language", ParameterKind.LANGUAGE, "id of the language", default="en_GB"),
    _P("tags", ParameterKind.LIST, "tags separated by commas"),
    _P("hidden", ParameterKind.BOOLEAN, "keep it out of public lists"),
)
_EMPTIED = frozenset({"description", "tags"})
# What an update leaves out stays unchanged, so there are no defaults.
_EDIT = tuple(replace(parameter, default="", may_empty=parameter.name in _EMPTIED) for parameter in _DRAFT)

_USERS, _THINGS, _FLATTRS = "resources/users.md", "resources/things.md", "resources/flattrs.md"
_ACTIVITIES, _SUBSCRIPTIONS = "resources/activities.md", "resources/subscriptions.md"

METHODS: tuple[Method, ...] = (
    Method(
        "user-flattrs",
        Group.FLATTRS,
        "GET",
        "/users/:username/flattrs",
        "List a user's flattrs",
        ResponseKind.FLATTRS,
        (_USERNAME, *_PAGED),
        formats=_LISTED,
        page=_FLATTRS,
    ),
    Method(
        "my-flattrs",
        Group.FLATTRS,
        "GET",
        "/user/flattrs",
        "List my flattrs",
        ResponseKind.FLATTRS,
        _PAGED,
        Auth.TOKEN,
        _LISTED,
        _FLATTRS,
    ),
    Method(
        "user-things",
        Group.THINGS,
        "GET",
        "/users/:username/things",
        "List a user's things",
        ResponseKind.THINGS,
        (_USERNAME, *_PAGED),
        formats=_LISTED,
        page=_THINGS,
    ),
    Method(
        "my-things",
        Group.THINGS,
        "GET",
        "/user/things",
        "List my things",
        ResponseKind.THINGS,
        _PAGED,
        Auth.TOKEN,
        _LISTED,
        _THINGS,
    ),
    Method("thing", Group.THINGS, "GET", "/things/:id", "Get a thing", ResponseKind.THING, (_ID, _FULL), page=_THINGS),
    Method(
        "things",
        Group.THINGS,
        "GET",
        "/things/:id",
        "Get several things",
        ResponseKind.THINGS,
        (_P("id", ParameterKind.IDS, "thing ids separated by commas", required=True, in_path=True), _FULL),
        formats=_LISTED,
        page=_THINGS,
    ),
    Method(
        "lookup",
        Group.THINGS,
        "GET",
        "/things/lookup",
        "Check whether a thing exists",
        ResponseKind.LOOKUP,
        (_P("url", ParameterKind.URL, "an address, or an auto-submit link", required=True),),
        page=_THINGS,
    ),
    Method(
        "search",
        Group.THINGS,
        "GET",
        "/things/search",
        "Search things",
        ResponseKind.SEARCH,
        (
            _P("query", ParameterKind.TEXT, "words to look for"),
            _P("url", ParameterKind.URL, "only things with this address"),
            _P("tags", ParameterKind.TAGS, "tags, combined by | (or), & (and), ! (not)"),
            _P("language", ParameterKind.LANGUAGES, "language ids separated by commas"),
            _P("category", ParameterKind.CATEGORIES, "category ids separated by commas"),
            _P("user", ParameterKind.TEXT, "only things of this user"),
            _P("sort", ParameterKind.CHOICE, "the order", choices=SORTS, default="relevance"),
            *_PAGED,
        ),
        page=_THINGS,
    ),
    Method("user", Group.USERS, "GET", "/users/:username", "Get a user", ResponseKind.USER, (_USERNAME,), page=_USERS),
    Method("me", Group.USERS, "GET", "/user", "Get me", ResponseKind.USER, auth=Auth.TOKEN, page=_USERS),
    Method(
        "user-activities",
        Group.ACTIVITIES,
        "GET",
        "/users/:username/activities",
        "List a user's activities",
        ResponseKind.ACTIVITIES,
        (_USERNAME, _TYPE),
        formats=STREAM,
        page=_ACTIVITIES,
    ),
    Method(
        "my-activities",
        Group.ACTIVITIES,
        "GET",
        "/user/activities",
        "List my activities",
        ResponseKind.ACTIVITIES,
        (_TYPE,),
        Auth.TOKEN,
        STREAM,
        _ACTIVITIES,
    ),
    Method(
        "categories",
        Group.REFERENCE,
        "GET",
        "/categories",
        "List the categories",
        ResponseKind.CHOICES,
        page="resources/categories.md",
    ),
    Method(
        "languages",
        Group.REFERENCE,
        "GET",
        "/languages",
        "List the languages",
        ResponseKind.CHOICES,
        page="resources/languages.md",
    ),
    Method(
        "thing-flattrs",
        Group.FLATTRS,
        "GET",
        "/things/:id/flattrs",
        "List a thing's flattrs",
        ResponseKind.FLATTRS,
        (_ID, *_PAGED),
        formats=_LISTED,
        page=_FLATTRS,
    ),
    Method(
        "my-subscriptions",
        Group.SUBSCRIPTIONS,
        "GET",
        "/user/subscriptions",
        "List my subscriptions",
        ResponseKind.SUBSCRIPTIONS,
        auth=Auth.FLATTR,
        page=_SUBSCRIPTIONS,
    ),
    Method(
        "rate-limit",
        Group.REFERENCE,
        "GET",
        "/rate_limit",
        "Get the rate limit",
        ResponseKind.RATE_LIMIT,
        page="index.md",
        limited=False,
    ),
    Method(
        "flattr",
        Group.FLATTRS,
        "POST",
        "/things/:id/flattr",
        "Flattr a thing",
        ResponseKind.RECEIPT,
        (_ID,),
        Auth.FLATTR,
        page=_FLATTRS,
    ),
    Method(
        "flattr-url",
        Group.FLATTRS,
        "POST",
        "/flattr",
        "Flattr an address",
        ResponseKind.RECEIPT,
        (_P("url", ParameterKind.URL, "an address, or an auto-submit link", required=True),),
        Auth.FLATTR,
        page=_FLATTRS,
    ),
    Method(
        "create-thing",
        Group.THINGS,
        "POST",
        "/things",
        "Create a thing",
        ResponseKind.RECEIPT,
        (_P("url", ParameterKind.URL, "the thing's address", required=True), *_DRAFT),
        Auth.THING,
        page=_THINGS,
    ),
    Method(
        "update-thing",
        Group.THINGS,
        "PATCH",
        "/things/:id",
        "Update a thing",
        ResponseKind.RECEIPT,
        (_ID, *_EDIT),
        Auth.THING,
        page=_THINGS,
    ),
    Method(
        "delete-thing",
        Group.THINGS,
        "DELETE",
        "/things/:id",
        "Delete a thing",
        ResponseKind.NOTHING,
        (_ID,),
        Auth.THING,
        page=_THINGS,
    ),
    Method(
        "subscribe",
        Group.SUBSCRIPTIONS,
        "POST",
        "/things/:id/subscriptions",
        "Subscribe to a thing",
        ResponseKind.RECEIPT,
        (_ID,),
        Auth.FLATTR,
        page=_SUBSCRIPTIONS,
    ),
    Method(
        "toggle-subscription",
        Group.SUBSCRIPTIONS,
        "PUT",
        "/things/:id/subscriptions",
        "Pause or resume a subscription",
        ResponseKind.RECEIPT,
        (_ID,),
        Auth.FLATTR,
        page=_SUBSCRIPTIONS,
    ),
    Method(
        "unsubscribe",
        Group.SUBSCRIPTIONS,
        "DELETE",
        "/things/:id/subscriptions",
        "Unsubscribe from a thing",
        ResponseKind.NOTHING,
        (_ID,),
        Auth.FLATTR,
        page=_SUBSCRIPTIONS,
    ),
)

BY_NAME: Mapping[str, Method] = {method.name: method for method in METHODS}
