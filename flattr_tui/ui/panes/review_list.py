"""The saved flattrs behind a bar: a list like any other, over what is on disk alone."""

from collections.abc import Callable

from textual.message import Message

from flattr_tui.library.query.feed import SAVED_FLATTRS, View
from flattr_tui.library.query.search import SavedFeed
from flattr_tui.model.api_request import Request
from flattr_tui.ui import format as fmt
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.typed_app import app_of

EVERYBODY = "everybody"
"""Whose flattrs they are where no user is meant."""


class SavedList(FeedView):
    """Lists saved flattrs; nothing is ever fetched for it."""

    class Listed(Message):
        """The list was worked out."""

        def __init__(self, feed: SavedFeed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(SAVED_FLATTRS, unasked="⋯ looking through what is saved", classes=classes)

    @property
    def who(self) -> str:
        """Whose flattrs they are."""
        return super().who or EVERYBODY

    def _open(self) -> None:
        """Work the list out in a thread; the old one stays until then."""
        reviewer = app_of(self).library.statistics
        if self.request is None or reviewer is None:
            self.feed = None
            self.table.source = None
            self._show_status()
            return
        app_of(self).run_in_thread(_listing(reviewer.list_flattrs, self.request, self.view), self, "listing")
        self._show_status()

    def on_saved_list_listed(self, event: Listed) -> None:
        """Show it."""
        event.stop()
        if (event.feed.request, event.feed.view) != (self.request, self.view):
            return
        event.feed.adopt_known(self.feed)
        self._turn_to(event.feed)
        self._show_status()

    def _want(self, start: int, stop: int, *, near: bool = False) -> None:
        """Ask nobody."""

    def refresh_feed(self, *, complete: bool = False) -> None:
        """Look again."""
        self._open()


def _listing(work: Callable[[Request, View], SavedFeed], request: Request, view: View) -> Callable[[], Message]:
    return lambda: SavedList.Listed(work(request, view))


def meant(request: Request) -> str:
    """Say in a few words which of the saved flattrs a request means: `Apr 2013`, `things of melodia`."""
    first, last = request.get("start"), request.get("stop")
    if first:
        return _between(first, last)
    for dimension, name in _NAMED.items():
        if value := request.get(dimension):
            return name(value)
    return ""


_NAMED: dict[str, Callable[[str], str]] = {
    "owner": "things of {}".format,
    "thing": "of one thing".format,
    "category": fmt.category,
    "language": fmt.language,
    "tag": "tagged {}".format,
}


def _between(start: str, stop: str) -> str:
    from datetime import date, timedelta  # noqa: PLC0415

    first, last = date.fromisoformat(start), date.fromisoformat(stop) - timedelta(days=1)
    if first == last:
        return f"{first.day} {fmt.MONTHS[first.month - 1]} {first.year}"
    names = [fmt.month_name(f"{day:%Y-%m}") for day in (first, last)]
    return names[0] if names[0] == names[1] else " – ".join(names)
