#!/usr/bin/env bash
# pyte prints letters when a Textual program starts and ends.
#
# Guess: A terminal emulator that doesn't know a control sequence ignores all of it, up to its last byte: ECMA-48 says
# which bytes belong to it.
# What happens: pyte stops at the first byte that it doesn't expect and prints the rest. Of `CSI < u`, by which Textual
# switches the Kitty keyboard protocol off, `u` appears on the screen; of a curly underline (`4:3m`) `3m`, of a colour
# with colons `2::255:0:0m`, of DCS, APC and PM strings the whole text. A test that compares screens, or a recording
# drawn by termtosvg, has these letters.
# Versions: pyte 0.8.2.
# Source: run of this script; ECMA-48, 5.4: parameter bytes are 0x30 to 0x3F, which has `<`, `=` and `:`.
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


def show(sent):
    screen = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(sent)
    return screen.display[0].rstrip()


SENT = {
    "Kitty keyboard on": "\x1b[>1u",
    "Kitty keyboard off": "\x1b[<u",
    "curly underline": "\x1b[4:3mtext",
    "colour with colons": "\x1b[38:2::255:0:0mtext",
    "termcap question (DCS)": "\x1bP+q544e\x1b\\text",
    "Kitty picture (APC)": "\x1b_Gi=1;AAAA\x1b\\text",
    "synchronized output": "\x1b[?2026htext",
    "link (OSC 8)": "\x1b]8;;https://example.org\x1b\\text\x1b]8;;\x1b\\",
}
seen = {name: show(sent) for name, sent in SENT.items()}
for name, shown in seen.items():
    print(f"{name}: {shown!r}")
unchanged = list(seen.values()) == ["", "u", "3mtext", "2::255:0:0mtext", "+q544etext", "Gi=1;AAAAtext", "text", "text"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
