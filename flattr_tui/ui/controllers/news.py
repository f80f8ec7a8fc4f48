"""What is new in a list: items that came since the user last looked at it.

A list counts as looked at once it is on screen: the next run of the program counts from that time. In this run, new
items stay new until the user marks them as seen.
"""

from collections.abc import Mapping

from flattr_tui.library.account_requests import FULL, to_own_request, user_activities_request
from flattr_tui.library.query.changes import SAVED_CHANGES
from flattr_tui.model.api_request import Request
from flattr_tui.store.change_log import LOGGED_METHODS
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.controllers.bookmarks import BookmarksController
from flattr_tui.ui.controllers.host import ControllerHost

METHODS = LOGGED_METHODS | {SAVED_CHANGES.method}
"""The lists that grow at their tops, and the page of changes."""


class NewsController:
    """Knows since when the items of a list are new. `bookmarks` stores it."""

    def __init__(self, host: ControllerHost, bookmarks: BookmarksController) -> None:
        self._host = host
        self._bookmarks = bookmarks
        self._seen: dict[str, int | None] = {}
        """For each list, until when items are not new in this run."""

    def _name(self, request: Request) -> str:
        library = self._host.library
        arguments = " ".join(f"{name}={value}" for name, value in request.folded_arguments)
        return " ".join(filter(None, (library.source.name, library.account, request.method, arguments)))

    def seen_until(self, request: Request) -> int | None:
        """Return the time (Unix seconds) after which items are new; None for a list that was never looked at."""
        if request.method not in METHODS:
            return None
        name = self._name(request)
        return self._seen.setdefault(name, self._bookmarks.store.seen_until(name))

    def record_look(self, request: Request, newest: int | None) -> bool:
        """Record that a list is on screen; returns whether `seen_until` has changed, as it does the first time."""
        if request.method not in METHODS or newest is None:
            return False
        name = self._name(request)
        first = self.seen_until(request) is None
        if first:
            self._seen[name] = newest
        self._keep(name, newest)
        return first

    def mark_seen(self, request: Request, newest: int) -> None:
        """Mark all items of a list as seen."""
        self._seen[self._name(request)] = newest
        self._keep(self._name(request), newest)
        self.count(request)

    def _keep(self, name: str, newest: int) -> None:
        self._bookmarks.store.record_seen(name, newest)
        self._bookmarks.save()

    # -- the tabs

    def _requests(self) -> Mapping[str, Request]:
        """Return the list of each place, by the place's name."""
        user, account = self._host.user, self._host.library.account
        lists = {
            "things": Request.of("user-things", username=user),
            "flattrs": Request.of("user-flattrs", FULL, username=user),
            "activities": user_activities_request(user, incoming=False),
        }
        return {place: to_own_request(request, account) for place, request in lists.items()} if user else {}

    def count(self, changed: Request | None = None) -> None:
        """Count the new items in the places' lists, or only in a list that has `changed`."""
        counts = dict(self._host.news_counts) if changed is not None else {}
        for place, request in self._requests().items():
            if changed in {None, request} and (seen := self.seen_until(request)) is not None:
                counts[place] = self._count(request, seen)
        counts = {place: number for place, number in counts.items() if number}
        if counts != self._host.news_counts:
            self._host.news_counts = counts

    def _count(self, request: Request, seen: int) -> int:
        library = self._host.library
        scope = library.scope_of(request)
        if scope is None:
            return 0
        try:
            return library.catalogue.read_news(library.catalogue.list_stats(scope, request).id, seen)[1]
        except StoreError:
            return 0  # the list itself reports it
