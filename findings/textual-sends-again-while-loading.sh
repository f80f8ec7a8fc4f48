#!/usr/bin/env bash
# In a Textual form that shows its loading indicator, enter presses the Send button again and again.
#
# Guess: `loading = True` replaces a widget by the indicator, and what can't be seen takes no keys: a form that is being
# sent can't be sent twice.
# What happens: The widget itself takes none. What is inside a container that is loading keeps the focus, and takes all
# keys: a button is pressed, a field is edited and submitted, the cursor of a table moves below the indicator. The mouse
# reaches none of them, so trying it with the mouse shows nothing. `disabled = True` stops all.
# Versions: textual 8.2.8 on Python 3.11.
# Source: run of this script; textual/widget.py: `loading` says that the widget is temporarily replaced.
# In this program: it does not use `loading`; a write that is under way is refused (library/account/write_service.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
venv/bin/python - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.containers import Vertical
from textual.widgets import Button, Input


class Form(App):
    def __init__(self, shut):
        super().__init__()
        self.shut, self.sent = shut, 0

    def compose(self):
        with Vertical():
            yield Input()
            yield Button("Send")

    def on_button_pressed(self):
        self.sent += 1
        self.shut(self)


async def press(shut):
    app = Form(shut)
    async with app.run_test() as pilot:
        app.query_one(Button).focus()
        for _ in range(3):
            await pilot.press("enter")
            await pilot.pause(0.5)
        by_keys = app.sent
        await pilot.click(Button)
        await pilot.pause()
        return by_keys, app.sent - by_keys


ways = {
    "the container is loading": lambda app: setattr(app.query_one(Vertical), "loading", True),
    "the button is loading": lambda app: setattr(app.query_one(Button), "loading", True),
    "the container is disabled": lambda app: setattr(app.query_one(Vertical), "disabled", True),
}
seen = {name: asyncio.run(press(way)) for name, way in ways.items()}
for name, (keys, clicks) in seen.items():
    print(f"{name} from the first press on: sent {keys} times by three keys, {clicks} times by a click")
unchanged = list(seen.values()) == [(3, 0), (1, 0), (1, 0)]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
