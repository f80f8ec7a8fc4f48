#!/usr/bin/env bash
# In Textual, two widgets can be `:first-child` at once, and after hiding and showing one, the second is.
#
# Guess: As in CSS, `:first-child` is the first of all children, whether it's displayed or not: hiding it changes
# nothing.
# What happens: Only widgets that are displayed count, but the styles are not made anew when one is hidden or shown. The
# first one keeps the style; the second gets it as well as soon as it's styled for another reason (a class, a new
# state), and then keeps it when the first one is back, which has lost it. What is drawn depends on what happened
# before.
# Versions: textual 8.2.8.
# Source: run of this script; Selectors Level 4, 'Child-indexed Pseudo-classes': siblings in the document tree are
# counted.
# In this program: the one rule with it (ui/screens/search.tcss) is about a field that is never hidden.
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
from textual.widgets import Static


class Page(App):
    CSS = "Static:first-child { text-style: bold; } .gone { display: none; }"

    def compose(self):
        for name in "abc":
            yield Static(name, id=name)


async def main():
    app = Page()
    async with app.run_test() as pilot:
        a, b = app.query_one("#a"), app.query_one("#b")
        steps = [lambda: None, lambda: a.add_class("gone"), lambda: b.add_class("new"), lambda: a.remove_class("gone")]
        seen = []
        for step in steps:
            step()
            await pilot.pause(0.1)
            seen.append([widget.id for widget in app.query(Static) if widget.styles.text_style.bold])
        return seen


seen = asyncio.run(main())
for step, names in zip(("at first", "a is hidden", "b gets a class", "a is shown"), seen):
    print(f"{step}: first child is", *names)
unchanged = seen == [["a"], ["a"], ["a", "b"], ["b"]]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
