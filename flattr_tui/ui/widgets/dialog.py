"""The base class of all dialogs."""

from pathlib import Path
from typing import ClassVar, TypeVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from flattr_tui.ui.text_selection import copy_selection

Answer = TypeVar("Answer")
"""What a dialog returns."""

FRAME_PERCENT = 90
"""Most of the screen's height that a frame may fill, in percent."""


MIN_FRAMED_HEIGHT = 8
"""Height of the terminal in cells below which a dialog has no frame, so that its field is seen."""


class Dialog(ModalScreen[Answer]):
    """A frame in the middle of the screen; around it the page below stays visible."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 -- Textual's declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "app.quit", "quit", show=False, id="app.quit"),
        Binding("ctrl+c", "interrupt", "quit", show=False, id="app.interrupt"),
    ]
    """The app's own way out: its bindings do not reach a modal screen."""

    LIST_LINES: ClassVar[int] = 14
    """Most lines of the list of answers that are shown at a time."""

    def action_copy_text(self) -> None:
        """Copy what is selected with the mouse."""
        copy_selection(self)

    async def action_interrupt(self) -> None:
        """Copy the selected text; without a selection, quit when pressed twice."""
        try:
            copy_selection(self)
        except SkipAction:
            await self.run_action("app.quit_twice")

    def on_resize(self) -> None:
        """Fit the list of answers into the frame, since the rest would be cut off; on few lines there is no frame."""
        self.set_class(self.size.height < MIN_FRAMED_HEIGHT, "-flat")
        self.call_after_refresh(self.fit_list)

    def fit_list(self) -> None:
        """Limit the height of the list to the room in the frame."""
        for frame in self.query(".dialog"):
            shown = [child for child in frame.children if child.display]
            lists = [child for child in shown if isinstance(child, OptionList)]
            if len(lists) == 1:
                others = (
                    sum(child.outer_size.height + child.styles.margin.height for child in shown)
                    - lists[0].outer_size.height
                )
                room = self.size.height * FRAME_PERCENT // 100 - frame.gutter.height - others
                lists[0].styles.max_height = max(2, min(self.LIST_LINES, room))
                lists[0].call_after_refresh(lists[0].scroll_to_highlight)


class KeyHints(Static):
    """Shows pairs of a key and what it does: `enter`, `starts`."""

    DEFAULT_CSS = "KeyHints { width: 1fr; height: auto; color: $muted; }"

    def __init__(self, *keys: tuple[str, str], id: str | None = None) -> None:
        text = (Content.assemble((key, "bold $primary"), f" {does}") for key, does in keys)
        super().__init__(Content(" · ").join(text), id=id, classes="answers", markup=False)
