"""The API console over a sandbox that can be written to, and the parts of its screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.history import History
from flattr_tui.library.library import Library
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from flattr_tui.ui.panes.console_dialogs import ConfirmSendDialog
from flattr_tui.ui.panes.console_form import ConsoleForm
from flattr_tui.ui.panes.console_methods import MethodsPane
from flattr_tui.ui.widgets.document_view import DocumentView
from tests.ui.driver import Driver, clock
from tests.ui.workspace import Workspace

FOREVER = 3600.0
NOBODY = "zz"
"""Somebody who is not there: the profile behind the console is soon done."""


class ConsoleWorkspace(Workspace):
    """A workspace whose server goes wrong when it is told to, and whose libraries have a console."""

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
            library.source, app=lambda: self.server, token=accounts.token, ready=accounts.ready, clock=clock
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
        async with super().run_app(library, size, **{"user": NOBODY, **options}) as driver:
            yield driver

    @property
    def asked(self) -> list[str]:
        """The requests that reached the server by hand: those of the profile behind the console are left out."""
        return [seen for seen in self.faults.seen if NOBODY not in seen]


async def find(driver: Driver, typed: str) -> str:
    """Go to the console, and by keys to the form of the method that is found."""
    await driver.press("7", "slash")
    await driver.type(typed)
    return await driver.press("enter")


async def choose(driver: Driver, method: str) -> str:
    """Go to the console, and to the form of a method."""
    driver.app.action_mode("console")
    await driver.settle()
    driver.app.screen.query_one(MethodsPane).select(method)
    await driver.settle()
    await driver.app.screen.run_action("form")
    await driver.settle()
    return driver.text


async def send(driver: Driver, method: str, **arguments: str) -> str:
    """Fill in a method's form and send it."""
    await choose(driver, method)
    fill(driver, **arguments)
    return await driver.press("ctrl+r")


def question(driver: Driver) -> str:
    """What is asked on top of the console."""
    assert isinstance(driver.app.screen, ConfirmSendDialog)
    region = driver.app.screen.query_one(".dialog").region
    text = driver.text.splitlines()[region.y : region.bottom]
    return " ".join(" ".join(line[region.x : region.right] for line in text).replace("│", " ").split())


def form(driver: Driver) -> ConsoleForm:
    return driver.app.screen.query_one(ConsoleForm)


def fill(driver: Driver, **arguments: str) -> None:
    for field in form(driver).fields():
        if field.parameter.name in arguments:
            field.value = arguments[field.parameter.name]


def body(driver: Driver) -> DocumentView:
    return driver.app.screen.query_one(DocumentView)


def lines(driver: Driver) -> list[str]:
    return list(body(driver).document.lines)


def at_field(driver: Driver, name: str) -> str:
    """What stands in a field's row of the form and below it, up to the next row."""
    rows = form(driver).rows()
    row = next(row for row in rows if row.field.parameter.name == name)
    region = row.region
    text = driver.text.splitlines()[region.y : region.bottom]
    return " ".join(" ".join(line[region.x : region.right].split()) for line in text)
