#!/usr/bin/env bash
# Rich's Text.from_ansi shows empty lines for all that a terminal program wrote.
#
# Guess: A line that ends with CR and LF is the line: that is what every program writes to a terminal, and what
# `script`, pexpect and a pseudo-terminal record.
# What happens: What stands in front of the last CR of a line is dropped, as if it were overwritten, though nothing
# follows: `one\r\ntwo\r\n` is two empty lines. In the same way `10 %\r` is empty until something else is written. Only
# texts of a pipe, with LF alone, are whole. A title (OSC 0 to 2) stays in the text, without its escape character.
# Versions: rich 15.0.0.
# Source: run of this script; rich/ansi.py, `decode_line`: `line.rsplit("\r", 1)[-1]`.
# In this program: no output of other programs is drawn; texts from a server lose their control characters
# (model/text_sanitizer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0
venv/bin/python - <<'PYTHON'
import os, pty, subprocess, sys
from rich.text import Text


def run_on_terminal(command):
    main, other = pty.openpty()
    subprocess.run(command, stdout=other, check=True)
    os.close(other)
    return os.read(main, 1000).decode()


written = run_on_terminal(["printf", "one\ntwo\n"])
seen = {text: Text.from_ansi(text).plain for text in ("one\ntwo\n", written, "10 %\r", "\x1b]0;title\x07text")}
for text, plain in seen.items():
    print(f"{text!r}: {plain!r}")
unchanged = written == "one\r\ntwo\r\n" and not seen[written].strip()
unchanged &= seen["one\ntwo\n"].split() == ["one", "two"] and seen["10 %\r"] == ""
unchanged &= seen["\x1b]0;title\x07text"] == "0;titletext"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
