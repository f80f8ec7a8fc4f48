"""A program that is our table over as many rows as one likes: `python -m tests.benchmarks.rows 1000000`."""

import sys

from textual.app import App, ComposeResult
from textual.reactive import reactive

from flattr_tui.library.query.feed import Gap, Row
from flattr_tui.model.entities import Flattr, Thing, User
from flattr_tui.ui import themes
from flattr_tui.ui.columns import KINDS
from flattr_tui.ui.widgets.table import RowTable


class Many:
    """Rows that are made when they are looked at."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Make some."""
        return [_row(number) for number in range(max(0, start), min(stop, self._count))]

    def find_row(self, key: str) -> int | None:
        """Say where one stands."""
        return int(key)


def _row(number: int) -> Row:
    owner = User(username=f"user{number % 997}")
    thing = Thing(id=number, title=f"Thing {number:,} and what is said of it", flattrs=number % 89, owner=owner)
    return Row(Flattr(thing=thing, created_at=1_500_000_000 - number), str(number), 0.0)


class NoBookmarks:
    """What the table asks of the bookmarks, where there are none."""

    starred: frozenset[tuple[str, str]] = frozenset()


class Table(App[None]):
    """The table."""

    bookmarks = NoBookmarks()
    bookmarks_version: reactive[int] = reactive(0, init=False)
    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012 -- Textual's declaration

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Have our variables."""
        return themes.own_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        """Nothing else."""
        yield RowTable(KINDS["user-flattrs"].columns)

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(RowTable)
        table.source = Many(self._count)
        table.focus()


if __name__ == "__main__":
    Table(int(sys.argv[1])).run()
