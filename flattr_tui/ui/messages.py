"""Messages that workers post to the app and to pages, because a worker never touches a widget."""

from textual.message import Message

from flattr_tui.library.events import Event
from flattr_tui.store.catalogue_types import FlattrStatistics


class LibraryEvent(Message):
    """The library published an event. The app passes the event on to those who observe it."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class StatisticsComputed(Message):
    """The statistics of a user were computed."""

    def __init__(self, username: str, statistics: FlattrStatistics) -> None:
        super().__init__()
        self.username = username
        self.statistics = statistics


class UserNotice(Message):
    """A worker wants to show a notice."""

    def __init__(self, text: str, severity: str = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity
