"""Labels with bars that are walked through by keyboard."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui.bindings import BARS
from flattr_tui.ui.widgets.charts import Bar, bar

BAR_CELLS = (4, 14)
"""The least and the most cells of a bar."""
LABEL_LEAST = 6
"""Cells that a label keeps when it is narrow; the bar leaves first."""


class BarList(Widget, can_focus=True):
    """A title, and below it as many bars as there are lines; the others come by walking on."""

    BINDINGS: ClassVar[list[BindingType]] = list(BARS)
    DEFAULT_CSS = "BarList { height: 8; width: 1fr; }"

    bars: reactive[Sequence[Bar]] = reactive[Sequence[Bar]]((), init=False)
    cursor: reactive[int] = reactive(0, init=False)

    class Opened(Message):
        """What is behind a bar is asked for."""

        def __init__(self, bars: "BarList", index: int) -> None:
            super().__init__()
            self.bars, self.index = bars, index

        @property
        def control(self) -> "BarList":
            """Whose bar it is."""
            return self.bars

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title

    # -- drawing

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _first(self) -> int:
        """The bar on the first line: such that the chosen one is seen."""
        return max(0, min(self.cursor - self._lines // 2, len(self.bars) - self._lines))

    def render(self) -> Content:
        """Draw the title and the bars."""
        more = len(self.bars) - self._lines
        place = f"  {self.cursor + 1:,} of {len(self.bars):,}" if self.has_focus and more > 0 else ""
        title = Content.assemble((self.title, "bold $accent" if self.has_focus else "bold"), (place, "$muted"))
        return Content("\n").join([title, *self._drawn()]) if self.bars else title

    def _drawn(self) -> list[Content]:
        shown = self.bars[self._first : self._first + self._lines]
        width = self.size.width
        numbers = max(len(item.text) for item in shown)
        notes = max(len(item.note) for item in shown)
        free = width - 2 - numbers - 2 - (notes + 1 if notes else 0)
        label = max(min(LABEL_LEAST, free), min(max(Content(item.label).cell_length for item in shown), free * 3 // 5))
        cells = min(BAR_CELLS[1], free - label)
        cells = cells if cells >= BAR_CELLS[0] else 0
        label = max(1, free - cells)
        most = max(item.value for item in self.bars) or 1
        lines = []
        for number, item in enumerate(shown, self._first):
            on = number == self.cursor and self.has_focus
            name = Content(item.label).truncate(label, ellipsis=True, pad=True)
            content = Content.assemble(
                ("▸ " if on else "  ", "bold $accent"),
                name,
                (f" {bar(item.value / most, cells).ljust(cells)}" if cells else " ", "$accent" if on else "$primary"),
                f" {item.text:>{numbers}}",
                (f" {item.note:>{notes}}" if notes else "", "$muted"),
            )
            lines.append(content.stylize("bold on $cursor") if on else content)
        return lines

    # -- keys

    def watch_bars(self) -> None:
        """Choose the longest."""
        self.cursor = 0

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a bar."""
        return max(0, min(cursor, len(self.bars) - 1))

    def action_move(self, by: int) -> None:
        """Go to another bar."""
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        """Go to the first or the last bar."""
        self.cursor = len(self.bars) - 1 if end else 0

    def action_open(self) -> None:
        """Ask for what is behind the bar."""
        if self.bars:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose the bar; a second click opens it."""
        if event.y >= 1:
            self.cursor = self._first + event.y - 1
            if event.chain == 2:
                self.action_open()

    def on_focus(self) -> None:
        """Show what is chosen."""
        self.refresh()

    def on_blur(self) -> None:
        """Show it no more."""
        self.refresh()
