"""Remembers since when the items of each list count as new, and counts the new items for the mode bar."""

from collections.abc import Mapping

from flattr_tui.library.seen_lists import SeenLists
from flattr_tui.library.user_requests import FULL, to_own_request, user_activities_request
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.controllers.bookmarks import BookmarksController
from flattr_tui.ui.controllers.controller_host import ControllerHost


class NewItemsController:
    """Knows for each list since when its items are new. These times are stored with the bookmarks."""

    def __init__(self, host: ControllerHost, bookmarks: BookmarksController) -> None:
        self._host = host
        self._bookmarks = bookmarks
        self._seen = SeenLists(lambda: (host.library.source.name, host.library.account), lambda: bookmarks.store)

    def seen_until(self, request: ApiRequest) -> int | None:
        """Return the time in Unix seconds after which the items of a list are new.

        Returns None if the list was never on screen, or if new items do not come first in it.
        """
        return self._seen.seen_until(request)

    def record_look(self, request: ApiRequest, newest: int | None) -> bool:
        """Record that a list is on screen. `newest` is the time of its newest item in Unix seconds; None without items.

        Returns whether this was the first time, which changes `seen_until` from None to `newest`.
        """
        is_first = self._seen.record_look(request, newest)
        self._bookmarks.save()
        return is_first

    def mark_seen(self, request: ApiRequest, newest: int) -> None:
        """Mark the items of a list as seen, up to the time `newest` (Unix seconds)."""
        self._seen.mark_seen(request, newest)
        self._bookmarks.save()
        self.count(request)

    # -- the tabs

    def _requests(self) -> Mapping[str, ApiRequest]:
        """Return the requests for the lists that can have new items, by mode id; empty if no user is shown."""
        user, account = self._host.user, self._host.library.account
        lists = {
            "things": ApiRequest.of("user-things", username=user),
            "flattrs": ApiRequest.of("user-flattrs", FULL, username=user),
            "activities": user_activities_request(user, incoming=False),
        }
        return {place: to_own_request(request, account) for place, request in lists.items()} if user else {}

    def count(self, changed: ApiRequest | None = None) -> None:
        """Update the app's `news_counts` for all modes; if `changed` is given, only for the mode with that list."""
        counts = dict(self._host.news_counts) if changed is not None else {}
        for place, request in self._requests().items():
            if changed in {None, request} and (seen := self.seen_until(request)) is not None:
                counts[place] = self._count(request, seen)
        counts = {place: number for place, number in counts.items() if number}
        if counts != self._host.news_counts:
            self._host.news_counts = counts

    def _count(self, request: ApiRequest, seen: int) -> int:
        library = self._host.library
        scope = library.scope_of(request)
        if scope is None:
            return 0
        try:
            return library.catalogue.read_news(library.catalogue.list_stats(scope, request).id, seen)[1]
        except StoreError:
            return 0  # the list itself reports the error
