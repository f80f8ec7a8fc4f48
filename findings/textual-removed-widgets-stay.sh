#!/usr/bin/env bash
# In Textual, a widget that watched the app, or subscribed to a signal, stays in memory after it was removed.
#
# Guess: a removed widget is freed, its screen with it: `watch` is undone when the widget closes, and a signal keeps its
# subscribers in a `WeakKeyDictionary`.
# What happens: the list of watchers of a reactive drops closed widgets only when its value changes next, so those of a
# value that rarely changes collect every screen that was ever opened. The weak dictionary of a signal holds functions
# that refer to its own keys, so these are not freed either, until the signal is published next.
# Versions: textual 8.2.8.
# Source: run of this script; textual/reactive.py, `_watch` and `_check_watchers`; textual/signal.py.
# In this program: a page that opens removes closed ones from both (`ui/textual_private.py`); 0.5 to 1.2 MB for each page.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, gc, sys
from textual.app import App
from textual.reactive import reactive
from textual.signal import Signal
from textual.widget import Widget


class Plain(Widget):
    pass


class Watching(Widget):
    def on_mount(self):
        self.watch(self.app, "user", lambda: None)


class Subscribed(Widget):
    def on_mount(self):
        self.app.saved.subscribe(self, self.on_saved)

    def on_saved(self, data):
        pass


class Example(App):
    user = reactive("ada")

    def __init__(self):
        super().__init__()
        self.saved = Signal(self, "saved")


def count(kind):
    gc.collect()
    return sum(type(found) is kind for found in gc.get_objects())


async def main():
    app = Example()
    left, after = {}, {}
    async with app.run_test() as pilot:
        for kind in (Plain, Watching, Subscribed):
            for _ in range(5):
                await app.screen.mount(widget := kind())
                await widget.remove()
            del widget
            await pilot.pause()
            left[kind] = count(kind)
        app.user = "melodia"
        app.saved.publish("page")
        await pilot.pause()
        after = {kind: count(kind) for kind in left}
    return left, after


left, after = asyncio.run(main())
for kind in left:
    print(f"{kind.__name__}: of 5 removed widgets {left[kind]} are left; {after[kind]} after a change and a signal")
unchanged = left[Plain] <= 1 and left[Watching] == left[Subscribed] == 5 and max(after.values()) <= 1
if not unchanged:  # the widget that was removed last may still be in use somewhere
    sys.exit("This has changed.")
print("As described.")
PYTHON
