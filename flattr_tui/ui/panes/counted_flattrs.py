"""The list of the flattrs that one bar of the review's charts counts. It reads only saved data."""

from collections.abc import Callable

from textual.message import Message

from flattr_tui.library.query.list_feed import SAVED_FLATTRS, View
from flattr_tui.library.query.offline_search import SavedFeed
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.panes.list_pane import ListPane

EVERYBODY = "everybody"
"""Stands for a user name in a request for the saved flattrs of all users."""
REVIEW_TABS = (("review", "Given: flattrs"), ("earnings", "Received: earnings"))
"""The pages of the review: pairs of an id and a label."""


class CountedFlattrs(ListPane):
    """The list of the flattrs that one bar of a chart on the review page counts. Only saved data is read."""

    class ListReady(Message):
        """Message: the flattrs of the list have been read."""

        def __init__(self, feed: SavedFeed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(SAVED_FLATTRS, empty_text="⋯ reading saved data", classes=classes)

    @property
    def username(self) -> str:
        """The user whose flattrs are listed; `everybody` for all users."""
        return super().username or EVERYBODY

    def _open_feed(self) -> None:
        """Read the list in a thread. The previous list is shown until then."""
        reviewer = app_of(self).library.statistics
        if self.request is None or reviewer is None:
            self.feed = None
            self.table.source = None
            self._show_status()
            return
        app_of(self).run_in_thread(_list_job(reviewer.list_flattrs, self.request, self.view), self, "listing")
        self._show_status()

    def on_counted_flattrs_list_ready(self, event: ListReady) -> None:
        event.stop()
        if (event.feed.request, event.feed.view) != (self.request, self.view):
            return
        event.feed.adopt_known(self.feed)
        self._show_feed(event.feed)
        self._show_status()

    def _request_rows(self, start: int, stop: int, *, near: bool = False) -> None:
        """Do nothing: the list is always complete, so there are no rows to fetch."""

    def refresh_from_server(self, *, complete: bool = False) -> None:
        """Read the saved flattrs again."""
        self._open_feed()


def _list_job(work: Callable[[ApiRequest, View], SavedFeed], request: ApiRequest, view: View) -> Callable[[], Message]:
    return lambda: CountedFlattrs.ListReady(work(request, view))


def describe_selection(request: ApiRequest) -> str:
    """Return in words which saved flattrs a request selects: `Apr 2013`, `things of melodia`; "" for all."""
    first, last = request.get("start"), request.get("stop")
    if first:
        return _describe_period(first, last)
    for dimension, name in _DIMENSION_NAMES.items():
        if value := request.get(dimension):
            return name(value)
    return ""


_DIMENSION_NAMES: dict[str, Callable[[str], str]] = {
    "owner": "things of {}".format,
    "thing": "of one thing".format,
    "category": fmt.category,
    "language": fmt.language,
    "tag": "tagged {}".format,
}


def _describe_period(start: str, stop: str) -> str:
    from datetime import date, timedelta  # noqa: PLC0415

    first, last = date.fromisoformat(start), date.fromisoformat(stop) - timedelta(days=1)
    if first == last:
        return f"{first.day} {fmt.MONTHS[first.month - 1]} {first.year}"
    names = [fmt.month_name(f"{day:%Y-%m}") for day in (first, last)]
    return names[0] if names[0] == names[1] else " – ".join(names)
