"""The types of rows in the table of methods (`api.methods`): kinds of parameters, groups, scopes, formats.

Source: `flattr/developers.flattr.net`, content/api/index.md and content/api/resources/*.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from flattr_tui.model.api_request import ResponseKind

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class ParameterKind(StrEnum):
    """The kind of a parameter's value: it decides how the value is checked, sent and entered."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    """Present or absent, as `full`."""
    BOOLEAN = "boolean"
    IDS = "ids"
    """Comma-separated thing ids; the comma is not encoded."""
    LIST = "list"
    """Comma-separated names; in an address the comma is not encoded."""
    TAGS = "tags"
    """A boolean expression in the tag language."""
    URL = "url"
    CATEGORY = "category"
    CATEGORIES = "categories"
    LANGUAGE = "language"
    LANGUAGES = "languages"
    CHOICE = "choice"


class Group(StrEnum):
    """The resources that methods are grouped under, as in the service's documentation."""

    USERS = "Users"
    THINGS = "Things"
    FLATTRS = "Flattrs"
    ACTIVITIES = "Activities"
    SUBSCRIPTIONS = "Subscriptions"
    REFERENCE = "Reference"


class Auth(StrEnum):
    """Which access token a method needs."""

    NONE = "none"
    TOKEN = "token"
    FLATTR = "flattr"
    """A token with the scope `flattr`."""
    THING = "thing"
    """A token with the scope `thing`."""


class Format(StrEnum):
    """The suffixes that select a format. content/api/index.md, 'Response Formats'."""

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
STREAM = (Format.AS, Format.ATOM)


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a method."""

    name: str
    kind: ParameterKind
    help: str
    required: bool = False
    in_path: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    """What the service assumes if it is left out; never sent."""
    may_empty: bool = False
    """Whether an empty value is sent, which clears the field; otherwise it counts as left out."""


class Method(msgspec.Struct, frozen=True):
    """One method of the API."""

    name: str
    group: Group
    verb: Verb
    path: str
    """Below the API's address, with `:parameter` for variable segments."""
    help: str
    response_kind: ResponseKind
    parameters: tuple[Parameter, ...] = ()
    auth: Auth = Auth.NONE
    formats: tuple[Format, ...] = PLAIN
    page: str = ""
    """The page of the service's documentation, below content/api/."""
    limited: bool = True
    """Whether it counts against the rate limit."""

    @property
    def is_list(self) -> bool:
        """Whether it returns a list, paged with `count` and `page`."""
        return any(parameter.name == "page" for parameter in self.parameters)

    @property
    def writes(self) -> bool:
        """Whether it changes data. Such a method needs a confirmation, and is never sent twice."""
        return self.verb != "GET"

    @property
    def private(self) -> bool:
        """Whether it needs a token."""
        return self.auth is not Auth.NONE

    @property
    def personal(self) -> bool:
        """Whether the response depends on the account: private methods, and things (`flattred`, `subscribed`)."""
        return self.private or self.response_kind is ResponseKind.THING

    @property
    def default_format(self) -> Format:
        """The format that the program requests for its own use."""
        return self.formats[0]

    def parameter(self, name: str) -> Parameter | None:
        """Return a parameter by name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
