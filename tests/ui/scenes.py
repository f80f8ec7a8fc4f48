"""The scenes of which the snapshots and the README's pictures are taken.

A scene is a row of `SCENES`: the keys that lead to a screen, with a sandbox as the server, at a fixed time. Add a row
for a new screen; `list_shots` decides the sizes and themes of its pictures. Pictures must not depend on chance: every
response has arrived, no cursor blinks, and the number of remaining requests is fixed.
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
from flattr_tui.library.console.exchange import History
from flattr_tui.library.events import ConnectionState, SyncProgress
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.library.library import Library
from flattr_tui.library.query.earnings import EarningsReader
from flattr_tui.library.query.flattr_statistics import SavedStatistics
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.library.sync import Syncer
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import RateLimit, Thing
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.world import World
from flattr_tui.ui.app import FlattrApp
from tests.linear_mode.command_loop_runner import run_session
from tests.model.revenue_forms import make_row, write_original
from tests.store.sample_responses import body, response, thing
from tests.ui.driver import NOW, Driver, clock
from tests.ui.workspace import Workspace

CELL = 12.2
"""Width of a terminal cell in Rich's SVG, in SVG units."""
LATER = NOW + 12 * 86_400
"""The time of offline scenes in Unix seconds: twelve days after their data was saved."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks: a theme, and whether colours are switched off with NO_COLOR."""

    name: str
    theme: str
    no_color: bool = False


DARK, LIGHT = Look("dark", "flattr-dark"), Look("light", "flattr-light")
ANSI, PLAIN = Look("ansi", "ansi-dark"), Look("plain", "flattr-dark", no_color=True)

Size = tuple[int, int]
HUGE, WIDE, NARROW, TINY = (200, 60), (120, 40), (80, 24), (40, 12)
SIZES: tuple[Size, ...] = (WIDE, NARROW, TINY)


@dataclass(frozen=True, slots=True)
class Shot:
    """The size (columns, rows) and the look in which a picture of a scene is taken."""

    size: Size
    look: Look

    @property
    def name(self) -> str:
        """The name of the size and the look: `120x40-dark`."""
        return f"{self.size[0]}x{self.size[1]}-{self.look.name}"


Step = str | Callable[[Driver, Workspace], Awaitable[object]]
"""Keys to press, separated by spaces, or a function to call."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A screen, and the steps that lead to it: keys separated by spaces, or functions.

    The app is idle again before the next step.
    """

    name: str
    steps: tuple[Step, ...]
    account: str = ""
    offline: bool = False
    """Whether the scene is played offline and at `LATER`, over data that was fetched before."""
    dialog: bool = False
    """Whether the scene shows a dialog, which looks the same on a wide screen as on a narrow one."""
    rate_limit: int = 0
    """Number of requests that the server answers in an hour; 0 for no limit."""
    more: tuple[Look, ...] = ()
    """Additional looks, in which the scene is taken at its largest size."""
    is_huge: bool = False
    """Whether the scene is also taken on a huge screen."""


def typing(text: str) -> Step:
    """Return a step that types a text without pauses."""

    async def type_text(driver: Driver, workspace: Workspace) -> None:
        await driver.type(text)

    return type_text


async def _open_untouched_thing(driver: Driver, workspace: Workspace) -> None:
    driver.app.open_item(Thing(id=workspace.find_untouched_thing()))
    await driver.settle()


async def _show_sync_progress(driver: Driver, workspace: Workspace) -> None:
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


async def _use_up_rate_limit(driver: Driver, workspace: Workspace) -> None:
    """Send the only request that the rate limit allows. Otherwise chance decides which request of a page is sent."""
    driver.app.library.observe(ApiRequest.of("categories"))
    await driver.settle()


async def _show_unreachable(driver: Driver, workspace: Workspace) -> None:
    driver.app.status = replace(driver.app.status, connection=ConnectionState.UNREACHABLE, rate=None)


async def _import_revenue_reports(driver: Driver, workspace: Workspace) -> None:
    """Import revenue reports of two years with two months missing."""
    rows = [
        make_row(f"{year}-{month:02}", number, (number * month * 37) % 900, month + number, title=f"Episode {number}")
        for year in (2012, 2013)
        for month in range(1, 13)
        if (year, month) not in {(2012, 8), (2013, 1)}
        for number in range(1, 9)
    ]
    library, file = driver.app.library, workspace.folder / "report.csv"
    file.write_bytes(write_original(rows))
    import_files(library.responses, [file], ImportOptions(owner=lambda: "ada"))
    library.catalogue.ingestor.catch_up()
    library.earnings = EarningsReader(library.catalogue, parse_source("saved"))


