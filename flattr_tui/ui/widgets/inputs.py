"""Widgets to enter or choose a value: inputs of one line, also for queries and filters, checklists and option lists."""

import re
from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.input import Selection
from textual.widgets.option_list import Option

from flattr_tui.model.tag_expression import TagSyntaxError, parse_tags
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import CHOICE, FILTER_FIELD, OPTIONS, QUERY_FIELD
from flattr_tui.ui.widgets.base_widgets import no_match

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S", re.IGNORECASE)


class PageableOptionList(OptionList):
    """An option list that ignores page up and page down while no line is visible. Textual would raise an error."""

    def move(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) option, and from the last option to the first."""
        self.action_cursor_down() if by > 0 else self.action_cursor_up()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class PageOptionList(PageableOptionList):
    """An option list on a page. The key bar shows enter only while an option is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)


def join_lines(text: str) -> str:
    """Return the lines of a pasted text as one line, with a blank between two lines.

    If the text is one address that a terminal or an e-mail program has wrapped, nothing is put between the lines. A
    text is taken for one address if it begins with a scheme, no line contains a blank, and no other line begins with a
    scheme.
    """
    if len(text.splitlines()) < 2 and not text.endswith(("\n", "\r")):
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    is_address = bool(lines) and _ADDRESS.match(lines[0]) is not None
    is_one = is_address and not any(" " in line or _ADDRESS.match(line) for line in lines[1:]) and " " not in lines[0]
    return ("" if is_one else " ").join(lines)


