"""The app's action that exports the rows of a list to a file, in a thread."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.query.feed import SAVED_FLATTRS, Row
from flattr_tui.model.entities import Entity
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bookmark_actions import BookmarkActions
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.widgets.table import RowTable
from flattr_tui.ui.widgets.table_rows import RowSource

if TYPE_CHECKING:
    from flattr_tui.ui.screens.export import ExportPlan

MARKED, FILTERED, ALL = "marked", "shown", "all"
"""Which rows."""
WINDOW = 1_000
"""Rows that are read at a time."""
Rows = Callable[[], Iterator[Row]]


class ExportFinished(Message):
    """A file was written with `written` of `meant` rows, or (`problem`) it was not."""

    def __init__(self, target: Path, written: int, meant: int, problem: str = "") -> None:
        super().__init__()
        self.target, self.written, self.meant, self.problem = target, written, meant, problem


class ExportCancelledError(Exception):
    """The program is quitting, so the export stops."""


class ExportActions(BookmarkActions, inherit_bindings=False):
    """Exports the list that has the focus."""

    @staticmethod
    def focused_table(screen: Screen[object]) -> RowTable | None:
        """Return the table that has a screen's focus, if it has rows."""
        focused = screen.focused
        if isinstance(focused, RowTable) and focused.source is not None and len(focused.source):
            return focused
        return None

    def action_export(self) -> None:
        """Ask how and where, and write it."""
        from flattr_tui.ui.screens.export import ExportScreen  # noqa: PLC0415 -- imported when it is shown

        if (table := self.focused_table(self.screen)) is None:
            return
        choices = self._row_choices(table)
        view = next((node for node in table.ancestors if isinstance(node, FeedView)), None)
        title, answer = _list_title(view), _response_kind(view)

        def take(plan: "ExportPlan | None") -> None:
            if plan is not None:
                count, rows, _ = choices[plan.rows]
                self._start_worker(self._export_job(plan, rows, count, answer), "the export", "export", thread=True)

        self.push_screen(ExportScreen(title, [(name, said) for name, (_, _, said) in choices.items()]), take)

    def _row_choices(self, table: RowTable) -> dict[str, tuple[int, Rows, str]]:
        """Return which rows can be exported: their number, how to read them, and a label."""
        choices: dict[str, tuple[int, Rows, str]] = {}
        if marked := table.marked_rows:
            choices[MARKED] = len(marked), lambda: iter(marked), f"{len(marked):,} marked"
        source = table.source
        view = next((node for node in table.ancestors if isinstance(node, FeedView)), None)
        if view is None or view.feed is None:
            if source is not None:
                choices[ALL] = len(source), lambda: rows_of(source), f"all {len(source):,}"
            return choices
        feed, request = view.feed, view.request
        if not view.view.text:
            choices[ALL] = feed.status.saved, lambda: rows_of(feed), f"all {feed.status.saved:,} saved"
            return choices
        choices[FILTERED] = feed.status.shown, lambda: rows_of(feed), f"{feed.status.shown:,} shown"
        if request is not None and request.method in BY_NAME:
            whole = self.library.feed(request)
            choices[ALL] = whole.status.saved, lambda: rows_of(whole), f"all {whole.status.saved:,} saved"
        return choices

    def _export_job(
        self, plan: "ExportPlan", rows: Rows, meant: int, answer: ResponseKind | None
    ) -> Callable[[], None]:
        from flattr_tui.library.transfer.exporter import format_items, write_file  # noqa: PLC0415 -- when something is exported

        def write() -> None:
            worker, written = get_current_worker(), 0

            def items() -> Iterator[Entity]:
                nonlocal written
                for row in _until_cancelled(rows(), worker):
                    written += 1
                    yield row.item

            if plan.target.exists() and not plan.replace:
                self.post_message(ExportFinished(plan.target, 0, meant, "it is there by now, and was not replaced"))
                return
            try:
                write_file(plan.target, format_items(items(), plan.form, kind=answer))
            except ExportCancelledError:
                return
            except OSError as error:
                self.post_message(ExportFinished(plan.target, 0, meant, error.strerror or str(error)))
            else:
                self.post_message(ExportFinished(plan.target, written, meant))

        return write

    def on_export_finished(self, message: ExportFinished) -> None:
        if message.problem:
            self.notify_user(f"{message.target} can't be written: {message.problem}.", "error")
        elif message.written < message.meant:
            wrote = f"{message.written:,} of {fmt.plural(message.meant, 'row')}"
            self.notify_user(f"Only {wrote} could be read and are in {message.target}.", "warning")
        else:
            self.notify_user(f"{fmt.plural(message.written, 'row')} written to {message.target}.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (
            self.focused_table(self.screen) is not None
            if action == "export"
            else super().check_action(action, parameters)
        )


def rows_of(source: RowSource) -> Iterator[Row]:
    """Yield all saved rows, each once. Rows that come or go meanwhile may be missing or included."""
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


def _list_title(view: FeedView | None) -> str:
    if view is None:
        return "What was found"
    query = view.request.get("query") if view.request is not None else ""
    return " ".join(part for part in (view.kind.title.format(who=view.username), query, view.note) if part)


def _response_kind(view: FeedView | None) -> ResponseKind | None:
    """Return the kind of response that the rows came from, which decides the file's format."""
    feed = view.feed if view is not None else None
    if feed is None:
        return None
    return ResponseKind.FLATTRS if feed.request.method == SAVED_FLATTRS else BY_NAME[feed.request.method].response_kind
