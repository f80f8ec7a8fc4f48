#!/usr/bin/env bash
# Textual's Markdown makes a link to a host in Paraguay of `setup.py`.
#
# Guess: Only what is written as a link is one: `[text](address)`, `<https://…>`, and at most a bare address with its
# scheme, as GitHub does.
# What happens: The widget's parser also links names without a scheme whose ending is the code of a country: `setup.py`
# becomes http://setup.py, `README.md` (Moldova), `install.sh` (Saint Helena), and `work.It` if a blank is missing
# behind a full stop. A click on it is a LinkClicked, which opens the browser unless `open_links` is off. Code between
# backticks is left alone, and so is a path such as `src/setup.py`.
# Versions: textual 8.2.8 with markdown-it-py 4.3.0 and linkify-it-py 2.2.0.
# Source: run of this script; textual/widgets/_markdown.py uses the preset `gfm-like`; linkify-it-py, `fuzzy_link`;
# GitHub's specification, 6.9, wants `www.` or a scheme.
# In this program: descriptions are shown as plain text, and links are keys of their own; the widget is not used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8 markdown-it-py==4.3.0 \
  linkify-it-py==2.2.0
venv/bin/python - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import Markdown

TEXT = "Edit setup.py and README.md. It did work.It was src/setup.py, `setup.py`, and https://example.org/"


class Page(App):
    clicked = None

    def compose(self):
        yield Markdown(TEXT, open_links=False)

    def on_markdown_link_clicked(self, event):
        self.clicked = event.href


async def look():
    app = Page()
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        lines = app.screen._compositor.render_strips()
        row = next(number for number, strip in enumerate(lines) if "Edit" in strip.text)
        await pilot.click(offset=(lines[row].text.index("setup.py") + 4, row))
        await pilot.pause()
        links = [segment.text for segment in lines[row] if segment.style and "link" in str(segment.style.meta)]
        return app.clicked, links


clicked, links = asyncio.run(look())
print(TEXT)
print("links:", links)
print("a click on setup.py opens", clicked)
unchanged = clicked == "http://setup.py" and links == ["setup.py", "README.md", "work.It", "https://example.org/"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
