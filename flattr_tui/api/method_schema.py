"""What a row of the table of methods (`api.methods`) is made of: kinds of parameters, groups, scopes, formats.

Source: `flattr/developers.flattr.net`, content/api/index.md and content/api/resources/*.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from flattr_tui.model.response_kind import ResponseKind

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Kind(StrEnum):
    """What a parameter's value is, and so how it is checked, sent and asked for."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    """Present or absent, as `full`."""
    BOOLEAN = "boolean"
    IDS = "ids"
    """Thing ids parted by commas; the comma is sent as itself."""
    LIST = "list"
    """Names parted by commas; the comma is sent as itself where it stands in an address."""
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
    """What a method needs of an access token."""

    NONE = "none"
    TOKEN = "token"
    FLATTR = "flattr"
    """A token with the scope `flattr`."""
    THING = "thing"
    """A token with the scope `thing`."""


class Format(StrEnum):
    """The suffixes by which a format is chosen. content/api/index.md, 'Response Formats'."""

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
    kind: Kind
    help: str
    required: bool = False
    in_path: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    """What the service assumes when it is left out; never sent by itself."""
    may_empty: bool = False
    """Whether an empty value is sent: it empties what is there. Otherwise it counts as left out."""


class Method(msgspec.Struct, frozen=True):
    """One method of the API."""

    name: str
    group: Group
    verb: Verb
    path: str
    """Below the API's address, with `:parameter` for what stands in it."""
    help: str
    answer: ResponseKind
    parameters: tuple[Parameter, ...] = ()
    auth: Auth = Auth.NONE
    formats: tuple[Format, ...] = PLAIN
    page: str = ""
    """The page of the service's documentation, below content/api/."""
    limited: bool = True
    """Whether it counts against the rate limit."""

    @property
    def is_list(self) -> bool:
        """Whether it is paged with `count` and `page`."""
        return any(parameter.name == "page" for parameter in self.parameters)

    @property
    def writes(self) -> bool:
        """Whether it changes something: asked about before it is sent, and never sent twice."""
        return self.verb != "GET"

    @property
    def private(self) -> bool:
        """Whether it needs a token at all."""
        return self.auth is not Auth.NONE

    @property
    def personal(self) -> bool:
        """Whether its answer differs by who asks: the private ones', and a thing's `flattred` and `subscribed`."""
        return self.private or self.answer is ResponseKind.THING

    @property
    def default_format(self) -> Format:
        """The format that the program reads."""
        return self.formats[0]

    def parameter(self, name: str) -> Parameter | None:
        """Find a parameter by its name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
