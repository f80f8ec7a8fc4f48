#!/usr/bin/env bash
# click takes colours out of what goes to a file, but leaves links in.
#
# Guess: `click.echo` writes plain text to a pipe or a file: it removes ANSI sequences, and `click.unstyle` does so for
# any text.
# What happens: It removes what begins with CSI, such as colours and underlines. A link (OSC 8), as ls, gcc and Rich
# write them, stays with its address, and so does a title (OSC 0). A log or a CSV from such a program has escape
# characters in it, and the length of an unstyled text is wrong.
# Versions: click 8.5.1.
# Source: run of this script; ECMA-48, 8.3.89: an OSC is a control sequence too, up to ST.
# In this program: the command line writes no links, and colours by click's own styles.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check click==8.5.1
python=venv/bin/python
"$python" - <<'PYTHON'
import subprocess, sys
import click

TEXTS = {
    "colour": "\x1b[31mtext\x1b[0m",
    "colour with colons": "\x1b[38:2::255:0:0mtext\x1b[0m",
    "curly underline": "\x1b[4:3mtext\x1b[0m",
    "link": "\x1b]8;;https://example.org\x1b\\text\x1b]8;;\x1b\\",
    "title": "\x1b]0;title\x07text",
}
seen = {}
for name, text in TEXTS.items():
    run = [sys.executable, "-c", f"import click; click.echo({text!r})"]
    written = subprocess.run(run, capture_output=True, text=True, check=True).stdout.rstrip("\n")
    seen[name] = written == "text", click.unstyle(text) == "text"
    print(f"{name}: written to a pipe {written!r}, unstyled {click.unstyle(text)!r}")
unchanged = list(seen.values()) == [(True, True)] * 3 + [(False, False)] * 2

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
