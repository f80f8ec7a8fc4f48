#!/usr/bin/env bash
# In Textual, `@work(exclusive=True)` on one method cancels the work of another one.
#
# Guess: An exclusive worker replaces the one that the same method started before, as a search does with each key. Other
# methods' workers run on.
# What happens: All workers of a widget are in the group `default` unless they name one, and an exclusive worker cancels
# its group: the other exclusive method, and also a plain `@work` that saves something. It's silent; the cancelled
# worker's code simply ends at its `await`.
# Versions: textual 8.2.8.
# Source: run of this script; https://textual.textualize.io/guide/workers/ shows one method; the reference says 'all
# workers in the same group'.
# In this program: each kind of work has a group of its own (ui/library_app.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual import work
from textual.app import App


class Page(App):
    @work
    async def save(self):
        await asyncio.sleep(0.1)
        self.done.append("save")

    @work(exclusive=True)
    async def search(self):
        await asyncio.sleep(0.1)
        self.done.append("search")

    @work(exclusive=True)
    async def count(self):
        await asyncio.sleep(0.1)
        self.done.append("count")


async def main():
    app = Page()
    app.done = []
    async with app.run_test():
        app.save()
        app.search()
        app.count()
        await asyncio.sleep(0.5)
    return app.done


done = asyncio.run(main())
print("started: save, search, count | done:", *done)
unchanged = done == ["count"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
