#!/usr/bin/env bash
# A text that went through Rich's `escape` loses `[OK]` and `[DE]` when Textual shows it.
#
# Guess: Textual's markup is Rich's, from the same authors: what one shows as text the other does, and
# `rich.markup.escape` makes any text safe for both.
# What happens: For Rich a tag begins with a small letter, `#`, `/` or `@`, so `[OK]`, `[DE]`, `[X]` and `[100%]` are
# text, and its `escape` leaves them. Textual takes them for tags of unknown styles and draws nothing.
# `[link=https://…]` without quotes, as Rich's documentation writes it, is an error in Textual, while `[a.b]` is a tag
# in Rich alone. `textual.markup.escape` does no better; a Content is safe.
# Versions: rich 15.0.0, textual 8.2.8.
# Source: run of this script; https://rich.readthedocs.io/en/stable/markup.html and
# https://textual.textualize.io/guide/content/#markup.
# In this program: no text of a server goes through markup at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0 textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
from rich.markup import escape
from rich.text import Text
from textual.content import Content
from textual.markup import MarkupError


def by_textual(markup):
    try:
        return Content.from_markup(markup).plain
    except MarkupError:
        return "MarkupError"


TEXTS = ["[DE] Podcast", "[OK] done", "[100%] free", "[X] read", "[b] is bold", "[1/3] one"]
seen = {text: (Text.from_markup(escape(text)).plain, by_textual(escape(text))) for text in TEXTS}
for text, shown in seen.items():
    print(f"{text!r}: escaped {escape(text)!r}, in Rich {shown[0]!r}, in Textual {shown[1]!r}")
link = "[link=https://example.org/]page[/link]"
links = Text.from_markup(link).plain, by_textual(link)
print(f"{link}: in Rich {links[0]!r}, in Textual {links[1]!r}")
unchanged = all(rich == text for text, (rich, _) in seen.items()) and links == ("page", "MarkupError")
unchanged &= [shown[1] for shown in seen.values()] == [" Podcast", " done", " free", " read", *TEXTS[4:]]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
