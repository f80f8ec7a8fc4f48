"""The methods of the API, in their groups, found by typing."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from flattr_tui.api.methods import BY_NAME, METHODS, Group, Method
from flattr_tui.ui.bindings import METHOD_FILTER
from flattr_tui.ui.bindings import METHODS as KEYS
from flattr_tui.ui.panes.console_symbols import FOR_LOGIN, WRITES
from flattr_tui.ui.widgets.document_folds import find_matches
from flattr_tui.ui.widgets.line_input import LineInput
from flattr_tui.ui.widgets.option_list import PageableOptionList

_NAME = max(len(method.name) for method in METHODS) + 2


FIRST = BY_NAME["user"]
"""Where one begins: it asks for little, and anybody may send it."""


def matching(text: str) -> list[Method]:
    """Find methods by words that stand in their names, groups, verbs, paths or descriptions."""
    words = text.casefold().split()
    return [m for m in METHODS if all(word in _looked_in(m) for word in words)]


def _looked_in(method: Method) -> str:
    return f"{method.name} {method.group} {method.verb} {method.path} {method.help}".casefold()


def best(text: str) -> Method | None:
    """Find the method that is meant most likely: its name is the text, begins so, has it inside; else the first."""
    wanted = text.strip().casefold()
    found = matching(text)
    ranks = (
        lambda method: method.name == wanted,
        lambda method: method.name.startswith(wanted),
        lambda method: wanted in method.name,
    )
    for fits in ranks:
        for method in found:
            if wanted and fits(method):
                return method
    return found[0] if found else None


class MethodList(PageableOptionList):
    """The methods that are found; the group's names between them."""

    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)

    def __init__(self) -> None:
        super().__init__(id="method-list", markup=False, compact=True)

    def action_find(self) -> None:
        """Type what is looked for: the next key already."""
        self.screen.set_focus(self.screen.query_one("#method-filter", Input))


class MethodFilter(LineInput):
    """What is looked for; the arrows go through what is found."""

    BINDINGS: ClassVar[list[BindingType]] = list(METHOD_FILTER)


class MethodsPane(Vertical):
    """Chooses a method; posts `Highlighted` for one that is looked at, `Chosen` for one that is taken."""

    class Highlighted(Message):
        """A method is looked at."""

        def __init__(self, method: Method) -> None:
            super().__init__()
            self.method = method

    class Chosen(Message):
        """A method is taken."""

        def __init__(self, method: Method) -> None:
            super().__init__()
            self.method = method

    def compose(self) -> ComposeResult:
        """The filter and the list."""
        yield MethodFilter(id="method-filter", placeholder="/ finds a method", compact=True)
        yield MethodList()

    def on_mount(self) -> None:
        """List all."""
        self._list(FIRST)

    def _list(self, highlighted: Method | None) -> None:
        typed = self.query_one(MethodFilter).value
        found = matching(typed)
        options: list[Option] = []
        for group in Group:
            methods = [method for method in found if method.group is group]
            if methods:
                options.append(Option(Content.styled(group.value, "bold $muted"), disabled=True))
                options += [Option(_told(method, typed.split()), id=method.name) for method in methods]
        if not found:
            told = Content.styled(f"No method has “{typed.strip()}” in its name, path or description.", "$muted")
            options.append(Option(told, disabled=True))
        self.query_one(MethodList).set_options(options)
        self._look_at(highlighted.name if highlighted is not None else "")

    def _look_at(self, name: str) -> bool:
        methods = self.query_one(MethodList)
        at = next((at for at, option in enumerate(methods.options) if option.id == name), None)
        if at is not None:
            methods.highlighted = at
        return at is not None

    def select(self, name: str) -> None:
        """Look at a method, and list all where it is not among those that are found."""
        if not self._look_at(name):
            with self.prevent(Input.Changed):
                self.query_one(MethodFilter).value = ""
            self._list(BY_NAME[name])

    @property
    def method(self) -> Method | None:
        """The method that is looked at; None where none is found."""
        option = self.query_one(MethodList).highlighted_option
        return BY_NAME[option.id] if option is not None and option.id else None

    @property
    def is_narrowed(self) -> bool:
        """Whether not all methods are listed."""
        return bool(self.query_one(MethodFilter).value)

    def clear(self) -> bool:
        """List all methods again, the cursor on its own; False where all are listed."""
        if not self.is_narrowed:
            return False
        chosen = self.method
        with self.prevent(Input.Changed):
            self.query_one(MethodFilter).value = ""
        self._list(chosen or FIRST)
        return True

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        typed = event.input.value  # more may have been typed since
        self._list(best(typed) if typed.strip() else FIRST)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.method is not None:
            self.post_message(self.Chosen(self.method))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.Highlighted(BY_NAME[event.option_id]))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.Chosen(BY_NAME[event.option_id]))


def _told(method: Method, words: list[str]) -> Content:
    sign = f"{WRITES if method.writes else FOR_LOGIN if method.private else ' '} "
    name = Content(f"{method.name:<{_NAME}}")
    does = Content.styled(method.help, "$muted")
    for word in words:
        name, does = _marked(name, word), _marked(does, word)
    return Content.styled(sign, "$accent") + name + does


def _marked(content: Content, word: str) -> Content:
    for at in find_matches(content.plain, word):
        content = content.stylize("bold $accent", at, at + len(word))
    return content
