#!/usr/bin/env bash
# Textual's Markdown widget leaves out HTML blocks with the text in them.
#
# Guess: HTML is shown as text, or its tags are dropped and its text stays, as they are within a line.
# What happens: A paragraph in `<div>` or `<p>`, as READMEs begin with and feeds have them, is missing altogether, with
# all Markdown up to the next empty line.
# Versions: textual 8.2.8 with markdown-it-py 4.3.0.
# Source: run of this script.
# In this program: the widget is not used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8 markdown-it-py==4.3.0
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import Markdown

TEXT = """\
<div align="center">block</div>

<p>paragraph
with a [link](https://example.org/)</p>

inline <b>tags</b> stay
"""


async def main():
    app = App()
    async with app.run_test(size=(60, 24)) as pilot:
        await app.mount(Markdown(TEXT))
        await pilot.pause()
        return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()).strip()


shown = asyncio.run(main())
print(shown)
unchanged = "block" not in shown and "paragraph" not in shown and "link" not in shown and "inline tags stay" in shown

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
