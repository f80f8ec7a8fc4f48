"""A workspace for tests of the API console, and functions that fill in its form and read parts of its screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import History
from flattr_tui.library.library import Library
from flattr_tui.library.preferences import Preferences
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from flattr_tui.ui.panes.console_form import ConsoleForm
from flattr_tui.ui.panes.console_methods import MethodsPane
from flattr_tui.ui.panes.console_requests import ConfirmSendDialog
from flattr_tui.ui.widgets.document_view import DocumentView
from tests.ui.driver import Driver, clock
from tests.ui.workspace import Workspace

FOREVER = 3600.0
"""A delay in seconds that is longer than any test."""
NOBODY = "zz"
"""A user name that does not exist. The profile of this user, which opens before the console, needs few requests."""


class ConsoleWorkspace(Workspace):
    """A workspace whose server injects `faults`, and whose libraries have an API console."""

    def __init__(self, world: World, folder: Path) -> None:
        super().__init__(world, folder)
        self.faults = Faults()
        self.clients: list[Client] = []
        self.server = create_app(world, base="https://flattr.com", clock=clock, faults=self.faults)

    def library(self, account: str = "", *, offline: bool = False, **options: Any) -> Library:
        library = super().library(account, offline=offline, **options)
        accounts = library.accounts
        assert accounts is not None
        client = Client(
            library.source, make_app=lambda: self.server, token=accounts.token, ready=accounts.ready, clock=clock
        )
        self.clients.append(client)
        library.console = ApiConsole(
            library.source,
            library.responses,
            client=None if offline else client,
            account=lambda: library.account,
            history=History(self.folder / "history.json"),
            clock=clock,
        )
        return library

    @asynccontextmanager
    async def run_app(
        self, library: Library | None = None, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Driver]:
        """Run the app as `Workspace.run_app` does, but start it in the console, unless `preferences` are given."""
        preferences = Preferences(place="console", is_welcome_dismissed=True)
        async with super().run_app(library, size, **{"user": NOBODY, "preferences": preferences, **options}) as driver:
            yield driver

    @property
    def sent_requests(self) -> list[str]:
        """The requests that the server has received from the console, without those of the profile page."""
        return [seen for seen in self.faults.seen if NOBODY not in seen]


async def find_method(driver: Driver, typed: str) -> str:
    """Open the console, type `typed` into the filter of the methods, press enter, and return the text of the screen."""
    await driver.press("7", "slash")
    await driver.type(typed)
    return await driver.press("enter")


async def choose_method(driver: Driver, method: str) -> str:
    """Open the console, choose a method, and return the text of the screen with its form."""
    driver.app.action_mode("console")
    await driver.settle_undrawn()
    driver.app.screen.query_one(MethodsPane).select(method)
    await driver.settle_undrawn()
    await driver.app.screen.run_action("form")
    await driver.settle()
    return driver.text


async def send(driver: Driver, method: str, **arguments: str) -> str:
    """Fill `arguments` into the form of a method, send the request, and return the text of the screen."""
    await choose_method(driver, method)
    fill_in(driver, **arguments)
    return await driver.press("ctrl+r")


def question_text(driver: Driver) -> str:
    """Return the text of the dialog that asks before a write is sent."""
    assert isinstance(driver.app.screen, ConfirmSendDialog)
    region = driver.app.screen.query_one(".dialog").region
    text = driver.text.splitlines()[region.y : region.bottom]
    return " ".join(" ".join(line[region.x : region.right] for line in text).replace("│", " ").split())


def current_form(driver: Driver) -> ConsoleForm:
    return driver.app.screen.query_one(ConsoleForm)


def fill_in(driver: Driver, **arguments: str) -> None:
    for field in current_form(driver).fields():
        if field.parameter.name in arguments:
            field.value = arguments[field.parameter.name]


def body_view(driver: Driver) -> DocumentView:
    return driver.app.screen.query_one(DocumentView)


def body_lines(driver: Driver) -> list[str]:
    return list(body_view(driver).document.lines)


def field_text(driver: Driver, name: str) -> str:
    """Return the text of a field of the form, with its label and the note below it."""
    return field_texts(driver)[name]


def field_texts(driver: Driver) -> dict[str, str]:
    """Return the texts of all fields of the form, with their labels and the notes below them, by the field's name."""
    lines, texts = driver.text.splitlines(), {}
    for row in current_form(driver).rows():
        region = row.region
        text = [line[region.x : region.right].split() for line in lines[region.y : region.bottom]]
        texts[row.field.parameter.name] = " ".join(map(" ".join, text))
    return texts
