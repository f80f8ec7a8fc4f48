#!/usr/bin/env bash
# Textual's Sparkline draws twelve months of 5 euros like twelve months of nothing.
#
# Guess: A bar's height shows its value: equal values that are not zero give bars of one height, and 100 beside 101
# looks almost alike.
# What happens: The scale begins at the smallest value, not at zero. Equal values, of whatever size, get the lowest bar,
# as zeros do; of 100 and 101 one is empty and the other full.
# Versions: textual 8.2.8.
# Source: run of this script; https://textual.textualize.io/widgets/sparkline/.
# In this program: the charts are our own and begin at zero (ui/widgets/charts.py).
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
from textual.widgets import Sparkline

DATA = {"zeros": [0] * 12, "fives": [5] * 12, "100 and 101": [100, 101] * 6}


async def main(data):
    app = App()
    async with app.run_test(size=(12, 3)) as pilot:
        await app.mount(Sparkline(data))
        await pilot.pause()
        return app.screen._compositor.render_strips()[0].text


seen = {name: asyncio.run(main(data)) for name, data in DATA.items()}
for name, shown in seen.items():
    print(f"{name}: {shown}")
unchanged = seen["zeros"] == seen["fives"] and set(seen["100 and 101"]) == {"▁", "█"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
