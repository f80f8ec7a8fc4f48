"""The base class of all dialogs, and the common ones: pick an answer, confirm, enter a line, choose several."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.app_protocol import app_of, copy_selection
from flattr_tui.ui.widgets.base_widgets import SteadyText, no_match
from flattr_tui.ui.widgets.inputs import ChoicePicker, LineInput, PageableOptionList, TypeAheadList

Answer = TypeVar("Answer")
"""The type of a dialog's result."""

MIN_FRAMED_HEIGHT = 8
"""Minimum height of the terminal in lines at which a dialog has a frame. Below it, the frame would hide the input."""


class Dialog(ModalScreen[Answer]):
    """A dialog: a frame in the middle of the screen, around which the page below stays visible."""

    CSS_PATH = Path(__file__).with_name("dialogs.tcss")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 -- Textual's declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "app.quit", "quit", show=False, id="app.quit"),
        Binding("ctrl+c", "interrupt", "quit", show=False, id="app.interrupt"),
    ]
    """The keys that quit the app, because the app's bindings do not reach a modal screen."""

    LIST_LINES: ClassVar[int] = 14
    """Maximum number of visible lines of the list of answers, or of the part that scrolls."""

    def on_mount(self) -> None:
        """Remove the notices, which would cover the dialog."""
        app_of(self).dismiss_notices()

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

    On a low terminal there is only one line (`dialogs.tcss`), with as many keys as fit.
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


class YesNoDialog(Dialog[bool]):
    """A dialog that asks a question. The result says whether the user agreed. Subclasses have keys for `answer`.

    A key that was read before the question was shown does not agree. In a text that a terminal pastes as if it were
    typed, an `f` would ask, and the next `y` would flattr.
    """

    _shown_at = math.inf
    _is_unread = False
    """Whether the last key was read before the question was shown."""

    def on_mount(self) -> None:
        self._shown_at = time.monotonic()

    def on_key(self, event: events.Key) -> None:
        self._is_unread = event.time < self._shown_at

    def action_answer(self, answer: bool) -> None:
        """Close the dialog with an answer, unless it is `True` by a key that was read before the question."""
        if not (answer and self._is_unread):
            self.dismiss(answer)


class ConfirmDialog(YesNoDialog):
    """Asks before an action that can't be undone or costs money."""

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


MAX_SUGGESTIONS = 8
"""Maximum number of suggestions that are visible at a time."""


