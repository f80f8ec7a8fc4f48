"""Which items of a list are new: those that came since the user last looked at the list.

The user looks at a list when it is shown: the next run of the program counts new items from that time. In this run, new
items stay new until the user marks them as seen.
"""

from collections.abc import Callable

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.query.changes import SAVED_CHANGES
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.change_log import LOGGED_METHODS

METHODS = LOGGED_METHODS | {SAVED_CHANGES.method}
"""The methods of lists that grow at their tops, and of the page of changes."""


class SeenLists:
    """Knows since when the items of each list are new, in this run of the program.

    `owner` returns the current source's name and the account. `bookmarks` returns the file in which the times are kept;
    the caller saves it.
    """

    def __init__(self, owner: Callable[[], tuple[str, str]], bookmarks: Callable[[], Bookmarks]) -> None:
        self._owner = owner
        self._bookmarks = bookmarks
        self._seen: dict[str, int | None] = {}
        """For each list, by its name, the time (Unix seconds) after which items are new; None if none are.

        The times stay the same while the program runs.
        """

    def _name(self, request: ApiRequest) -> str:
        arguments = " ".join(f"{name}={value}" for name, value in request.folded_arguments)
        return " ".join(filter(None, (*self._owner(), request.method, arguments)))

    def seen_until(self, request: ApiRequest) -> int | None:
        """Return the time (Unix seconds) after which items are new; None for a list that was never on screen."""
        if request.method not in METHODS:
            return None
        name = self._name(request)
        return self._seen.setdefault(name, self._bookmarks().seen_until(name))

    def record_look(self, request: ApiRequest, newest: int | None) -> bool:
        """Record that a list is on screen. Returns whether `seen_until` has changed, as it does the first time.

        `newest` is the time of the list's newest item (Unix seconds); with None (unknown), nothing happens.
        """
        if newest is None or request.method not in METHODS:
            return False
        is_first = self.seen_until(request) is None
        if is_first:
            self._seen[self._name(request)] = newest
        self._bookmarks().record_seen(self._name(request), newest)
        return is_first

    def mark_seen(self, request: ApiRequest, newest: int) -> None:
        """Mark all items of a list as seen. `newest` is the time of its newest item (Unix seconds)."""
        name = self._name(request)
        self._seen[name] = newest
        self._bookmarks().record_seen(name, newest)
