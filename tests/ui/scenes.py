"""What the program looks like: the table of scenes that the snapshots and the pictures are made of.

A scene is a row of `SCENES`: how one gets there by keyboard, over the sandbox, at a fixed time. A new screen is a new
row; `shots` says in which sizes and looks it is taken. Nothing in a picture may hang on chance: all that is fetched has
arrived, no cursor blinks, the requests that are left are set.
"""

import html
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace
from rich.cells import cell_len
from textual.widgets import Input, TextArea

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.history import History
from flattr_tui.library.events import Connection
from flattr_tui.library.library import Library
from flattr_tui.library.query.earnings import EarningsReader
from flattr_tui.library.query.search import SavedSearch
from flattr_tui.library.query.statistics import SavedStatistics
from flattr_tui.library.sync import Syncer
from flattr_tui.library.sync_progress import SyncProgress
from flattr_tui.library.transfer.importer import import_files
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import RateLimit
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.world import World
from flattr_tui.ui.app import FlattrApp
from tests.model.revenue_forms import original, row
from tests.ui.driver import NAMES, NOW, Driver, clock
from tests.ui.workspace import Workspace

CELL = 12.2
"""How wide a cell is in Rich's SVG."""
LATER = NOW + 12 * 86_400
"""When somebody without a connection looks at what was saved: twelve days on."""


@dataclass(frozen=True, slots=True)
class Look:
    """A theme, and whether colours are allowed at all."""

    name: str
    theme: str
    no_color: bool = False


DARK, LIGHT = Look("dark", "flattr-dark"), Look("light", "flattr-light")
ANSI, PLAIN = Look("ansi", "ansi-dark"), Look("plain", "flattr-dark", no_color=True)

Size = tuple[int, int]
WIDE, NARROW, TINY = (120, 40), (80, 24), (40, 12)
SIZES: tuple[Size, ...] = (WIDE, NARROW, TINY)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a scene."""

    size: Size
    look: Look

    @property
    def name(self) -> str:
        """Name it: `120x40-dark`."""
        return f"{self.size[0]}x{self.size[1]}-{self.look.name}"


Step = str | Callable[[Driver, Workspace], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Scene:
    """How one gets there: keys, parted by blanks; after each step all that is under way arrives."""

    name: str
    steps: tuple[Step, ...]
    account: str = ""
    offline: bool = False
    """Whether it is looked at later and without a connection, after it was fetched once."""
    dialog: bool = False
    """Whether it is a dialog over a page, which looks the same on a wide screen as on a narrow one."""
    rate_limit: int = 0
    """How many requests the server answers in an hour; 0 for all."""
    more: tuple[Look, ...] = ()
    """Looks in which it is taken besides, at its widest."""


def typed(text: str) -> str:
    """Turn a text into the keys that type it."""
    return " ".join(NAMES.get(character, character) for character in text)


async def _fresh(driver: Driver, workspace: Workspace) -> None:
    driver.app.open_thing(workspace.fresh())
    await driver.settle()


async def _sync(driver: Driver, workspace: Workspace) -> None:
    driver.app.syncing = SyncProgress(
        items=1240,
        new=310,
        items_at_least=3000,
        pages=42,
        requests_left=945,
        seconds_to_go=75,
        at="flattrs of melodia",
        targets=9,
        done=4,
    )
    await driver.settle()


async def _use_up(driver: Driver, workspace: Workspace) -> None:
    """Use up the one request that is granted: which of a page's would get it is anybody's guess."""
    driver.app.library.observe(Request.of("categories"))
    await driver.settle()


async def _unreachable(driver: Driver, workspace: Workspace) -> None:
    driver.app.status = replace(driver.app.status, connection=Connection.UNREACHABLE, rate=None)


async def _name_file(driver: Driver, workspace: Workspace) -> None:
    driver.app.screen.query_one("#target", Input).value = "/tmp/flattrs-of-ada.csv"
    await driver.settle()


async def _earn(driver: Driver, workspace: Workspace) -> None:
    """Import two years of revenue reports with a gap."""
    rows = [
        row(f"{year}-{month:02}", number, (number * month * 37) % 900, month + number, title=f"Episode {number}")
        for year in (2012, 2013)
        for month in range(1, 13)
        if (year, month) not in {(2012, 8), (2013, 1)}
        for number in range(1, 9)
    ]
    library, file = driver.app.library, workspace.folder / "report.csv"
    file.write_bytes(original(rows))
    import_files(library.responses, [file], owner=lambda: "ada")
    library.catalogue.catch_up()
    library.earnings = EarningsReader(library.catalogue, parse_source("saved"))


SCENES: tuple[Scene, ...] = (
    Scene("profile", (), more=(ANSI, PLAIN)),
    Scene("things", ("2", "j j")),
    Scene("flattrs", ("3", "j j"), more=(ANSI,)),
    Scene("filter", ("3", "slash", typed("otter"))),
    Scene("activities", ("4", "j")),
    Scene("search", ("5", typed("fingerprint"), "enter", "escape", "j"), more=(ANSI,)),
    Scene("searching", ("5", "tab", typed("audio & ("))),
    Scene("search-saved", ("5", typed("fing")), offline=True),
    Scene("find", ("ctrl+f", typed("fing"), "down")),
    Scene("review", ("6",), more=(ANSI,)),
    Scene("earnings", (_earn, "6", "e"), more=(ANSI,)),
    Scene("thing", ("3", "j j enter")),
    Scene("user", ("u", typed("melodia"), "enter")),
    Scene("nobody", ("u", typed("nobody-there"), "enter")),
    Scene("everybody", ("u", typed("melodia"), "enter", "F", "6", "a")),
    Scene("console", ("7",)),
    Scene("answer", ("7", "slash", typed("search"), "enter", typed("fingerprint"), "ctrl+r"), more=(PLAIN,)),
    Scene("help", ("3", "question_mark"), dialog=True),
    Scene("palette", ("3", "ctrl+p"), dialog=True),
    Scene("prompt", ("3", "u"), dialog=True),
    Scene("login", ("L",), dialog=True),
    Scene("account", ("L",), account="ada", dialog=True, more=(ANSI,)),
    Scene("mine", ("3",), account="ada"),
    Scene("subscriptions", ("w",), account="ada"),
    Scene("confirm", (_fresh, "f"), account="ada", dialog=True),
    Scene("draft", ("2", "n"), account="ada", dialog=True),
    Scene("offline", ("3", "j"), offline=True, more=(PLAIN,)),
    Scene("starred", ("3", "b", "j j b"), more=(ANSI,)),
    Scene("bookmarks", ("3", "b", "j j b", "B")),
    Scene("no-bookmarks", ("B",)),
    Scene("sync", ("ctrl+s", "tab j space"), dialog=True, more=(PLAIN,)),
    Scene("syncing", (_sync, "ctrl+s"), dialog=True),
    Scene("export", ("3", "e", _name_file), dialog=True),
    Scene("choose", ("5", typed("fingerprint"), "enter", "escape", "c", "down space"), dialog=True),
    Scene("waiting", (_use_up, "u", typed("melodia"), "enter", "3"), rate_limit=1),
    Scene("unreachable", ("3", "j", _unreachable)),
    Scene("nothing-saved", ("u", typed("chizu"), "enter", "3"), offline=True),
)
BY_NAME: Mapping[str, Scene] = {scene.name: scene for scene in SCENES}


def shots(scene: Scene) -> tuple[Shot, ...]:
    """List the pictures that are held of a scene: dark at every size, light at its widest, and what it has besides."""
    sizes = SIZES[1:] if scene.dialog else SIZES
    return (
        *(Shot(size, DARK) for size in sizes),
        *(Shot(sizes[0], look) for look in (LIGHT, *scene.more)),
    )


class Studio:
    """A sandbox in a folder, and each scene played over it from an empty store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._world = World.open(folder / "world.sqlite", clock=clock)
        self._played = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._world.close()

    async def take(self, scene: Scene, wanted: Sequence[Shot]) -> Mapping[Shot, str]:
        """Play a scene and return its pictures as SVG: begun at the first size, then resized, themes changed."""
        taken: dict[Shot, str] = {}
        for no_color in (False, True):
            here = [shot for shot in wanted if shot.look.no_color is no_color]
            if not here:
                continue
            with _no_color() if no_color else nullcontext():
                async with self._playing(scene, here[0].size) as driver:
                    for shot in here:
                        taken[shot] = await _picture(driver, shot)
        return {shot: taken[shot] for shot in wanted}

    @asynccontextmanager
    async def _playing(self, scene: Scene, size: Size) -> AsyncIterator[Driver]:
        saved = await self._saved_of(scene.account)
        self._played += 1
        workspace = Workspace(self._world, shutil.copytree(saved, self._folder / f"played-{self._played}"))
        if scene.rate_limit:
            workspace.server = create_app(
                self._world, base="https://flattr.com", clock=clock, rate_limit=scene.rate_limit
            )
        library = library_with_all(workspace, scene.account, offline=scene.offline)
        app = FlattrApp(library, clock=(lambda: LATER) if scene.offline else clock)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            for step in scene.steps:
                if isinstance(step, str):
                    await driver.press(*step.split())
                else:
                    await step(driver, workspace)
            yield driver

    async def _saved_of(self, account: str) -> Path:
        """Return a folder in which is saved what the program fetches when it starts: no scene waits for that again."""
        folder = self._folder / f"saved-{account}"
        if not folder.exists():
            folder.mkdir()
            workspace = Workspace(self._world, folder)
            if account:
                workspace.grant(account)
            async with workspace.run_app(library_with_all(workspace, account)):
                pass
        return folder


