"""The table of the API's methods, with the types of its rows: methods, parameters, their kinds, groups and formats.

It is the only list of them, for the client, the console, `flattr-tui get` and the tests. Source:
`flattr/developers.flattr.net`, content/api/index.md and content/api/resources/*.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Literal

import msgspec
from msgspec.structs import replace

from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ResponseKind

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class ParameterKind(StrEnum):
    """The kind of a parameter's value. It decides how the value is checked, sent and entered."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    """Present or absent, without a value, such as `full`."""
    BOOLEAN = "boolean"
    IDS = "ids"
    """Ids of things, comma-separated. The comma is not encoded."""
    LIST = "list"
    """Names, comma-separated. In an address the comma is not encoded."""
    TAGS = "tags"
    """A boolean expression in the tag language."""
    URL = "url"
    CATEGORY = "category"
    CATEGORIES = "categories"
    LANGUAGE = "language"
    LANGUAGES = "languages"
    CHOICE = "choice"


class Group(StrEnum):
    """The heading under which lists of methods show a method. The headings are those of the API's documentation."""

    USERS = "Users"
    THINGS = "Things"
    FLATTRS = "Flattrs"
    ACTIVITIES = "Activities"
    SUBSCRIPTIONS = "Subscriptions"
    REFERENCE = "Reference"


class Auth(StrEnum):
    """The kind of access token that a method needs."""

    NONE = "none"
    TOKEN = "token"
    """Any token, whatever its scopes."""
    FLATTR = "flattr"
    """A token with the scope `flattr`."""
    THING = "thing"
    """A token with the scope `thing`."""


class Format(StrEnum):
    """The format of a response. The value is the suffix of the path (content/api/index.md, 'Response Formats')."""

    JSON = "json"
    XML = "xml"
    YAML = "yaml"
    AS = "as"
    ATOM = "atom"


CONTENT_TYPES: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.XML: "text/xml",
    Format.YAML: "application/yaml",
    Format.AS: "application/stream+json",
    Format.ATOM: "application/atom+xml",
}

PLAIN = (Format.JSON, Format.XML, Format.YAML)
"""The formats of ordinary responses."""
STREAM = (Format.AS, Format.ATOM)
"""The formats of Activity Streams."""


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of an API method: its name, what values it has, and how it is sent."""

    name: str
    kind: ParameterKind
    help: str
    required: bool = False
    in_path: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    """The value that the service assumes if the parameter is missing, for the help. It is never sent."""
    may_empty: bool = False
    """Whether an empty value is sent, which clears the field. Otherwise an empty parameter is left out."""


class Method(msgspec.Struct, frozen=True, dict=True):
    """One method of the API: its path, its parameters, what its response contains, and what token it needs."""

    name: str
    group: Group
    verb: Verb
    path: str
    """The path below the API's address, with `:parameter` for the variable parts."""
    help: str
    response_kind: ResponseKind
    parameters: tuple[Parameter, ...] = ()
    auth: Auth = Auth.NONE
    formats: tuple[Format, ...] = PLAIN
    page: str = ""
    """The page of the service's documentation, as a path below content/api/."""
    limited: bool = True
    """Whether calls count against the rate limit."""

    @cached_property
    def is_list(self) -> bool:
        """Whether the method returns a list in pages, which `count` and `page` select."""
        return any(parameter.name == "page" for parameter in self.parameters)

    @cached_property
    def writes(self) -> bool:
        """Whether the method changes data. The user must confirm such a call, and it is never sent twice."""
        return self.verb != "GET"

    @cached_property
    def private(self) -> bool:
        """Whether the method needs a token."""
        return self.auth is not Auth.NONE

    @cached_property
    def personal(self) -> bool:
        """Whether the response depends on the account. A token is then sent, if there is one.

        This is true of private methods, and of methods that return a thing, whose fields `flattred` and `subscribed`
        are about the account.
        """
        return self.private or self.response_kind is ResponseKind.THING

    @cached_property
    def default_format(self) -> Format:
        """The format that the program requests for its own use."""
        return self.formats[0]

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter with a name; None if the method has no such parameter."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


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
