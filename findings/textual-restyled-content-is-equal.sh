#!/usr/bin/env bash
# Textual ignores a Content that differs in its style alone, when it is assigned to a reactive.
#
# Guess: `widget.text = Content("ada").stylize("bold")` shows the name bold, where `text` is a reactive that held
# `Content("ada")`: it's another value, drawn in another way.
# What happens: two Contents are equal if their letters are, so the reactive keeps the old one: no watcher is called,
# nothing is drawn, and the attribute has no bold. rich's Text, which Content follows, compares its spans.
# `Content.is_same` looks at the styles; `reactive(..., always_update=True)` is the way out.
# Versions: textual 8.2.8, rich 15.0.0.
# Source: run of this script.
# In this program: the one reactive that holds a Content, a table's footer, has one look; ui/widgets/base_widgets.py
# compares by `is_same`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8 rich==15.0.0
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from rich.text import Text
from textual.app import App
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Name(Widget):
    text = reactive(Content("ada"))
    calls = 0

    def watch_text(self):
        self.calls += 1

    def render(self):
        return self.text


class Page(App):
    def compose(self):
        yield Name()


async def main():
    app = Page()
    async with app.run_test() as pilot:
        name = app.query_one(Name)
        name.calls = 0
        name.text = Content("ada").stylize("bold")
        await pilot.pause()
        bold = [segment.style.bold for segment in name.render_lines(name.size.region)[0] if "ada" in segment.text]
        return name.calls, name.text.spans, bold


calls, spans, bold = asyncio.run(main())
rich_bold = Text("ada")
rich_bold.stylize("bold")
print("calls of the watcher:", calls, "| spans:", spans, "| drawn bold:", bold)
print("A rich Text equals its bold copy:", Text("ada") == rich_bold)
unchanged = (calls, spans) == (0, []) and not any(bold) and Text("ada") != rich_bold

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