def library_with_all(workspace: Workspace, account: str = "", *, offline: bool = False) -> Library:
    """Make a library with every service that the program has."""
    library = workspace.library(account, offline=offline)
    library.statistics = SavedStatistics(library.catalogue, library.source, account)
    library.search = SavedSearch(library.catalogue, library.source, account)
    library.bookmarks = Bookmarks.open(workspace.folder / "bookmarks.json", notice=library.notify)
    library.sync = Syncer(library)
    library.console = ApiConsole(
        library.source,
        library.responses,
        client=library._client,
        account=lambda: account,
        history=History(workspace.folder / "console.json", notice=library.notify),
        clock=library.clock,
    )
    return library


@contextmanager
def _no_color() -> Iterator[None]:
    os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        del os.environ["NO_COLOR"]


async def _picture(driver: Driver, shot: Shot) -> str:
    app = driver.app
    app.theme = shot.look.theme
    if app.size != shot.size:
        await driver.pilot.resize_terminal(*shot.size)
    app.clear_notifications()  # they leave by the machine's clock
    if app.status.connection is Connection.LIVE:
        app.status = replace(app.status, rate=RateLimit(limit=1000, remaining=987, reset=int(NOW) + 1920))
    for field in [*app.screen.query(Input), *app.screen.query(TextArea)]:
        field.cursor_blink = False
    await driver.settle()
    return re.sub(r'textLength="[\d.]+"([^>]*)>([^<]*)<', _as_wide_as_it_is, app.export_screenshot(simplify=True))


def _as_wide_as_it_is(found: re.Match[str]) -> str:
    """Mend a text's length, which Rich reckons as if no character took two cells."""
    attributes, text = found.groups()
    return f'textLength="{cell_len(html.unescape(text)) * CELL:g}"{attributes}>{text}<'
