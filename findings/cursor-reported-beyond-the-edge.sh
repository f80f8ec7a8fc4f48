#!/usr/bin/env bash
# tmux, pyte and xterm.js say that the cursor is in column 21 of 20.
#
# Guess: after a letter in the last column the cursor stays on that column, and the next letter wraps: the report of its
# position (`CSI 6 n`) names column 20, as xterm and a real VT do.
# What happens: they remember the coming wrap by a column that doesn't exist, and report it. A program that measures the
# width of a letter by two reports, or that returns to the reported place, is wrong by one at the edge alone.
# Versions: tmux 3.3a (the tmux on PATH is used), pyte 0.8.2, @xterm/headless 6.0.0 on Node 20.
# Source: run of this script; https://github.com/xtermjs/xterm.js/issues/1434: 'a real VT cant move the cursor outside
# the screen'; https://github.com/wezterm/wezterm/pull/4564 changed it in WezTerm.
# In this program: the terminal is never asked where the cursor is.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux -L "findings-$$" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pyte==0.8.2
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 >/dev/null
line='12345678901234567890'

cat >ask.py <<'PYTHON'
import os, sys, termios, tty

before = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, sys.argv[1].encode() + b"\x1b[6n")
answer = b""
while not answer.endswith(b"R"):
    answer += os.read(0, 1)
termios.tcsetattr(0, termios.TCSANOW, before)
with open("by-tmux.part", "wb") as file:
    file.write(answer)
os.rename("by-tmux.part", "by-tmux")
PYTHON
tmux -L "findings-$$" -f /dev/null new-session -d -x 20 -y 5 "exec venv/bin/python ask.py $line"
for _ in $(seq 100); do [ ! -e by-tmux ] || break; sleep 0.1; done

venv/bin/python - "$line" >by-pyte <<'PYTHON'
import sys
import pyte


class Screen(pyte.Screen):
    def write_process_input(self, data):
        sys.stdout.write(data)


pyte.Stream(Screen(20, 5)).feed(sys.argv[1] + "\x1b[6n")
PYTHON

node - "$line" >by-xterm.js <<'SCRIPT'
const {Terminal} = require('@xterm/headless');
const terminal = new Terminal({cols: 20, rows: 5});
terminal.onData((data) => process.stdout.write(data));
terminal.write(process.argv[2] + '\x1b[6n');
SCRIPT

venv/bin/python - <<'PYTHON'
import sys

seen = []
for name in ("tmux", "pyte", "xterm.js"):
    with open(f"by-{name}", "rb") as file:
        seen.append(file.read())
    print(f"{name}: {seen[-1]!r}")
if seen != [b"\x1b[1;21R"] * 3:
    sys.exit("This has changed.")
print("As described.")
PYTHON
