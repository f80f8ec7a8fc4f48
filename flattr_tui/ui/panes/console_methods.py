"""The methods of the API, in their groups, found by typing."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from flattr_tui.api.methods import BY_NAME, METHODS, Group, Method
from flattr_tui.ui.keys import METHODS as KEYS

_NAME = max(len(method.name) for method in METHODS) + 2


def matching(text: str) -> list[Method]:
    """Find methods by words that stand in their names, groups, paths or descriptions."""
    words = text.casefold().split()
    return [m for m in METHODS if all(word in f"{m.name} {m.group} {m.path} {m.help}".casefold() for word in words)]


class MethodList(OptionList):
    """The methods that are found; the group's names between them."""

    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)

    def __init__(self) -> None:
        super().__init__(id="method-list", markup=False, compact=True)

    def action_find(self) -> None:
        """Type what is looked for."""
        self.screen.query_one("#method-filter", Input).focus()


class MethodFilter(Input):
    """What is looked for; the arrows go through what is found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.focus_methods", "methods", show=False, tooltip="To what is found", id="console.found"),
    ]


class MethodsPane(Vertical):
    """Chooses a method; posts `Highlighted` for one that is looked at, `Chosen` for one that is taken."""

    class Highlighted(Message):
        """A method is looked at."""

        def __init__(self, method: Method) -> None:
            super().__init__()
            self.method = method

    class Chosen(Message):
        """A method is taken."""

    def compose(self) -> ComposeResult:
        """The filter and the list."""
        yield MethodFilter(id="method-filter", placeholder="/ finds a method", compact=True)
        yield MethodList()

    def on_mount(self) -> None:
        """List all."""
        self._list(METHODS[8].name)

    def _list(self, highlighted: str = "") -> None:
        found = matching(self.query_one(MethodFilter).value)
        options: list[Option] = []
        for group in Group:
            methods = [method for method in found if method.group is group]
            if methods:
                options.append(Option(Content.styled(group.value, "$muted"), disabled=True))
                options += [Option(_told(method), id=method.name) for method in methods]
        methods_list = self.query_one(MethodList)
        methods_list.set_options(options)
        self.select(highlighted or (found[0].name if found else ""))

    def select(self, name: str) -> None:
        """Look at a method."""
        methods = self.query_one(MethodList)
        ids = [option.id for option in methods.options]
        if name and name not in ids and self.query_one(MethodFilter).value:
            self.query_one(MethodFilter).value = ""
            self._list(name)
        elif name in ids:
            methods.highlighted = ids.index(name)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Chosen())

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.Highlighted(BY_NAME[event.option_id]))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen())


def _told(method: Method) -> Content:
    sign = "✎ " if method.writes else "⚿ " if method.private else "  "
    return Content.assemble((sign, "$accent"), f"{method.name:<{_NAME}}", (method.help, "$muted"))
