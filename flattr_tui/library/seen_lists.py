"""Knows which items of a list are new: those that were added since the user last looked at the list.

The user looks at a list when it is shown on screen. Items that are added after that are new in the next run of the
program. In this run, new items stay new until the user marks them as seen.
"""

from collections.abc import Callable

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.query.changes import SAVED_CHANGES
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.change_log import LOGGED_METHODS

METHODS = LOGGED_METHODS | {SAVED_CHANGES.method}
"""The API methods whose lists get new items at the top, and the method name for the page of changes."""


class SeenLists:
    """Knows for each list the time after which its items are new.

    `owner` returns the name of the current source and the account. `bookmarks` returns the bookmarks, in whose file the
    times are stored. The caller must save the bookmarks.
    """

    def __init__(self, owner: Callable[[], tuple[str, str]], bookmarks: Callable[[], Bookmarks]) -> None:
        self._owner = owner
        self._bookmarks = bookmarks
        self._seen: dict[str, int | None] = {}
        """For each list, by its name, the time (Unix seconds) after which its items are new; None if no item is new.

        A time stays the same during a run of the program, unless the user marks the list as seen.
        """

    def _name(self, request: ApiRequest) -> str:
        arguments = " ".join(f"{name}={value}" for name, value in request.folded_arguments)
        return " ".join(filter(None, (*self._owner(), request.method, arguments)))

    def seen_until(self, request: ApiRequest) -> int | None:
        """Return the time (Unix seconds) after which items of a list are new. `request` is the request for the list.

        Returns None if no item counts as new: the list was never on screen, or it is not a list that can have new
        items.
        """
        if request.method not in METHODS:
            return None
        name = self._name(request)
        return self._seen.setdefault(name, self._bookmarks().seen_until(name))

    def record_look(self, request: ApiRequest, newest: int | None) -> bool:
        """Record that a list is on screen. `request` is the request for the list.

        `newest` is the time of the list's newest item (Unix seconds); with None (unknown), nothing happens. Returns
        whether the result of `seen_until` has changed. It changes only if the list was never on screen before.
        """
        if newest is None or request.method not in METHODS:
            return False
        is_first = self.seen_until(request) is None
        if is_first:
            self._seen[self._name(request)] = newest
        self._bookmarks().record_seen(self._name(request), newest)
        return is_first

    def mark_seen(self, request: ApiRequest, newest: int) -> None:
        """Mark all items of a list as seen. `newest` is the time of the list's newest item (Unix seconds)."""
        name = self._name(request)
        self._seen[name] = newest
        self._bookmarks().record_seen(name, newest)