async def _ingest_changes(driver: Driver, workspace: Workspace) -> None:
    """Ingest four responses of one list, between which things are added, vanish and are flattred on three days."""
    titles = (
        "Radio Halyard, episode 12",
        "地図を描く人たち",
        "A photo library that fits in your head",
        "Birds at midnight",
    )
    days: tuple[tuple[float, Mapping[int, int]], ...] = (
        (40.0, {3: 1_204, 2: 37, 1: 9}),
        (9.0, {4: 0, 3: 1_210, 2: 37, 1: 12}),
        (1.0, {5: 2, 4: 6, 3: 1_209, 1: 12}),
        (0.1, {6: 0, 5: 2, 4: 9, 3: 1_240, 1: 13}),
    )
    for age, counts in days:
        listed = [thing(number, titles[number % 4], owner="melodia", flattrs=count) for number, count in counts.items()]
        made = response(
            body(listed), request=ApiRequest.of("user-things", username="melodia"), at=NOW - age * 86_400,
            response_kind=ResponseKind.THINGS,
        )  # fmt: skip
        driver.app.library.catalogue.ingestor.ingest(driver.app.library.responses.put(made).stored)


SCENES: tuple[Scene, ...] = (
    Scene("profile", (), more=(ANSI, PLAIN)),
    Scene("things", ("2", "j j")),
    Scene("flattrs", ("3", "j j"), more=(ANSI,)),
    Scene("filter", ("3", "slash", typing("otter"))),
    Scene("activities", ("4", "j")),
    Scene("search", ("5", typing("fingerprint"), "enter", "escape", "j"), more=(ANSI,)),
    Scene("searching", ("5", "tab", typing("audio & ("))),
    Scene("search-saved", ("5", typing("fing")), offline=True),
    Scene("find", ("ctrl+f", typing("fing"), "down")),
    Scene("review", ("6",), more=(ANSI,), is_huge=True),
    Scene("earnings", (_import_revenue_reports, "6", "e"), more=(ANSI,)),
    Scene("thing", ("3", "j j enter")),
    Scene("user", ("u", typing("melodia"), "enter")),
    Scene("nobody", ("u", typing("nobody-there"), "enter")),
    Scene("everybody", ("u", typing("melodia"), "enter", "F", "6", "a")),
    Scene("console", ("7",)),
    Scene("answer", ("7", "slash", typing("search"), "enter", typing("fingerprint"), "ctrl+r"), more=(PLAIN,)),
    Scene("help", ("3", "question_mark"), dialog=True),
    Scene("query-help", ("3", "slash", "f1"), dialog=True),
    Scene("palette", ("3", "ctrl+p"), dialog=True),
    Scene("prompt", ("3", "u"), dialog=True),
    Scene("login", ("L",), dialog=True),
    Scene("account", ("L",), account="ada", dialog=True, more=(ANSI,)),
    Scene("mine", ("3",), account="ada"),
    Scene("subscriptions", ("w",), account="ada"),
    Scene("confirm", (_open_untouched_thing, "f"), account="ada", dialog=True),
    Scene("draft", ("2", "n"), account="ada", dialog=True),
    Scene("offline", ("3", "j"), offline=True, more=(PLAIN,)),
    Scene("starred", ("3", "b", "j j b"), more=(ANSI,)),
    Scene("bookmarks", ("3", "b", "j j b", "B")),
    Scene("no-bookmarks", ("B",)),
    Scene("changes", (_ingest_changes, "C", "j j"), more=(ANSI,)),
    Scene("no-changes", ("C",)),
    Scene("sync", ("ctrl+s", "tab j space"), dialog=True, more=(PLAIN,)),
    Scene("syncing", (_show_sync_progress, "ctrl+s"), dialog=True),
    Scene("export", ("3", "e", typing("/tmp/flattrs-of-ada.csv")), dialog=True),
    Scene("choose", ("5", typing("fingerprint"), "enter", "escape", "c", "down space"), dialog=True),
    Scene("waiting", (_use_up_rate_limit, "u", typing("melodia"), "enter", "3"), rate_limit=1),
    Scene("unreachable", ("3", "j", _show_unreachable)),
    Scene("nothing-saved", ("u", typing("chizu"), "enter", "3"), offline=True),
)
BY_NAME: Mapping[str, Scene] = {scene.name: scene for scene in SCENES}


