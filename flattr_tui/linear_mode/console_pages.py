"""The pages of linear mode that list and describe the methods of the API."""

from collections.abc import Iterable

from flattr_tui.api.method_table import METHODS, Method
from flattr_tui.library.api_descriptions import describe_method
from flattr_tui.linear_mode.pages import NumberedItem, Page, PageContext


class ConsolePage(Page):
    """The page that lists the API's methods. Typing the number of a method opens the page that describes the method."""

    title = "Console: the methods of the API"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._entries = [self._entry(method) for method in METHODS]

    def _entry(self, method: Method) -> NumberedItem:
        login = ", with a login" if method.private else ""
        return NumberedItem(f"{method.name}: {method.help}{login}", open=lambda: MethodPage(self.context, method))

    def remarks(self) -> Iterable[str]:
        yield "Type a method's number to see what it takes, and how to send it."
        yield "get METHOD NAME=VALUE … sends a request, for example: get user-things username=ada count=2."


class MethodPage(Page):
    """The page that describes one method of the API: its parameters, its response, and how to send it."""

    def __init__(self, context: PageContext, method: Method) -> None:
        super().__init__(context)
        self._method = method
        self.title = f"Method {method.name}"

    def describe(self) -> Iterable[str]:
        command = "  flattr-tui "
        for line in describe_method(self._method):
            if line:
                told = line.removeprefix(command) if line.startswith(command) else " ".join(line.split())
                yield told.replace("--yes sends it", "you are asked before it is sent")

    def remarks(self) -> Iterable[str]:
        yield "Type the last line, with your values, to send the request."
