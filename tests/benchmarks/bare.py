"""As little as a Textual program with a list can be: what ours is started beside."""

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Footer, Header

LAST = "row 29"
"""What is on its screen when all of it is there."""


class Lines(ScrollView):
    """Thirty lines."""

    def on_mount(self) -> None:
        """Have a size."""
        self.virtual_size = Size(80, 30)

    def render_line(self, y: int) -> Strip:
        """Draw one."""
        return Strip([Segment(f"row {y}")])


class Bare(App[None]):
    """Header, list, footer."""

    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012 -- Textual's declaration

    def compose(self) -> ComposeResult:
        """All of it."""
        yield Header()
        yield Lines()
        yield Footer()


if __name__ == "__main__":
    Bare().run()
