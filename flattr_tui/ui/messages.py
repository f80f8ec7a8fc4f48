"""What travels from workers to those who own the state: messages, never a touched widget."""

from textual.message import Message

from flattr_tui.library.events import Event
from flattr_tui.library.types import ProfileStatistics


class LibraryEvent(Message):
    """The library told something; the app hands it on to whoever looks at what it is about."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class FiguresCounted(Message):
    """A user's figures were counted anew."""

    def __init__(self, username: str, figures: ProfileStatistics) -> None:
        super().__init__()
        self.username = username
        self.figures = figures


class Told(Message):
    """Something a worker has to say to a person, in one sentence."""

    def __init__(self, text: str, severity: str = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity
