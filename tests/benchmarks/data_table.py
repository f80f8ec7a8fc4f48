"""A minimal program with Textual's own table and a text about the current row: the baseline for pages with a list."""

from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Footer, Static

ROWS = 400
FIRST_ROW = "Thing 0 "
"""The beginning of the first row. It is on screen once the table is drawn."""


class TableWithDetail(App[None]):
    """A table of made-up things, a description of one of them, and a footer."""

    CSS = "DataTable { width: 3fr; } VerticalScroll { width: 2fr; }"
    BINDINGS = [("q", "quit", "quit"), ("j", "down", "down")]  # noqa: RUF012 -- Textual's declaration

    def compose(self) -> ComposeResult:
        """Lay out the table and the description."""
        with Horizontal():
            yield DataTable[str](cursor_type="row")
            with VerticalScroll(can_focus=False):
                yield Static()
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns("title", "owner", "flattrs")
        for number in range(ROWS):
            table.add_row(f"Thing {number} of a list", f"user{number % 7}", str(number * 3))

    def action_down(self) -> None:
        """Move the cursor down, as an arrow key does."""
        self.query_one(DataTable).action_cursor_down()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Describe the highlighted row in about as many lines as the program uses."""
        title = str(event.data_table.get_row_at(event.cursor_row)[0])
        facts = "\n".join(f"fact {fact}: {event.cursor_row * fact}" for fact in range(1, 8))
        self.query_one(Static).update(f"{title}\n\n{facts}\n\nhttps://example.com/{event.cursor_row}")


if __name__ == "__main__":
    TableWithDetail().run()
