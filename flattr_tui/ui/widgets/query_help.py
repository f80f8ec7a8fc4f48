"""A dialog that explains the query language by examples."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flattr_tui.model.query import EXAMPLES
from flattr_tui.ui.widgets.dialog import Dialog

WIDE = 76
"""Minimum width in cells at which an example and its meaning stand on one line."""

SERVER_NOTE = (
    "A row must match all parts of a query. Flattr's own search knows words, tags, categories, languages and one \
owner; the program applies the rest to its results."
)


class QueryHelp(Dialog[None]):
    """Lists examples of every part of the query language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,f1,enter", "dismiss", "back", id="syntax.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="syntax.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="syntax.up"),
        Binding("pagedown,space", "scroll(8)", "page down", show=False, id="syntax.page_down"),
        Binding("pageup", "scroll(-8)", "page up", show=False, id="syntax.page_up"),
    ]

    LIST_LINES = 10_000

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"), VerticalScroll(can_focus=False):
            yield Static(markup=False, id="examples")

    def on_mount(self) -> None:
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        width = max(len(example) for example, _ in EXAMPLES) + 2 if self.app.size.width >= WIDE else 0
        lines = [Content.styled("Queries in filters and searches", "bold"), Content("")]
        for example, meaning in EXAMPLES:
            if width:
                lines.append(Content.styled(example.ljust(width), "$primary") + Content(meaning))
            else:
                lines += [Content.styled(example, "$primary"), Content.styled(f"  {meaning}", "$muted")]
        lines += [Content(""), Content.styled(SERVER_NOTE, "$muted")]
        self.query_one("#examples", Static).update(Content("\n").join(lines))

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