def list_shots(scene: Scene) -> tuple[Shot, ...]:
    """Return the pictures to take of a scene: dark at every size, light and in its other looks at the largest size."""
    sizes = SIZES[1:] if scene.dialog else SIZES
    return (
        *(Shot(size, DARK) for size in (*sizes, *([HUGE] if scene.is_huge else []))),
        *(Shot(sizes[0], look) for look in (LIGHT, *scene.more)),
    )


class Studio:
    """A sandbox in a folder, which is the server of all scenes. Each scene has its own saved data."""

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

    async def take_pictures(self, scene: Scene, shots: Sequence[Shot]) -> Mapping[Shot, str]:
        """Play a scene and return its pictures as SVG.

        The scene is played at the size of the first picture; for the others the terminal is resized and the theme
        changed. A dialog is opened at each size, because Textual does not lay out a page completely behind a dialog.
        """
        pictures: dict[Shot, str] = {}

        def start_of(shot: Shot) -> tuple[bool, Size | None]:
            return shot.look.no_color, shot.size if scene.dialog else None

        for start in dict.fromkeys(map(start_of, shots)):
            batch = [shot for shot in shots if start_of(shot) == start]
            with _set_no_color() if batch[0].look.no_color else nullcontext():
                async with self._play(scene, batch[0].size) as driver:
                    for shot in batch:
                        pictures[shot] = await _take_picture(driver, shot)
        return {shot: pictures[shot] for shot in shots}

    async def _make_workspace(self, account: str) -> Workspace:
        saved = await self._make_saved_folder(account)
        self._played += 1
        return Workspace(self._world, shutil.copytree(saved, self._folder / f"played-{self._played}"))

    async def print_lines(self, *lines: str) -> str:
        """Type these lines into linear mode, and return its output."""
        library = library_with_all(await self._make_workspace(""))
        try:
            return await run_session(library, *lines)
        finally:
            await library.aclose()

    @asynccontextmanager
    async def _play(self, scene: Scene, size: Size) -> AsyncIterator[Driver]:
        workspace = await self._make_workspace(scene.account)
        if scene.rate_limit:
            workspace.server = create_app(
                self._world, base="https://flattr.com", clock=clock, rate_limit=scene.rate_limit
            )
        library = library_with_all(workspace, scene.account, offline=scene.offline)
        app = FlattrApp(library, clock=(lambda: LATER) if scene.offline else clock)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle_undrawn()
            for step in scene.steps:
                if isinstance(step, str):
                    await driver.press(*step.split())
                else:
                    await step(driver, workspace)
            yield driver

    async def _make_saved_folder(self, account: str) -> Path:
        """Return a folder with the data that the app fetches when it starts. It is made once for each account.

        Scenes copy the folder, so that they do not fetch that data again.
        """
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
    """Make a library with all services of the real program: statistics, search, bookmarks, sync and console."""
    library = workspace.library(account, offline=offline)
    library.statistics = SavedStatistics(library.catalogue, library.source, account)
    library.search = OfflineSearch(library.catalogue, library.source, account)
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
def _set_no_color() -> Iterator[None]:
    os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        del os.environ["NO_COLOR"]


async def _take_picture(driver: Driver, shot: Shot) -> str:
    app = driver.app
    app.theme = shot.look.theme
    if app.size != shot.size:
        await driver.pilot.resize_terminal(*shot.size)
    app.clear_notifications()  # they expire by the machine's clock
    for field in [*app.screen.query(Input), *app.screen.query(TextArea)]:
        field.cursor_blink = False
    rate = RateLimit(limit=1000, remaining=987, reset=int(NOW) + 1920)
    while True:
        if app.status.connection is ConnectionState.LIVE:
            app.status = replace(app.status, rate=rate)
        await driver.settle_undrawn()  # the picture draws it
        if app.status.connection is not ConnectionState.LIVE or app.status.rate == rate:
            break  # otherwise a late event of the library has replaced the status
    app.screen.refresh()  # draws a page behind a dialog as it is now, not as it was when the dialog was drawn
    await driver.settle_undrawn()
    return correct_text_lengths(app.export_screenshot(simplify=True))


def correct_text_lengths(svg: str) -> str:
    """Correct the `textLength` of all texts in an SVG that Rich has made."""
    return re.sub(r'textLength="[\d.]+"([^>]*)>([^<]*)<', _correct_text_length, svg)


def _correct_text_length(match: re.Match[str]) -> str:
    """Correct the `textLength` of an SVG text: Rich computes it as if no character took two cells."""
    attributes, text = match.groups()
    return f'textLength="{cell_len(html.unescape(text)) * CELL:g}"{attributes}>{text}<'
