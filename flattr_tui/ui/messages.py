"""What travels from workers to those who own the state: messages, never a touched widget."""

from textual.message import Message

from flattr_tui.library.events import Event
from flattr_tui.library.types import ProfileStatistics


class LibraryEvent(Message):
    """The library told something; the app hands it on to whoever looks at what it is about."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class StatisticsComputed(Message):
    """A user's statistics were computed."""

    def __init__(self, username: str, statistics: ProfileStatistics) -> None:
        super().__init__()
        self.username = username
        self.figures = statistics


class UserNotice(Message):
    """A sentence that a worker shows to the user."""

    def __init__(self, text: str, severity: str = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity
