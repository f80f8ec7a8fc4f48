"""Tests of the export controller without an app: it writes a table to a file, and shows a notice about that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.worker import active_worker

from flattr_tui.library.import_export.exporter import ExportFormat
from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.model.entities import Thing
from flattr_tui.ui.controllers.export import ALL, ExportController
from flattr_tui.ui.screens.export_dialog import ExportDialog, ExportPlan
from flattr_tui.ui.widgets.list_content import RowSource
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.controllers.stand_in_host import StandInHost
from tests.ui.workspace import Workspace

ROWS = [Row(Thing(id=number, title=f"Thing {number}"), str(number), 0.0) for number in range(5)]


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
