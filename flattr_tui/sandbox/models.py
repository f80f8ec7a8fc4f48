"""The rows of the sandbox's data, which depend neither on HTTP nor on formats.

A `World` returns the rows, `serializers` converts them to the objects of the API. Times are Unix seconds in UTC.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user of the sandbox."""

    id: int
    username: str
    firstname: str
    lastname: str
    url: str | None
    avatar: str
    about: str
    city: str
    country: str
    email: str
    registered_at: int
    active_supporter: bool
    hides_flattrs: bool
    budget: int
    """Number of flattrs that the user can still give before the service answers `no_means`."""


@dataclass(frozen=True, slots=True)
class ThingRow:
    """A thing, with the properties of its owner that a list needs."""

    id: int
    url: str
    title: str
    description: str
    tags: tuple[str, ...]
    language: str
    category: str
    created_at: int
    updated_at: int
    """When the thing was last updated; 0 means never."""
    hidden: bool
    image: str
    flattrs: int
    flattrs_user_count: int
    last_flattr_at: int
    """When the thing was last flattred; 0 means never."""
    owner: UserRow


@dataclass(frozen=True, slots=True)
class FlattrRow:
    """One user's flattr of one thing."""

    id: int
    thing: ThingRow
    owner: UserRow
    """The user who gave the flattr."""
    created_at: int


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A user's subscription to a thing: a flattr each month."""

    thing: ThingRow
    active: bool
    created_at: int
    started_at: int
    """When the subscription was last resumed; if it never was, when it was created."""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """Something that a user did."""

    id: int
    kind: str
    """`flattr`, `thing` (the actor added a thing) or `subscription`."""
    actor: UserRow
    thing: ThingRow
    published: int


@dataclass(frozen=True, slots=True)
class ThingSearch:
    """The filters of a search for things. Empty filters do not filter."""

    query: str = ""
    url: str = ""
    tags: str = ""
    """A boolean expression in Flattr's tag language."""
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    user: str = ""
    sort: str = "relevance"
    """`relevance`, `trend`, `flattrs`, `flattrs_month`, `flattrs_week` or `flattrs_day`."""


@dataclass(frozen=True, slots=True)
class ThingDraft:
    """The fields of a thing to create or change. None leaves a field unchanged (or at its default)."""

    url: str | None = None
    title: str | None = None
    description: str | None = None
    category: str | None = None
    language: str | None = None
    tags: tuple[str, ...] | None = None
    hidden: bool | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, with the user and the client to whom it was granted."""

    token: str
    username: str
    client_id: str
    scopes: frozenset[str] = field(default_factory=frozenset)


class Refused(Exception):
    """The rules of the service refuse a request. `code` is Flattr's error code (`flattr_once`, …)."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STEP, _START, _SHORTS = 387_420_489, 19_770_525, 62**6


def short_id(number: int) -> str:
    """Return the public id of the user with this number: six letters and digits, like the service's."""
    value = (number * _STEP + _START) % _SHORTS
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = _DIGITS[digit] + digits
    return digits


def user_number(short: str) -> int | None:
    """Return the number of the user with this public id; None if it is invalid."""
    if len(short) != 6 or any(char not in _DIGITS for char in short):
        return None
    value = 0
    for char in short:
        value = value * 62 + _DIGITS.index(char)
    return (value - _START) * pow(_STEP, -1, _SHORTS) % _SHORTS
