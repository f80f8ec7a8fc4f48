"""The console's list of API methods, in groups. It is filtered while the user types."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from flattr_tui.api.method_table import BY_NAME, METHODS, Group, Method
from flattr_tui.ui.bindings import METHOD_FILTER, OPTION_MOVES
from flattr_tui.ui.bindings import METHODS as KEYS
from flattr_tui.ui.widgets.base_widgets import EvenLines, no_match
from flattr_tui.ui.widgets.document_view import find_matches
from flattr_tui.ui.widgets.inputs import LineInput, PageableOptionList

_NAME = max(len(method.name) for method in METHODS) + 2
LOGIN_SYMBOL = "@"
"""The symbol before a method for which one has to be logged in."""
WRITE_SYMBOL = "▲"
"""The symbol before a method that changes something on the server."""
DEFAULT_METHOD = BY_NAME["user"]
"""The method shown first: it needs one parameter and no login."""


def find_methods(text: str) -> list[Method]:
    """Return the API methods that match `text`; "" matches all methods.

    A method matches if each word of the text occurs in its name, group, verb, path or description.
    """
    words = text.casefold().split()
    return [m for m in METHODS if all(word in _searchable_text(m) for word in words)]


def _searchable_text(method: Method) -> str:
    return f"{method.name} {method.group} {method.verb} {method.path} {method.help}".casefold()


def best_match(text: str) -> Method | None:
    """Return the method that matches a text best; None if no method matches.

    The best match is a method whose name equals the text. Next come names that begin with the text, then names that
    contain the text, then all other matches.
    """
    wanted = text.strip().casefold()
    found = find_methods(text)
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
    """The list of the API methods that match the filter, with the name of each group above its methods."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, *OPTION_MOVES]

    def __init__(self) -> None:
        super().__init__(id="method-list", markup=False, compact=True)

    def action_find(self) -> None:
        self.screen.set_focus(self.screen.query_one("#method-filter", Input))


class MethodFilter(LineInput):
    """The filter above the list of methods. The arrow keys move the cursor of the list."""

    BINDINGS: ClassVar[list[BindingType]] = list(METHOD_FILTER)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable enter if the filter matches no API method. All other actions are unchanged."""
        if action == "submit" and isinstance(self.parent, MethodsPane):
            return self.parent.method is not None
        return super().check_action(action, parameters)


class MethodsPane(EvenLines, Vertical):
    """A filter and, below it, the list of the methods that match."""

    class Highlighted(Message):
        """Message: the cursor moved to a method."""

        def __init__(self, method: Method) -> None:
            super().__init__()
            self.method = method

    class Chosen(Message):
        """Message: the user chose a method."""

        def __init__(self, method: Method) -> None:
            super().__init__()
            self.method = method

    def compose(self) -> ComposeResult:
        yield MethodFilter(id="method-filter", placeholder="/ finds a method", compact=True)
        yield MethodList()

    def on_mount(self) -> None:
        self._update_options(DEFAULT_METHOD)

    def _update_options(self, highlighted: Method | None) -> None:
        typed = self.query_one(MethodFilter).value
        found = find_methods(typed)
        options: list[Option] = []
        for group in Group:
            methods = [method for method in found if method.group is group]
            if methods:
                options.append(Option(Content.styled(group.value, "bold $muted"), disabled=True))
                options += [Option(_option_text(method, typed.split()), id=method.name) for method in methods]
        if not found:
            options.append(Option(no_match(typed.strip()), disabled=True))
        self.query_one(MethodList).set_options(options)
        self._highlight(highlighted.name if highlighted is not None else "")
        self.screen.refresh_bindings()

    def _highlight(self, name: str) -> bool:
        methods = self.query_one(MethodList)
        at = next((at for at, option in enumerate(methods.options) if option.id == name), None)
        if at is not None:
            methods.highlighted = at
        return at is not None

    def select(self, name: str) -> None:
        """Move the cursor to the method `name`. If the filter hides the method, clear the filter first."""
        if not self._highlight(name):
            with self.prevent(Input.Changed):
                self.query_one(MethodFilter).value = ""
            self._update_options(BY_NAME[name])

    @property
    def method(self) -> Method | None:
        """The method under the cursor; None if no method matches the filter."""
        option = self.query_one(MethodList).highlighted_option
        return BY_NAME[option.id] if option is not None and option.id else None

    @property
    def is_filtered(self) -> bool:
        """Whether the filter is in use."""
        return bool(self.query_one(MethodFilter).value)

    def clear(self) -> bool:
        """Clear the filter. The cursor stays on the same method. Returns False if the filter was empty already."""
        if not self.is_filtered:
            return False
        chosen = self.method
        with self.prevent(Input.Changed):
            self.query_one(MethodFilter).value = ""
        self._update_options(chosen or DEFAULT_METHOD)
        return True

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        typed = event.input.value  # the input may have changed since the event
        self._update_options(best_match(typed) if typed.strip() else DEFAULT_METHOD)

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


def _option_text(method: Method, words: list[str]) -> Content:
    sign = f"{WRITE_SYMBOL if method.writes else LOGIN_SYMBOL if method.private else ' '} "
    name = Content(f"{method.name:<{_NAME}}")
    does = Content.styled(method.help, "$muted")
    for word in words:
        name, does = _highlight_word(name, word), _highlight_word(does, word)
    return Content.styled(sign, "$accent") + name + does


def _highlight_word(content: Content, word: str) -> Content:
    for at in find_matches(content.plain, word):
        content = content.stylize("bold $accent", at, at + len(word))
    return content
