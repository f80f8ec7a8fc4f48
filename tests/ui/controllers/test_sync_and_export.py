"""Tests the controllers of syncs and exports without an app: what they ask, start, write and say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.worker import active_worker

from flattr_tui.library.events import SyncProblem, SyncProgress, SyncStage
from flattr_tui.library.import_export.exporter import ExportFormat
from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.entities import Thing
from flattr_tui.ui.controllers.sync_and_export import ALL, ExportController, SyncController, describe_result
from flattr_tui.ui.screens.sync_and_export_dialogs import ExportDialog, ExportPlan, SyncDialog
from flattr_tui.ui.widgets.list_content import RowSource
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.controllers.stand_in_host import StandInHost, StandInPage
from tests.ui.workspace import Workspace

ROWS = [Row(Thing(id=number, title=f"Thing {number}"), str(number), 0.0) for number in range(5)]


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    library = workspace.library()
    library.sync = Syncer(library)
    return StandInHost(library)


@pytest.mark.parametrize(
    ("page", "user"), [(StandInPage(username="cleo"), "cleo"), (StandInPage(), "melodia"), (None, "melodia")]
)
def test_it_asks_for_the_user_of_the_page_or_of_the_app(host: StandInHost, page: StandInPage | None, user: str) -> None:
    host.page = page
    SyncController(host).ask()
    dialog = host.dialogs[-1][0]
    assert isinstance(dialog, SyncDialog)
    assert dialog._username == user


def test_without_a_server_it_says_so(workspace: Workspace) -> None:
    library = workspace.library(offline=True)
    library.sync = Syncer(library)
    host = StandInHost(library)
    SyncController(host).ask()
    assert host.dialogs == []
    assert "no server" in host.notices[0]


async def test_a_sync_shows_its_progress_and_its_end(host: StandInHost) -> None:
    sync = SyncController(host)
    sync.start(Targets(users=("melodia",)))
    assert host.syncing == SyncProgress()
    sync.stop()
    sync.show_progress(SyncProgress(items=7))
    assert host.syncing == SyncProgress(items=7)
    ended = SyncProgress(items=9, new=2, stage=SyncStage.DONE)
    sync.show_progress(ended)
    assert host.syncing is None
    assert host.notices == [describe_result(ended)]


def test_a_few_problems_are_named_and_the_others_counted(host: StandInHost) -> None:
    problems = tuple(SyncProblem(f"list {number}", f"List {number} failed.") for number in range(5))
    SyncController(host).show_progress(SyncProgress(stage=SyncStage.DONE, problems=problems))
    assert host.notices[:4] == [
        "List 0 failed.",
        "List 1 failed.",
        "List 2 failed.",
        "And 2 more could not be fetched.",
    ]


def test_a_sync_ends_with_its_source(host: StandInHost) -> None:
    sync = SyncController(host)
    sync.source_switched("sandbox")
    assert host.notices == []
    host.syncing = SyncProgress()
    sync.source_switched("sandbox")
    assert host.syncing is None
    assert host.notices == ["The sync of sandbox was stopped; what was fetched is saved."]


class ListSource:
    """A source of table rows, of which the last `lost` rows can't be read."""

    def __init__(self, rows: Sequence[Row], lost: int = 0) -> None:
        self._rows, self._lost = rows, lost

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        return list(self._rows[start : min(stop, len(self._rows) - self._lost)])

    def find_row(self, key: str) -> int | None:
        return next((at for at, row in enumerate(self._rows) if row.key == key), None)


def make_host(workspace: Workspace, source: RowSource) -> StandInHost:
    table = RowTable(())
    table.set_reactive(RowTable.source, source)
    return StandInHost(workspace.library(), focused=table)


@contextmanager
def active_stand_in_worker(*, is_cancelled: bool = False) -> Iterator[None]:
    """A context in which a stand-in is Textual's active worker."""
    stand_in: Any = SimpleNamespace(is_cancelled=is_cancelled)
    token = active_worker.set(stand_in)
    try:
        yield
    finally:
        active_worker.reset(token)


async def test_all_rows_are_written_and_counted(workspace: Workspace, tmp_path: Path) -> None:
    host, target = make_host(workspace, ListSource(ROWS)), tmp_path / "rows.csv"
    ExportController(host).ask()
    assert isinstance(host.dialogs[-1][0], ExportDialog)
    with active_stand_in_worker():
        await host.answer(ExportPlan(ALL, ExportFormat.CSV, target, replace=False))
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1 + len(ROWS)
    assert host.notices == [f"5 rows written to {target}."]


async def test_unreadable_rows_get_a_notice(workspace: Workspace, tmp_path: Path) -> None:
    host, target = make_host(workspace, ListSource(ROWS, lost=2)), tmp_path / "rows.csv"
    ExportController(host).ask()
    with active_stand_in_worker():
        await host.answer(ExportPlan(ALL, ExportFormat.CSV, target, replace=False))
    assert host.notices == [f"Only 3 of 5 rows could be read and are in {target}."]


@pytest.mark.parametrize("name", ["there.csv", "no-folder/rows.csv"])
async def test_a_failed_export_gets_a_notice(workspace: Workspace, tmp_path: Path, name: str) -> None:
    host, target = make_host(workspace, ListSource(ROWS)), tmp_path / name
    (tmp_path / "there.csv").write_text("mine", encoding="utf-8")
    ExportController(host).ask()
    with active_stand_in_worker():
        await host.answer(ExportPlan(ALL, ExportFormat.CSV, target, replace=False))
    assert host.notices[0].startswith(f"{target} can't be written: ")
    assert (tmp_path / "there.csv").read_text(encoding="utf-8") == "mine"


async def test_an_export_ends_silently_with_the_program(workspace: Workspace, tmp_path: Path) -> None:
    host, target = make_host(workspace, ListSource(ROWS)), tmp_path / "rows.csv"
    ExportController(host).ask()
    with active_stand_in_worker(is_cancelled=True):
        await host.answer(ExportPlan(ALL, ExportFormat.CSV, target, replace=False))
    assert host.notices == []
    assert not target.exists()


@pytest.mark.parametrize("source", [None, ListSource([])])
def test_without_rows_there_is_nothing_to_export(workspace: Workspace, source: RowSource | None) -> None:
    host = make_host(workspace, source or ListSource([]))
    if source is None:
        host.focused = None
    export = ExportController(host)
    export.ask()
    assert export.focused_table(host.screen) is None
    assert host.dialogs == []
