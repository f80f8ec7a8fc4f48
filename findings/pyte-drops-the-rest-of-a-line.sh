#!/usr/bin/env bash
# pyte, which termtosvg and tests of terminal programs use, drops what follows a Hindi vowel or a joiner.
#
# Guess: a letter without a width of its own is added to the one before it, as `e` with a combining accent is. At
# worst it's left out.
# What happens: `draw` stops at the first character of width 0 whose combining class is 0, and leaves out all the rest
# that was fed at once: that character, the letters after it, and the border of the box. Such are the zero-width
# joiners of Persian and many vowel signs and marks of Hindi, Bengali, Burmese, Khmer and Tamil.
# Versions: pyte 0.8.2 with wcwidth 0.9.4.
# Source: run of this script.
# In this program: tests/pty/screen.py is a small emulator of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pyte==0.8.2 wcwidth==0.9.4
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import pyte


def show(text):
    screen = pyte.Screen(30, 1)
    pyte.Stream(screen).feed(text)
    return screen.display[0].rstrip()


WORDS = {
    "accent": "e\u0301te",
    "Arabic": "\u0645\u064f\u062f",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Hindi": "\u0939\u0941\u0906",
    "Tamil": "\u0b95\u0bc0\u0bb4\u0bcd",
}
seen = {name: show(f"{word} | the rest") for name, word in WORDS.items()}
for name, line in seen.items():
    print(f"{name}: fed {ascii(WORDS[name])} | the rest, shown {ascii(line)}")
cut = {name for name, line in seen.items() if not line.endswith("the rest")}
unchanged = cut == {"Persian", "Hindi", "Tamil"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
