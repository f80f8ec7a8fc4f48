"""Exports the rows of a list to a file, and shows the result as a notice."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.query.change_history import ChangeRecord, ChangeRow
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import SAVED_FLATTRS, ResponseKind
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import ControllerHost
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.widgets.list_content import RowSource
from flattr_tui.ui.widgets.table import RowTable

if TYPE_CHECKING:
    from flattr_tui.ui.screens.export_dialog import ExportPlan

MARKED, FILTERED, ALL = "marked", "shown", "all"
"""Ids of the sets of rows that can be exported."""
WINDOW = 1_000
"""Number of rows that are read at a time."""
Rows = Callable[[], Iterator[Row]]
"""Returns an iterator over rows. It is called in the thread that exports these rows."""


class ExportCancelledError(Exception):
    """Raised to stop an export because the app is quitting."""


class ExportController:
    """Exports the list that has the focus to a file."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host

    @staticmethod
    def focused_table(screen: Screen[object]) -> RowTable | None:
        """Return the table that has the focus; None if the focus is elsewhere, or if the table has no rows."""
        focused = screen.focused
        if isinstance(focused, RowTable) and focused.source is not None and len(focused.source):
            return focused
        return None

    def ask(self) -> None:
        """Ask which rows to export, in which format and to which file, then export the rows."""
        from flattr_tui.ui.screens.export_dialog import ExportDialog  # noqa: PLC0415 -- imported when it is shown

        if (table := self.focused_table(self._host.screen)) is None:
            return
        choices = self._row_choices(table)
        view = next((node for node in table.ancestors if isinstance(node, ListPane)), None)
        title, answer = _list_title(view) if view is not None else table.EXPORT_TITLE, _response_kind(view)

        def take(plan: "ExportPlan | None") -> None:
            if plan is not None:
                count, rows, _ = choices[plan.rows]
                self._host.start_worker(
                    self._export_job(plan, rows, count, answer), "the export", "export", thread=True
                )

        self._host.push_screen(ExportDialog(title, [(name, label) for name, (_, _, label) in choices.items()]), take)

    def _row_choices(self, table: RowTable) -> dict[str, tuple[int, Rows, str]]:
        """Return the choices of what to export from `table`, such as all rows or the marked rows, by the id of each.

        Each choice is a triple: the number of its rows, a function that reads the rows, and a label.
        """
        from flattr_tui.ui.panes.change_table import ChangeRows  # noqa: PLC0415 -- not before the first screen

        choices: dict[str, tuple[int, Rows, str]] = {}
        if marked := table.marked_rows:
            choices[MARKED] = len(marked), lambda: iter(marked), f"{len(marked):,} marked"
        source = table.source
        view = next((node for node in table.ancestors if isinstance(node, ListPane)), None)
        if view is None or view.feed is None:
            if source is not None:
                count = source.count if isinstance(source, ChangeRows) else len(source)
                choices[ALL] = count, lambda: rows_of(source), f"all {count:,}"
            return choices
        feed, request = view.feed, view.request
        if not feed.view.text:
            choices[ALL] = feed.status.saved, lambda: rows_of(feed), f"all {feed.status.saved:,} saved"
            return choices
        choices[FILTERED] = feed.status.shown, lambda: rows_of(feed), f"{feed.status.shown:,} shown"
        if request is not None and request.method in BY_NAME:
            whole = self._host.library.feed(request)
            choices[ALL] = whole.status.saved, lambda: rows_of(whole), f"all {whole.status.saved:,} saved"
        return choices

    def _export_job(
        self, plan: "ExportPlan", rows: Rows, total: int, answer: ResponseKind | None
    ) -> Callable[[], None]:
        from flattr_tui.library.import_export.exporter import format_items, write_file  # noqa: PLC0415 -- when something is exported

        def write() -> None:
            worker, written = get_current_worker(), 0

            def items() -> Iterator[Struct]:
                nonlocal written
                for row in _until_cancelled(rows(), worker):
                    written += 1
                    yield ChangeRecord.from_row(row) if isinstance(row, ChangeRow) else row.item

            if plan.target.exists() and not plan.replace:
                self._host.call_later(
                    self._on_ended, plan.target, 0, total, "another file has this name now, and it was not replaced"
                )
                return
            try:
                write_file(plan.target, format_items(items(), plan.form, kind=answer))
            except ExportCancelledError:
                return
            except OSError as error:
                self._host.call_later(self._on_ended, plan.target, 0, total, error.strerror or str(error))
            else:
                self._host.call_later(self._on_ended, plan.target, written, total)

        return write

    def _on_ended(self, target: Path, written: int, total: int, problem: str = "") -> None:
        """Show a notice about an export to the file `target` that has ended: `written` of `total` rows were written.

        If nothing was written, `problem` says why.
        """
        if problem:
            self._host.notify_user(f"{target} can't be written: {problem}.", "error")
        elif written < total:
            wrote = f"{written:,} of {fmt.plural(total, 'row')}"
            self._host.notify_user(f"Only {wrote} could be read and are in {target}.", "warning")
        else:
            self._host.notify_user(f"{fmt.plural(written, 'row')} written to {target}.")


def rows_of(source: RowSource) -> Iterator[Row]:
    """Yield all saved rows of `source`, each once. Rows added or removed meanwhile may be missing or included."""
    seen: set[str] = set()
    start = 0
    while start < len(source):
        for row in source.rows(start, start + WINDOW):
            if isinstance(row, Row) and row.key not in seen:
                seen.add(row.key)
                yield row
        start += WINDOW


def _until_cancelled(rows: Iterator[Row], worker: "Worker[object]") -> Iterator[Row]:
    for row in rows:
        if worker.is_cancelled:
            raise ExportCancelledError
        yield row


def _list_title(view: ListPane) -> str:
    query = view.request.get("query") if view.request is not None else ""
    return " ".join(part for part in (view.kind.title.format(who=view.username), query, view.note) if part)


def _response_kind(view: ListPane | None) -> ResponseKind | None:
    """Return the kind of API response from which a list is made; None if `view` is None or shows no list."""
    feed = view.feed if view is not None else None
    if feed is None:
        return None
    return ResponseKind.FLATTRS if feed.request.method == SAVED_FLATTRS else BY_NAME[feed.request.method].response_kind
