#!/usr/bin/env bash
# In Textual's CSS, `max-width` beats `min-width`; on the web it is the other way round.
#
# Guess: `min-width: 20; max-width: 10` gives 20 columns: CSS lets the smallest size win, and Textual's is CSS with
# other units.
# What happens: It gives 10 columns, and 10 rows for heights. A `max-width: 50%` that is meant for large terminals cuts
# a field below its `min-width` on a small one.
# Versions: textual 8.2.8.
# Source: run of this script; CSS 2.2, 10.4: if the minimum is greater than the maximum, the maximum is set to it.
# In this program: no widget is given both.
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
    CSS = """
    #both { width: auto; min-width: 20; max-width: 10; height: 1; min-height: 4; max-height: 2; }
    #half { width: 10; min-width: 30; max-width: 50%; }
    """

    def compose(self):
        yield Static("both", id="both")
        yield Static("half", id="half")


async def main():
    app = Page()
    async with app.run_test(size=(40, 12)):
        return app.query_one("#both").size, app.query_one("#half").size.width


size, half = asyncio.run(main())
print(f"at least 20 and at most 10: {size.width} | rows, at least 4 and at most 2: {size.height}")
print(f"at least 30 and at most half of 40: {half}")
unchanged = size == (10, 2) and half == 20

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
