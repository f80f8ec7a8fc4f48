"""Text shown in place of missing data: loading, empty, offline or failed."""

from enum import StrEnum

import msgspec
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Severity(StrEnum):
    """How serious the message of a placeholder is. This decides its colour and symbol."""

    INFO = "quiet"
    """Loading or empty: nothing is wrong."""
    WAITING = "waiting"
    ERROR = "error"


class Placeholder(msgspec.Struct, frozen=True):
    """A text about the state of the data: a sentence, and advice on what to do about that state."""

    text: str
    advice: str = ""
    severity: Severity = Severity.INFO


STYLES = {Severity.INFO: ("", "$muted"), Severity.WAITING: ("◌ ", "$warning"), Severity.ERROR: ("! ", "$error")}
"""Symbol and colour of each severity."""


def no_match(text: str) -> Content:
    """Return a text that says that nothing matches the typed `text`."""
    return Content.styled(f"No match for “{text}”.", "$warning")


class PlaceholderLine(Widget):
    """A line that shows a placeholder. It is hidden while the placeholder is None."""

    DEFAULT_CSS = """
    PlaceholderLine { height: auto; width: 1fr; padding: 0 2; display: none; }
    PlaceholderLine.-shown { display: block; }
    PlaceholderLine.-fills-pane { height: 1fr; padding: 1 2; }
    """

    placeholder: reactive[Placeholder | None] = reactive[Placeholder | None](None, layout=True)
    fills_pane: reactive[bool] = reactive(False, toggle_class="-fills-pane")
    """Whether the placeholder fills its pane; False if the pane also shows data."""

    def watch_placeholder(self) -> None:
        self.set_class(self.placeholder is not None, "-shown")

    def render(self) -> Content:
        if self.placeholder is None:
            return Content("")
        sign, style = STYLES[self.placeholder.severity]
        text = Content.assemble((sign, f"bold {style}"), (self.placeholder.text, style))
        return text + Content.styled(f" {self.placeholder.advice}", "$muted") if self.placeholder.advice else text
