"""A minimal Textual program with a list. The start benchmark compares the program with it."""

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Footer, Header

LAST_ROW = "row 29"
"""The text of the last row: once it is on screen, the program has drawn everything."""


class LineList(ScrollView):
    """A scrollable list of thirty lines."""

    def on_mount(self) -> None:
        """Set the size of the content, in cells."""
        self.virtual_size = Size(80, 30)

    def render_line(self, y: int) -> Strip:
        """Return the line `y`."""
        return Strip([Segment(f"row {y}")])


class BareApp(App[None]):
    """A header, a list and a footer."""

    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012 -- Textual's declaration

    def compose(self) -> ComposeResult:
        """Yield the three widgets."""
        yield Header()
        yield LineList()
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
