"""The `ApiRequest`, by which all layers identify a list or an object of the service, and the kinds of responses.

It also makes the requests for users' lists. For the logged-in user, the API has separate methods, which return more.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Final, Self

import msgspec

DEFAULT_PAGE_SIZE = 30
"""Number of items on a page if `count` is left out; every server allows it. content/api/index.md, 'Pagination'."""
SAVED_FLATTRS = "saved-flattrs"
"""The method name in requests for lists of saved flattrs. These requests are not sent: no server has such a method."""
PAGING = frozenset({"count", "page"})
"""Parameters that select a part of a list. Requests that differ only in these parameters are about the same list."""
OWN_METHODS: Final[Mapping[str, str]] = {
    "user": "me",
    "user-flattrs": "my-flattrs",
    "user-things": "my-things",
    "user-activities": "my-activities",
}
"""The API methods about any user, each with the corresponding method about the logged-in user."""
USER_LISTS: Final[Mapping[str, str]] = {
    "user-things": "things",
    "user-flattrs": "flattrs",
    "user-activities": "activities",
}
"""The API methods that return one user's lists, each with a word for the items."""
FULL: Final = {"full": "1"}
"""The arguments of a request for a list whose things have all their fields."""
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_USERNAMES = frozenset({"username", "owner"})
"""Parameters that contain a user name."""


class ResponseKind(StrEnum):
    """What a successful response contains. `api.method_table` has the kind of each method's response."""

    USER = "user"
    THING = "thing"
    THINGS = "things"
    FLATTRS = "flattrs"
    ACTIVITIES = "activities"
    SUBSCRIPTIONS = "subscriptions"
    SEARCH = "search"
    LOOKUP = "lookup"
    CHOICES = "choices"
    """Categories or languages."""
    RATE_LIMIT = "rate_limit"
    RECEIPT = "receipt"
    """The response to a write: a message, a description, and often the thing."""
    NOTHING = "nothing"
    """A response without a body (204)."""
    REVENUE = "revenue"
    """One month of a revenue report (`model.revenue`): a file of Flattr's, not a response of the API."""


SINGLE_RESPONSES = frozenset({ResponseKind.USER, ResponseKind.THING, ResponseKind.LOOKUP, ResponseKind.RATE_LIMIT})
"""Kinds of responses that are one object, read by `Library.record`. All others are lists, read by `Library.feed`."""


@lru_cache(maxsize=1024)  # a page of flattrs names the same few people 300 times
def fold_username(name: str) -> str:
    """Return a user name in lower case, to compare it: Flattr ignores the case of A to Z, and of no other letters."""
    return name.translate(_LOWER)


@lru_cache(maxsize=1024)  # requests are compared and hashed often: `r` on a list folds 90 times
def _fold_arguments(arguments: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, fold_username(value) if name in _USERNAMES else value) for name, value in arguments)


@lru_cache(maxsize=1024)  # for each list that an event concerns, several times
def _encode_arguments(arguments: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(_fold_arguments(arguments), separators=(",", ":"), ensure_ascii=False)


class ApiRequest(msgspec.Struct, frozen=True, eq=False):
    """A method of the API with its arguments. It identifies a list or an object.

    `method` is a name in `api.method_table`; `arguments` are names and values, sorted by name, without empty values.
    All pages of a list have the same request, so `count` and `page` are left out. Two requests are equal even if the
    case of a user name differs, because both are about the same person. As text, a request is `METHOD NAME=VALUE …`.
    """

    method: str
    arguments: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, method: str, arguments: Mapping[str, str] | None = None, **more: str) -> Self:
        """Return the request of a method with `arguments` and the keyword arguments `more`.

        `page`, `count` and empty values are left out.
        """
        merged = {**(arguments or {}), **more}
        return cls(method, tuple(sorted((k, v) for k, v in merged.items() if v and k not in PAGING)))

    def with_arguments(self, **changed: str) -> Self:
        """Return this request with changed or additional arguments. An empty value removes an argument."""
        return self.of(self.method, dict(self.arguments), **changed)

    def get(self, name: str, default: str = "") -> str:
        """Return the value of an argument; `default` if the request does not have it."""
        return dict(self.arguments).get(name, default)

    @property
    def folded_arguments(self) -> tuple[tuple[str, str], ...]:
        """The arguments with user names in lower case, for comparing and storing requests."""
        return _fold_arguments(self.arguments)

    @property
    def encoded_arguments(self) -> str:
        """The `folded_arguments` as JSON. Two requests for the same method are equal if these texts are equal."""
        return _encode_arguments(self.arguments)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiRequest):
            return NotImplemented
        return self.method == other.method and (
            self.arguments == other.arguments or self.folded_arguments == other.folded_arguments
        )

    def __ne__(self, other: object) -> bool:  # msgspec's own compares identities, whatever `__eq__` says
        return not self == other

    def __hash__(self) -> int:
        return hash((self.method, self.folded_arguments))

    def __str__(self) -> str:
        return " ".join([self.method, *(f"{name}={value}" for name, value in self.arguments)])


def user_flattrs_request(username: str) -> ApiRequest:
    """Return the request for the flattrs that a user gave, with all fields that the statistics need."""
    return ApiRequest.of("user-flattrs", FULL, username=username)


def user_things_request(username: str) -> ApiRequest:
    """Return the request for a user's things."""
    return ApiRequest.of("user-things", username=username)


def user_activities_request(username: str, *, incoming: bool = False) -> ApiRequest:
    """Return the request for what a user did or, with `incoming`, for what others did with the user's things."""
    return ApiRequest.of("user-activities", username=username, type="incoming" if incoming else "")


def to_own_request(request: ApiRequest, account: str) -> ApiRequest:
    """Return the request that gives the logged-in user the same data, such as `my-things` for `user-things`.

    `account` is the logged-in user. A request that is not about this user is returned unchanged.
    """
    own = OWN_METHODS.get(request.method)
    if own is None or not account or fold_username(request.get("username")) != fold_username(account):
        return request
    return ApiRequest.of(own, {name: value for name, value in request.arguments if name != "username"})
