"""A list of labelled horizontal bars with a cursor."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.ui.bindings import BARS
from flattr_tui.ui.widgets.charts import Bar, Chart, draw_bar

BAR_WIDTH = (4, 14)
"""Minimum and maximum width of a bar in cells."""
MIN_LABEL_WIDTH = 6
"""Minimum width of a label in cells. If there is less room, the bars are hidden."""


class BarList(Chart):
    """A title and, below it, as many bars as fit. The other bars come into view when the cursor reaches them."""

    BINDINGS: ClassVar[list[BindingType]] = list(BARS)
    DEFAULT_CSS = "BarList { height: 8; width: 1fr; }"

    bars: reactive[Sequence[Bar]] = reactive[Sequence[Bar]]((), init=False)
    cursor: reactive[int] = reactive(0, init=False)

    class Opened(Message):
        """Message: the user opened a bar."""

        def __init__(self, bars: "BarList", index: int) -> None:
            super().__init__()
            self.bars, self.index = bars, index

        @property
        def control(self) -> "BarList":
            """The list that the bar belongs to."""
            return self.bars

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title

    # -- drawing

    @property
    def _visible_count(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _first_visible(self) -> int:
        """The index of the first visible bar, chosen so that the bar under the cursor is visible."""
        return max(0, min(self.cursor - self._visible_count // 2, len(self.bars) - self._visible_count))

    def render(self) -> Content:
        more = len(self.bars) - self._visible_count
        place = f"  {self.cursor + 1:,} of {len(self.bars):,}" if self.has_focus and more > 0 else ""
        title = Content.assemble((self.title, "bold $accent" if self.has_focus else "bold"), (place, "$muted"))
        return Content("\n").join([title, *self._draw_bars()]) if self.bars else title

    def _draw_bars(self) -> list[Content]:
        shown = self.bars[self._first_visible : self._first_visible + self._visible_count]
        width = self.size.width
        numbers = max(len(item.text) for item in shown)
        notes = max(len(item.note) for item in shown)
        free = width - 2 - numbers - 2 - (notes + 1 if notes else 0)
        label = max(
            min(MIN_LABEL_WIDTH, free), min(max(Content(item.label).cell_length for item in shown), free * 3 // 5)
        )
        cells = min(BAR_WIDTH[1], free - label)
        cells = cells if cells >= BAR_WIDTH[0] else 0
        label = max(1, free - cells)
        most = max(item.value for item in self.bars) or 1
        plain = self.app.native_ansi_color or self.app.no_color
        lines = []
        for number, item in enumerate(shown, self._first_visible):
            on = number == self.cursor and self.has_focus
            name = Content(item.label).truncate(label, ellipsis=True, pad=True)
            content = Content.assemble(
                ("▸ " if on else "  ", "bold $accent"),
                name,
                (
                    f" {draw_bar(item.value / most, cells).ljust(cells)}" if cells else " ",
                    "$accent" if on else "$primary",
                ),
                f" {item.text:>{numbers}}",
                (f" {item.note:>{notes}}" if notes else "", "$muted"),
            )
            lines.append(content.stylize("bold reverse" if plain else "bold on $cursor") if on else content)
        return lines

    # -- keys

    def watch_bars(self) -> None:
        self.cursor = 0

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.bars) - 1))

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        self.cursor = len(self.bars) - 1 if end else 0

    def action_open(self) -> None:
        if self.bars:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        if event.y >= 1:
            self.cursor = self._first_visible + event.y - 1
            if event.chain == 2:
                self.action_open()
