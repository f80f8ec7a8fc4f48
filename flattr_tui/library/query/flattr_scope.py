"""Finds the scope to read a user's flattrs from."""

from typing import TYPE_CHECKING

from flattr_tui.library.account_requests import to_own_request, user_flattrs_request
from flattr_tui.model.api_request import Request, fold_username
from flattr_tui.model.source import Source, SourceKind
from flattr_tui.store.types import Scope

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue


def find_flattr_scope(catalogue: "Catalogue", source: Source, account: str, username: str) -> Scope | None:
    """Return the scope of a user's flattrs. For the account's own flattrs it is the account, which sees more.

    Returns None if there is no server and none of them are saved. Raises `StoreError`.
    """
    if source.kind is not SourceKind.SAVED:
        return Scope(source.name, account if fold_username(username) == fold_username(account) else "")
    whole = user_flattrs_request(username)
    for request in dict.fromkeys((to_own_request(whole, account), whole)):
        mini = Request.of(request.method, {**dict(request.arguments), "full": ""})
        if (scope := catalogue.best_scope(request, account) or catalogue.best_scope(mini, account)) is not None:
            return scope
    return None
