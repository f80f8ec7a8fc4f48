"""A program that shows our table with any number of rows: `python -m tests.benchmarks.rows 1000000`."""

import sys

from textual.app import App, ComposeResult
from textual.reactive import reactive

from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.model.entities import Flattr, Thing, User
from flattr_tui.ui import themes
from flattr_tui.ui.widgets.list_content import KINDS
from flattr_tui.ui.widgets.table import RowTable


class GeneratedRows:
    """A table source that makes its rows when they are read."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to before `stop`."""
        return [_row(number) for number in range(max(0, start), min(stop, self._count))]

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key."""
        return int(key)


def _row(number: int) -> Row:
    owner = User(username=f"user{number % 997}")
    thing = Thing(id=number, title=f"Thing {number:,} and a few more words", flattrs=number % 89, owner=owner)
    return Row(Flattr(thing=thing, created_at=1_500_000_000 - number), str(number), 0.0)


class NoBookmarks:
    """An empty set of bookmarks, with the attribute that the table reads."""

    starred: frozenset[tuple[str, str]] = frozenset()


class TableApp(App[None]):
    """A program that consists of the table."""

    bookmarks = NoBookmarks()
    bookmarks_version: reactive[int] = reactive(0, init=False)
    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012 -- Textual's declaration

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the theme variables that our stylesheet uses."""
        return themes.own_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        """Yield the table, and no other widget."""
        yield RowTable(KINDS["user-flattrs"].columns)

    def on_mount(self) -> None:
        """Fill the table, and focus it."""
        table = self.query_one(RowTable)
        table.source = GeneratedRows(self._count)
        table.focus()


if __name__ == "__main__":
    TableApp(int(sys.argv[1])).run()
