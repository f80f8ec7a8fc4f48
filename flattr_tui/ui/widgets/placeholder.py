"""What stands where data would be: nothing yet, nothing at all, no way to get it, or why it went wrong."""

from enum import StrEnum

import msgspec
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Mood(StrEnum):
    """How a state looks."""

    QUIET = "quiet"
    """Loading, empty: nothing is wrong."""
    WAITING = "waiting"
    ERROR = "error"


class State(msgspec.Struct, frozen=True):
    """One state in words: what is, and what to do about it."""

    text: str
    advice: str = ""
    mood: Mood = Mood.QUIET


SIGNS = {Mood.QUIET: ("", "$muted"), Mood.WAITING: ("◌ ", "$warning"), Mood.ERROR: ("! ", "$error")}


class StateLine(Widget):
    """Shows a state; takes no room without one."""

    DEFAULT_CSS = """
    StateLine { height: auto; width: 1fr; padding: 0 2; display: none; }
    StateLine.-shown { display: block; }
    StateLine.-whole { height: 1fr; padding: 1 2; }
    """

    state: reactive[State | None] = reactive[State | None](None, layout=True)
    whole: reactive[bool] = reactive(False, toggle_class="-whole")
    """Whether it stands instead of all the data, rather than beside some."""

    def watch_state(self) -> None:
        """Appear or leave."""
        self.set_class(self.state is not None, "-shown")

    def render(self) -> Content:
        """Write it: a sign, what is, what to do."""
        if self.state is None:
            return Content("")
        sign, style = SIGNS[self.state.mood]
        text = Content.assemble((sign, f"bold {style}"), (self.state.text, style))
        return text + Content.styled(f" {self.state.advice}", "$muted") if self.state.advice else text
