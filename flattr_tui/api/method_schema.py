"""The types for the table of methods (`api.method_table`): methods, parameters, their kinds, groups and formats.

Source: `flattr/developers.flattr.net`, content/api/index.md and content/api/resources/*.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from flattr_tui.model.api_request import ResponseKind

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
    """The group of a method in lists of methods, as in the service's documentation."""

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


class Method(msgspec.Struct, frozen=True):
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

    @property
    def is_list(self) -> bool:
        """Whether the method returns a list in pages, which `count` and `page` select."""
        return any(parameter.name == "page" for parameter in self.parameters)

    @property
    def writes(self) -> bool:
        """Whether the method changes data. The user must confirm such a call, and it is never sent twice."""
        return self.verb != "GET"

    @property
    def private(self) -> bool:
        """Whether the method needs a token."""
        return self.auth is not Auth.NONE

    @property
    def personal(self) -> bool:
        """Whether the response depends on the account. A token is then sent, if there is one.

        This is true of private methods, and of methods that return a thing, whose fields `flattred` and `subscribed`
        are about the account.
        """
        return self.private or self.response_kind is ResponseKind.THING

    @property
    def default_format(self) -> Format:
        """The format that the program requests for its own use."""
        return self.formats[0]

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter with a name; None if the method has no such parameter."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
