"""Where a user's flattrs are counted and listed from."""

from typing import TYPE_CHECKING

from flattr_tui.library.account_requests import as_oneself, flattrs_of
from flattr_tui.model.api_request import Request
from flattr_tui.model.source import Source, SourceKind
from flattr_tui.store.types import Scope

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue


def scope_of_flattrs(catalogue: "Catalogue", source: Source, account: str, username: str) -> Scope | None:
    """Say in which scope a user's flattrs are: the account's own where that is the user, since it is told more.

    None where the source has no server and nothing is saved of them. Raises `StoreError`.
    """
    if source.kind is not SourceKind.SAVED:
        return Scope(source.name, account if username == account else "")
    whole = flattrs_of(username)
    for request in dict.fromkeys((as_oneself(whole, account), whole)):
        mini = Request.of(request.method, {**dict(request.arguments), "full": ""})
        if (scope := catalogue.best_scope(request, account) or catalogue.best_scope(mini, account)) is not None:
            return scope
    return None
