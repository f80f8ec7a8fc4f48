#!/usr/bin/env bash
# A Rich Text in a Textual widget loses its link, and what it conceals is shown.
#
# Guess: `Static(Text(…, style=…))` draws what Rich draws; what Textual does not know, such as `overline`, is at worst
# left plain.
# What happens: Textual translates the Text and keeps colours, bold, dim, italic, underline, reverse, strike and blink.
# `conceal` is dropped, so a password that Rich hides is readable. A link is kept for a part (`append`, markup), but
# lost where it is the style of the whole Text. `no_wrap` is lost as well: the line is broken. RichLog draws by Rich
# itself and has all of them.
# Versions: rich 15.0.0, textual 8.2.8.
# Source: run of this script.
# In this program: Rich's Text is not given to widgets.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0 textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from rich.text import Text
from textual.app import App
from textual.widgets import RichLog, Static

LINK = "link https://example.org/"


async def main(text):
    app = App()
    async with app.run_test() as pilot:
        await app.mount(Static(text, id="static"), RichLog(id="log"))
        app.query_one(RichLog).write(text)
        await pilot.pause()
        drawn = []
        for widget in (app.query_one(Static), app.query_one(RichLog)):
            segment = next(iter(widget.render_line(0)))
            drawn.append((bool(segment.style.conceal), bool(segment.style.link)))
        return drawn


TEXTS = {
    "concealed": Text("secret", style="conceal"),
    "a link": Text("page", style=LINK),
    "a part with a link": Text().append("page", style=LINK),
}
seen = {name: asyncio.run(main(text)) for name, text in TEXTS.items()}
for name, (static, log) in seen.items():
    print(f"{name}: (concealed, linked) in Static {static}, in RichLog {log}")
unchanged = seen == {
    "concealed": [(False, False), (True, False)],
    "a link": [(False, False), (False, True)],
    "a part with a link": [(False, True), (False, True)],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
