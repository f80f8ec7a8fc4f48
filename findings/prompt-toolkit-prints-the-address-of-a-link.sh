#!/usr/bin/env bash
# prompt_toolkit prints the address of a link that Rich made, and Rich that of a link of `ls`.
#
# Guess: `ANSI(text)` of prompt_toolkit and `Text.from_ansi(text)` of Rich, made for the output of other programs, keep
# a link (OSC 8) or leave it out. Its text remains. An underline that they don't know (`4:3`) is left out too.
# What happens: prompt_toolkit knows `ESC [` only, and drops the one character behind any other ESC: `docs` with a link
# becomes `8;;https://h/docs8;;`, with two BELs in it if BEL ended the link. A colon ends its reading of a colour, so
# wavy underlined text begins with `3m`, and a colour with `2::1:2:3m`; `ESC [ ?25l` leaves `25l`. Rich reads links that
# end in `ESC \`, as it writes them, but not those that end in BEL, as ls and npm's terminal-link write them: these
# become text as well.
# Versions: prompt_toolkit 3.0.53, rich 15.0.0.
# Source: run of this script; prompt_toolkit/formatted_text/ansi.py, `_parse_corot`; rich/ansi.py, `re_ansi`.
# In this program: text from a server loses its control characters before it's drawn, and links are Textual's
# (model/text_sanitizer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check prompt_toolkit==3.0.53 rich==15.0.0
venv/bin/python - <<'PYTHON'
import io, re, sys
from prompt_toolkit.formatted_text import ANSI, fragment_list_to_text, to_formatted_text
from rich.console import Console
from rich.text import Text

console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
console.print(Text("docs", "link https://h/"), end="")
linked = re.sub("id=[^;]*", "", console.file.getvalue())
TEXTS = {
    "link of Rich": linked,
    "link of ls": "\x1b]8;;https://h/\x07docs\x1b]8;;\x07",
    "wavy": "\x1b[4:3mdocs\x1b[0m",
    "colour": "\x1b[38:2::1:2:3mdocs\x1b[0m",
    "hidden cursor": "\x1b[?25ldocs",
}
seen = {
    name: (fragment_list_to_text(to_formatted_text(ANSI(text))), Text.from_ansi(text).plain)
    for name, text in TEXTS.items()
}
for name, (first, second) in seen.items():
    print(f"{name}: prompt_toolkit {first!r}, Rich {second!r}")
unchanged = linked == "\x1b]8;;https://h/\x1b\\docs\x1b]8;;\x1b\\" and seen == {
    "link of Rich": ("8;;https://h/docs8;;", "docs"),
    "link of ls": ("8;;https://h/\x07docs8;;\x07", "8;;https://h/docs8;;"),
    "wavy": ("3mdocs", "docs"),
    "colour": ("2::1:2:3mdocs", "docs"),
    "hidden cursor": ("25ldocs", "docs"),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
