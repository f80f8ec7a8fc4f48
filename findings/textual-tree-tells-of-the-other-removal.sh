#!/usr/bin/env bash
# Textual's Tree says that a node is highlighted when it was before, and is silent when another one is.
#
# Guess: NodeHighlighted is posted when the cursor comes to another node, also because its node was removed; and not
# when a node above is removed, since the cursor stays on its own.
# What happens: It's the other way round. When the node under the cursor is removed, the next one moves under the cursor
# and nothing is posted, so a pane that follows NodeHighlighted shows what no longer exists. When a node above is
# removed, the cursor stays on its node, and NodeHighlighted is posted for it once more.
# Versions: textual 8.2.8.
# Source: run of this script; textual/widgets/_tree.py, `watch_cursor_line`.
# In this program: lists are tables of our own, whose cursor stays on its item (ui/widgets/table.py).
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
from textual.widgets import Tree


class Page(App):
    def compose(self):
        self.told = []
        yield Tree("root")

    def on_tree_node_highlighted(self, event):
        self.told.append(str(event.node.label))


async def main():
    app = Page()
    seen = []
    async with app.run_test() as pilot:
        tree = app.query_one(Tree)
        a, b, c, d = (tree.root.add_leaf(name) for name in "abcd")
        tree.root.expand()
        await pilot.pause(0.2)
        tree.move_cursor(b)
        await pilot.pause(0.2)
        for node in (b, a):
            app.told.clear()
            node.remove()
            await pilot.pause(0.5)
            seen.append((str(tree.cursor_node.label), list(app.told)))
    return seen


seen = asyncio.run(main())
for what, (label, told) in zip(("b, under the cursor, is removed", "a, above it, is removed"), seen):
    print(f"{what}: the cursor is on {label}, told {told}")
unchanged = seen == [("c", []), ("c", ["c"])]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
