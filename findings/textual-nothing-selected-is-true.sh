#!/usr/bin/env bash
# `if select.value:` is true in Textual when nothing is selected.
#
# Guess: A Select without a selection has a value that is false, such as None or its own `BLANK`, which was its name up
# to Textual 7.
# What happens: The value is `Select.NULL`, an object like any other, so it counts as true and is sent on as if it were
# a choice. `Select.BLANK` still exists, but it's the attribute `BLANK` of every widget, which is False: `value !=
# Select.BLANK`, as it was written before, is always true, without an error. `is_blank()` tells.
# Versions: textual 8.2.8.
# Source: run of this script; the change log of Textual 8.0.0 tells of the new name.
# In this program: selections are made with a widget of our own.
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
from textual.widget import Widget
from textual.widgets import Select


async def main():
    app = App()
    async with app.run_test():
        select = Select([("Things", "things"), ("Flattrs", "flattrs")])
        await app.mount(select)
        return bool(select.value), select.value != Select.BLANK, select.is_blank()


seen = asyncio.run(main())
print("true, not Select.BLANK, is_blank():", seen, "| Select.BLANK is", Select.BLANK)
unchanged = seen == (True, True, True) and Select.BLANK is Widget.BLANK is False

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
