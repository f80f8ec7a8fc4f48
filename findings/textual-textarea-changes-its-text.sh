#!/usr/bin/env bash
# Textual's TextArea gives back another text than it was given.
#
# Guess: `TextArea(text).text == text`, or at most the line ends are made alike: an editor that nobody touched changes
# nothing.
# What happens: The text is cut by `str.splitlines` and put together with the first line end that occurs. So U+2028,
# U+2029, U+0085, form feeds, vertical tabs and the separators U+001C to U+001E become line breaks, and of mixed line
# ends one kind is left. A form that sends `area.text` back alters records that were only looked at. Log makes two lines
# of U+2028 as well.
# Versions: textual 8.2.8.
# Source: run of this script; textual/document/_document.py.
# In this program: a server's text is rid of these characters before a form shows it (model/text_sanitizer.py).
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
from textual.widgets import TextArea

TEXTS = ["one\u2028two", "one\x85two", "one\x0ctwo", "one\x0btwo", "one\x1etwo", "one\r\ntwo\nthree", "one\r\ntwo\r\n"]


async def main():
    app = App()
    async with app.run_test():
        area = TextArea()
        await app.mount(area)
        seen = []
        for text in TEXTS:
            area.text = text
            seen.append(area.text)
        return seen


seen = asyncio.run(main())
for text, got in zip(TEXTS, seen):
    print(ascii(text), "->", ascii(got))
unchanged = seen == ["one\ntwo"] * 5 + ["one\r\ntwo\r\nthree", "one\r\ntwo\r\n"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
