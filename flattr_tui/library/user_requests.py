"""Makes requests for users' lists. For the logged-in user, the API has separate methods, which return more data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.store.catalogue_schema import Scope

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

OWN_METHODS: Final[Mapping[str, str]] = {
    "user": "me",
    "user-flattrs": "my-flattrs",
    "user-things": "my-things",
    "user-activities": "my-activities",
}
"""The API methods about any user, each with the corresponding method about the logged-in user."""
FULL: Final = {"full": "1"}
"""The arguments of a request for a list whose things have all their fields."""


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
    """Return a request for the same data by the logged-in user's own method, such as `my-things` for `user-things`.

    `account` is the logged-in user. A request that is not about this user is returned unchanged.
    """
    own = OWN_METHODS.get(request.method)
    if own is None or not account or fold_username(request.get("username")) != fold_username(account):
        return request
    return ApiRequest.of(own, {name: value for name, value in request.arguments if name != "username"})


def find_flattr_scope(catalogue: "Catalogue", source: Source, account: str, username: str) -> Scope | None:
    """Return the source and the account under which the list of a user's flattrs is saved.

    If `username` is the logged-in user `account`, the list is saved under this account, because it contains hidden
    flattrs, too; otherwise under no account (""). At the source `saved`, the saved list that fits best is looked up;
    returns None if no list is saved. Raises `StoreError` if the catalogue can't be read.
    """
    if source.kind is not SourceKind.SAVED:
        return Scope(source.name, account if fold_username(username) == fold_username(account) else "")
    whole = user_flattrs_request(username)
    for request in dict.fromkeys((to_own_request(whole, account), whole)):
        mini = ApiRequest.of(request.method, {**dict(request.arguments), "full": ""})
        if (scope := catalogue.best_scope(request, account) or catalogue.best_scope(mini, account)) is not None:
            return scope
    return None
