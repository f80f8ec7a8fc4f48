#!/usr/bin/env bash
# If a watcher in Textual corrects its reactive, other watchers hear the correction first, and the wrong value last.
#
# Guess: A label that watches `page.month` ends with the value that the page has.
# What happens: `watch_month` that sets the month again starts the whole round within the first one: everybody is told
# 12, and then the first round goes on and tells the others 13. The label shows 13 while the attribute is 12. A
# `validate_month` corrects before anybody is told.
# Versions: textual 8.2.8.
# Source: run of this script; https://textual.textualize.io/guide/reactivity/#watch-methods.
# In this program: a cursor that is out of bounds is corrected by its `validate_cursor`.
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
from textual.reactive import reactive
from textual.widget import Widget


class Page(Widget):
    month = reactive(1, init=False)

    def watch_month(self, month):
        if month > 12:
            self.month = 12


async def main():
    app, told = App(), []
    async with app.run_test() as pilot:
        page = Page()
        await app.mount(page)
        app.watch(page, "month", lambda month: told.append(month), init=False)
        page.month = 13
        await pilot.pause()
        return told, page.month


told, month = asyncio.run(main())
print("told:", told, "| the value:", month)
unchanged = told == [12, 13] and month == 12

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
