#!/usr/bin/env bash
# Textual's DataTable does not say that another row is under the cursor after sorting or removing.
#
# Guess: After `sort` and `remove_row` the cursor stays on its row, or a RowHighlighted names the one that is under it
# now: a pane that follows RowHighlighted shows what Enter will open.
# What happens: The cursor stays on its line. Another row moves under it, and nothing is posted, not even if the row
# itself was removed; only if its line no longer exists. The pane shows one thing, and keys act on another.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: tables are our own: the cursor stays on its item (ui/widgets/table.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import DataTable


class Page(App):
    told = None

    def compose(self):
        yield DataTable(cursor_type="row")

    def on_data_table_row_highlighted(self, event):
        self.told = event.row_key.value


async def main(change):
    app = Page()
    async with app.run_test() as pilot:
        table = app.query_one(DataTable)
        table.add_column("Name", key="name")
        for name in ("carl", "ada", "bob", "dora"):
            table.add_row(name, key=name)
        await pilot.pause()
        table.move_cursor(row=1)
        await pilot.pause()
        change(table)
        await pilot.pause(0.2)
        return app.told, table.get_row_at(table.cursor_row)[0]


CHANGES = {
    "sort": lambda table: table.sort("name"),
    "remove a row above": lambda table: table.remove_row("carl"),
    "remove the row": lambda table: table.remove_row("ada"),
}
seen = {name: asyncio.run(main(change)) for name, change in CHANGES.items()}
for name, (told, under) in seen.items():
    print(f"{name}: told {told}, under the cursor {under}")
unchanged = set(seen.values()) == {("ada", "bob")}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