class PromptDialog(Dialog[str]):
    """Asks for a line of text, and offers suggestions. The result is the answer; "" if the user gave none.

    A list shows the suggestions that match the typed text, the best match first. The last line of the list is the typed
    text itself. Whenever the text changes, the first line is highlighted. Enter accepts the highlighted line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="prompt.cancel"),
        Binding("down", "move(1)", "next", show=False, id="prompt.down"),
        Binding("up", "move(-1)", "previous", show=False, id="prompt.up"),
        Binding("tab", "complete", "complete", show=False, priority=True, id="prompt.complete"),
    ]

    class SuggestionsFound(Message):
        """Message: `names` contains more suggestions. They were found after the dialog was opened."""

        def __init__(self, names: Sequence[str]) -> None:
            super().__init__()
            self.names = names

    def __init__(
        self,
        question: str,
        suggestions: Sequence[str] = (),
        *,
        literal: str = "Take",
        preview: Callable[[str], None] | None = None,
        initial: str = "",
    ) -> None:
        """Ask `question`, and offer `suggestions` and the typed text as answers.

        `literal` is the verb before the typed text in the list, such as `Go to` in `Go to “ada”`. If `literal` is "",
        the typed text is not offered: only a suggestion can be the answer. `preview` is called with each answer that is
        highlighted; None calls nothing. `initial` is the text in the input at first. It is selected, so that the first
        letter typed replaces it.
        """
        super().__init__()
        self._question = question
        self._suggestions = list(dict.fromkeys(suggestions))
        self._literal = literal
        self._preview = preview
        self._initial = initial
        self.is_awaiting_data = False
        """Whether more suggestions are still being read."""
        self._suggested_for = ""
        self._answers: list[str] = []
        """The answer that each line of the list stands for."""
        self._labels: list[Content] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield LineInput(self._initial, compact=True)
            yield PageableOptionList(markup=False, compact=True)
            yield KeyHints()

    def _update_hints(self) -> None:
        """Show which keys the dialog accepts. The key `enter` is shown only if the list has an answer to accept."""
        enter = [("enter", "chooses" if self._suggestions else "accepts")] if self._marked else []
        others = [("↓ ↑", "others" if enter else "choose")] if len(self._answers) > len(enter) else []
        self.query_one(KeyHints).keys = (*enter, ("esc", "back"), *others)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._suggest(self._initial)

    def on_prompt_dialog_suggestions_found(self, event: SuggestionsFound) -> None:
        event.stop()
        self.is_awaiting_data = False
        marked = self._marked
        self._suggestions = list(dict.fromkeys((*self._suggestions, *event.names)))
        self._suggest(self.query_one(Input).value)
        if marked in self._answers:
            self.query_one(OptionList).highlighted = self._answers.index(marked)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._suggest(event.value)

    def _suggest(self, value: str) -> None:
        text = value.strip()
        found = rank_matches(text, self._suggestions)[:MAX_SUGGESTIONS]
        self._suggested_for = text
        self._answers, self._labels = list(found), [Content(name) for name in found]
        if text and self._literal and text not in found:
            self._answers.append(text)
            self._labels.append(Content.styled(f"{self._literal} “{text}”", "$muted" if found else ""))
        options = self.query_one(OptionList)
        options.set_options([Option(label) for label in map(_unmarked, self._labels)])
        if text and not self._answers:
            options.add_option(Option(no_match(text), disabled=True))
        options.display = bool(options.option_count)
        options.highlighted = 0 if text and self._answers else None
        self._update_hints()
        self.fit_list()

    @property
    def _marked(self) -> str:
        at = self.query_one(OptionList).highlighted
        return self._answers[at] if at is not None and at < len(self._answers) else ""

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        options = event.option_list
        for at, label in enumerate(self._labels):
            on_it = at == options.highlighted
            options.replace_option_prompt_at_index(
                at, Content.styled("▸ ", "$accent") + label if on_it else _unmarked(label)
            )
        self._update_hints()
        if self._preview is not None and self._marked:
            self._preview(self._marked)

    def action_complete(self) -> None:
        if self._answers:
            entry = self.query_one(Input)
            entry.value = self._marked or self._answers[0]
            entry.cursor_position = len(entry.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (text := event.value.strip()) and self._suggested_for != text:
            self._suggest(text)
        if self._answers or not event.value.strip():
            self.dismiss(self._marked)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._answers[event.option_index])

    def action_cancel(self) -> None:
        self.dismiss("")


def _unmarked(label: Content) -> Content:
    return Content("  ") + label


class MultipleChoiceDialog(Dialog[tuple[str, ...] | None]):
    """Asks for any number of choices. The result is the chosen values; None if the user cancelled the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="choose.cancel"),
    ]

    def __init__(self, question: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
        """Ask `question` with `choices`, pairs of a value and a label. The values in `chosen` are checked at first."""
        super().__init__()
        self._question = question
        self._choices = choices
        self._chosen = frozenset(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield ChoicePicker(self._choices, self._chosen)
            yield SteadyText(classes="typed")
            yield KeyHints(("enter", "accepts"), ("esc", "back"), ("space", "marks"), ("letters", "jump"))

    @on(TypeAheadList.Typed)
    def _typed(self, event: ChoicePicker.Typed) -> None:
        event.stop()
        self.query_one(".typed", SteadyText).update(event.content)

    @on(ChoicePicker.Done)
    def _done(self, event: ChoicePicker.Done) -> None:
        event.stop()
        self.dismiss(self.query_one(ChoicePicker).answer)

    def action_cancel(self) -> None:
        self.dismiss(None)


def rank_matches(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that match `text`, the best match first; "" matches all names. Case doesn't matter.

    These names match, in this order: the name that equals the text, names that begin with the text, names with a word
    that begins with the text, and names that contain the text elsewhere. Last come names that contain all letters of
    the text in the right order, but with other letters between them; those with the fewest other letters are first.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return list(names)
    ranked: list[tuple[tuple[int, int], str]] = []
    for name in names:
        rank = _rank(wanted, name.casefold())
        if rank is not None:
            ranked.append((rank, name))
    return [name for _, name in sorted(ranked, key=lambda pair: pair[0])]


def _rank(wanted: str, name: str) -> tuple[int, int] | None:
    if name == wanted:
        return 0, 0
    at = name.find(wanted)
    if at == 0:
        return 1, 0
    if at > 0:
        places = (place for place in range(at, len(name)) if name.startswith(wanted, place))
        return (3 if all(name[place - 1].isalnum() for place in places) else 2), 0
    distance = _letter_distance(wanted, name)
    return None if distance is None else (4, distance)


def _letter_distance(wanted: str, name: str) -> int | None:
    """Find the letters of `wanted` in `name`, in their order, and return how far apart the first and last of them are.

    Returns None if `name` does not contain all letters in this order.
    """
    letters = [letter for letter in wanted if not letter.isspace()]
    at = begin = -1
    for letter in letters:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
        begin = at if begin < 0 else begin
    return at - begin
