"""The base class of all dialogs, and dialogs that ask for one of several answers, or for yes or no."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.app_protocol import copy_selection
from flattr_tui.ui.widgets.base_widgets import SteadyText
from flattr_tui.ui.widgets.checklist import TypeAheadList
from flattr_tui.ui.widgets.inputs_and_option_lists import PageableOptionList

Answer = TypeVar("Answer")
"""The type of a dialog's result."""

MIN_FRAMED_HEIGHT = 8
"""Minimum height of the terminal in lines at which a dialog has a frame. Below it, the frame would hide the input."""


class Dialog(ModalScreen[Answer]):
    """A dialog: a frame in the middle of the screen, around which the page below stays visible."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 -- Textual's declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "app.quit", "quit", show=False, id="app.quit"),
        Binding("ctrl+c", "interrupt", "quit", show=False, id="app.interrupt"),
    ]
    """The keys that quit the app, because the app's bindings do not reach a modal screen."""

    LIST_LINES: ClassVar[int] = 14
    """Maximum number of visible lines of the list of answers, or of the part that scrolls."""

    def action_move(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) answer."""
        self.query_one(PageableOptionList).move(by)

    def action_copy_text(self) -> None:
        """Copy the text that is selected with the mouse."""
        copy_selection(self)

    async def action_interrupt(self) -> None:
        """Copy the selected text; without a selection, quit at the second ctrl+c."""
        try:
            copy_selection(self)
        except SkipAction:
            await self.run_action("app.quit_twice")

    def on_resize(self) -> None:
        """Fit the list of answers into the frame. On a low terminal, show no frame."""
        self.set_class(self.size.height < MIN_FRAMED_HEIGHT, "-flat")
        self.call_after_refresh(self.fit_list)

    def fit_list(self) -> None:
        """Limit the height of the list to the room that the frame has."""
        for frame in self.query(".dialog"):
            shown = [child for child in frame.children if child.display]
            lists = [child for child in shown if isinstance(child, OptionList | VerticalScroll)]
            if len(lists) == 1:
                others = (
                    sum(child.outer_size.height + child.styles.margin.height for child in shown)
                    - lists[0].outer_size.height
                )
                percent = int(limit.value) if (limit := frame.styles.max_height) is not None else 100
                room = self.size.height * percent // 100 - frame.gutter.height - others
                lists[0].styles.max_height = max(2, min(self.LIST_LINES, room))
                if isinstance(lists[0], OptionList):
                    lists[0].call_after_refresh(lists[0].scroll_to_highlight)


SEPARATOR = Content(" · ")


class KeyHints(Widget):
    """Shows keys and what they do, as pairs such as (`enter`, `starts`), the most important key first.

    On a low terminal there is only one line (`dialog.tcss`), with as many keys as fit.
    """

    DEFAULT_CSS = "KeyHints { width: 1fr; height: auto; color: $muted; }"

    keys: reactive[tuple[tuple[str, str], ...]] = reactive[tuple[tuple[str, str], ...]]((), layout=True)

    def __init__(self, *keys: tuple[str, str], id: str | None = None) -> None:
        super().__init__(id=id, classes="answers")
        self.set_reactive(KeyHints.keys, keys)

    def render(self) -> Content:
        hints = [Content.assemble((key, "bold $primary"), f" {does}") for key, does in self.keys]
        line = SEPARATOR.join(hints)
        is_limited = (height := self.styles.height) is not None and not height.is_auto
        while is_limited and len(hints) > 1 and line.cell_length > self.content_size.width:
            hints.pop()
            line = SEPARATOR.join(hints)
        return line


class ChoiceDialog(Dialog[str | None]):
    """Asks for one of several answers. The result is the id of the answer; None if the user cancelled the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "back", id="pick.cancel"),
        Binding("j", "move(1)", "down", show=False, id="pick.down"),
        Binding("k", "move(-1)", "up", show=False, id="pick.up"),
    ]

    def __init__(self, question: str, answers: Sequence[tuple[str, str]], chosen: str = "") -> None:
        """Ask `question` with `answers`, pairs of an id and a text.

        The cursor starts at the answer with the id `chosen`; with "", at the first answer.
        """
        super().__init__()
        self._question = question
        self._answers = answers
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield PageableOptionList(*(Option(Content(text)) for _, text in self._answers), markup=False, compact=True)
            yield KeyHints(("enter", "chooses"), ("esc", "cancel"))

    def on_mount(self) -> None:
        ids = [name for name, _ in self._answers]
        self.query_one(OptionList).highlighted = ids.index(self._chosen) if self._chosen in ids else 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._answers[event.option_index][0])

    def action_cancel(self) -> None:
        self.dismiss(None)


class PickDialog(ChoiceDialog):
    """Asks for one of many answers. Typed letters move the cursor to an answer."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield TypeAheadList(*(Option(Content(text)) for _, text in self._answers), markup=False, compact=True)
            yield SteadyText(classes="typed")
            yield KeyHints(("enter", "chooses"), ("esc", "cancel"), ("letters", "jump"))

    @on(TypeAheadList.Typed)
    def _typed(self, event: TypeAheadList.Typed) -> None:
        event.stop()
        self.query_one(".typed", SteadyText).update(event.content)


class ConfirmDialog(Dialog[bool]):
    """Asks before an action that can't be undone or costs money. The result says whether the user agreed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "yes", id="confirm.yes"),
        Binding("escape,n,q,backspace", "answer(False)", "no", id="confirm.no"),
    ]

    def __init__(self, question: str, note: str = "") -> None:
        super().__init__()
        self._question = question
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            if self._note:
                yield Static(Content.styled(self._note, "$muted"), markup=False)
            yield KeyHints(("enter", "yes"), ("esc", "no"))

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