class LineInput(Input):
    """An input that joins the lines of a pasted text. Textual's `Input` keeps only the first line."""

    def action_copy(self) -> None:
        """Copy the selected text, and end the selection, so that the next ctrl+c can quit."""
        super().action_copy()
        self.selection = Selection.cursor(self.cursor_position)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if text := join_lines(event.text):
            self.replace(text, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(text)


class TypeAheadList(PageableOptionList):
    """An option list in which typed letters move the cursor to the first label or word that begins with them."""

    class Typed(Message):
        """Message: the typed letters have changed."""

        def __init__(self, text: str, *, is_found: bool) -> None:
            super().__init__()
            self.text, self.is_found = text, is_found

        @property
        def content(self) -> Content:
            """The typed letters; if no option begins with them, a text that says so."""
            return Content.styled(self.text, "$accent") if self.is_found else no_match(self.text)

    _typed = ""
    _is_found = True

    @property
    def labels(self) -> list[str]:
        """The labels of all options."""
        return [str(option.prompt) for option in self.options]

    def accept(self) -> None:
        """Choose the highlighted option. Enter calls this once the letters typed before enter are handled."""
        self.action_select()

    def on_key(self, event: events.Key) -> None:
        """Add a typed letter, and move the cursor to the first label that matches all letters typed.

        Enter is handled here, too, so that enter acts after the letters typed before. Enter does nothing if these
        letters match no label.
        """
        if event.key == "enter":
            if self._is_found:
                self.accept()
        elif event.key == "backspace" and self._typed:
            self.jump_to(self._typed[:-1])
        elif event.is_printable and event.character and not (event.character == " " and not self._typed.strip()):
            typed = self._typed + event.character
            if event.character == " " and self._find(typed) is None:
                return
            is_restart = self._find(typed) is None and self._find(event.character) is not None
            self.jump_to(event.character if is_restart else typed)
        else:
            if not event.is_printable and self._typed:
                self.jump_to("")
            return
        event.stop()

    def jump_to(self, text: str) -> None:
        """Move the cursor to the first label that matches `text`; if none does, the cursor stays."""
        found = self._find(text) if text else None
        self._typed, self._is_found = text, found is not None or not text
        if found is not None:
            self.highlighted = found
        self.post_message(self.Typed(text, is_found=self._is_found))

    def _find(self, text: str) -> int | None:
        begin = text.casefold()
        labels = [label.casefold() for label in self.labels]
        starts = [at for at, label in enumerate(labels) if label.startswith(begin)]
        starts += [at for at, label in enumerate(labels) if f" {begin}" in label]
        return starts[0] if starts else None


class Checklist(PageableOptionList):
    """A list of choices with boxes, which space checks or unchecks. A checked box contains a cross.

    Textual's `SelectionList` shows the state of a box only by its colour, which not every terminal has.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark", show=False, id="checklist.mark"),
        Binding("j", "cursor_down", "down", show=False, id="checklist.down"),
        Binding("k", "cursor_up", "up", show=False, id="checklist.up"),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        """List `choices`, pairs of a value and a label. The values in `checked` are checked at first."""
        self._choices = choices
        self._checked = {value for value, _ in choices if value in checked}
        super().__init__(*(Option(self._prompt(value, text)) for value, text in choices), markup=False, compact=True)

    def _prompt(self, value: str, text: str) -> Content:
        box = Content.styled("[×]", "bold $accent") if value in self._checked else Content.styled("[ ]", "$muted")
        return box + Content(f" {text}")

    @property
    def selected(self) -> tuple[str, ...]:
        """The checked values, in the order of the choices."""
        return tuple(value for value, _ in self._choices if value in self._checked)

    def action_mark(self) -> None:
        if self.highlighted is not None:
            value, text = self._choices[self.highlighted]
            self._checked ^= {value}
            self.replace_option_prompt_at_index(self.highlighted, self._prompt(value, text))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark()


class ChoicePicker(Checklist, TypeAheadList):
    """A checklist in which typed letters move the cursor to a choice."""

    class Done(Message):
        """Message: the user has chosen. The property `answer` of the picker contains the chosen values."""

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        super().__init__(choices, checked)
        self._marked_any = False
        first = next((at for at, (value, _) in enumerate(choices) if value in checked), None)
        self._first = first or 0

    def on_mount(self) -> None:
        self.highlighted = self._first

    @property
    def labels(self) -> list[str]:
        """The labels of all choices, without their boxes."""
        return [text for _, text in self._choices]

    @property
    def answer(self) -> tuple[str, ...]:
        """The values that the user chose: all checked values, or only the value under the cursor.

        The cursor starts on the first checked value. If the user has only moved it to another value, without checking
        or unchecking any, the answer is the value under the cursor. If no value was ever checked, the answer is also
        the value under the cursor. Otherwise, the answer is the checked values.
        """
        if self.highlighted is None or self._marked_any or (self.selected and self.highlighted == self._first):
            return self.selected
        return (self._choices[self.highlighted][0],)

    def action_mark(self) -> None:
        self._marked_any = True
        self.jump_to("")
        super().action_mark()

    def accept(self) -> None:
        """Take the chosen values as the answer: post `Done`."""
        self.post_message(self.Done())


def label_option(text: str, *, is_chosen: bool) -> Content:
    """Return the label of an option. The label of a chosen option is highlighted and stands between ‹ and ›."""
    return Content.styled(f"‹{text}›", "bold $accent") if is_chosen else Content.styled(text, "$muted")


class InlineSelect(Widget, can_focus=True):
    """Shows options on one line, the chosen one between ‹ and ›. If they don't fit, only the chosen one is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in CHOICE if binding.action.startswith("turn")]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    InlineSelect { height: 1; width: 1fr; }
    InlineSelect:focus { background: $cursor; }
    InlineSelect:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, choices: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        """Offer `choices`, pairs of a value and a label. The first one is chosen."""
        super().__init__(id=id)
        self._choices = choices
        self.set_reactive(InlineSelect.value, choices[0][0])

    def render(self) -> Content:
        chosen = self._chosen
        label = Content("  ").join(label_option(pair[1], is_chosen=pair is chosen) for pair in self._choices)
        return label if label.cell_length <= self.content_size.width else label_option(chosen[1], is_chosen=True)

    @property
    def _chosen(self) -> tuple[str, str]:
        return next(choice for choice in self._choices if choice[0] == self.value)

    def action_turn(self, by: int) -> None:
        at = self._choices.index(self._chosen)
        self.value = self._choices[(at + by) % len(self._choices)][0]

    def on_click(self) -> None:
        self.action_turn(1)


class QueryInput(LineInput):
    """An input for a query. The key f1 opens help about the query language; so does `?` in an empty input."""

    BINDINGS: ClassVar[list[BindingType]] = list(QUERY_FIELD)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """If the input is not empty, disable `?` as a key for help, so that it can be typed."""
        return not self.value if action == "explain_empty" else super().check_action(action, parameters)

    def action_explain(self) -> None:
        app_of(self).show_query_help()

    def action_explain_empty(self) -> None:
        self.action_explain()


class FilterInput(QueryInput):
    """The input that filters a list. Enter and down move the focus to `rows`, the widget with the rows of the list.

    `what` is the plural noun for the items of the list, such as `things`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*FILTER_FIELD, *QUERY_FIELD]

    def __init__(self, what: str, rows: Widget, text: str = "") -> None:
        super().__init__(text, placeholder=f"filter {what}; ? explains", compact=True, classes="-shown" if text else "")
        self._rows = rows

    def open(self) -> None:
        """Show and focus the input."""
        self.add_class("-shown")
        self.screen.set_focus(self)  # synchronously, because the next key is its first letter

    def close(self) -> bool:
        """Clear and hide the input, and focus the rows of the list. Returns False if the input was hidden already."""
        if not self.has_class("-shown"):
            return False
        self.value = ""
        self.remove_class("-shown")
        self._rows.focus()
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(bool(self.value), "-shown")
        self._rows.focus()

    def key_down(self) -> None:
        """Move the focus to the rows of the list."""
        self._rows.focus()


def find_syntax_error(text: str) -> TagSyntaxError | None:
    """Return the syntax error of a tag expression; None if the expression is valid or empty."""
    if not text.strip():
        return None
    try:
        parse_tags(text)
    except TagSyntaxError as error:
        return error
    return None


class TagHighlighter(Highlighter):
    """Highlights the operators of a tag expression, and the position of a syntax error in it."""

    def highlight(self, text: Text) -> None:
        """Add styles to a text that contains a tag expression."""
        text.highlight_regex(r"[|&!]", "bold")
        if (error := find_syntax_error(text.plain)) is not None:
            text.stylize("reverse", min(error.position, max(0, len(text.plain) - 1)))
