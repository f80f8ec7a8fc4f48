#!/usr/bin/env bash
# `screen -X stuff` types a text of 700 letters, and nothing of one of 800, with status 0 both times.
#
# Guess: A long text is typed whole, or there is an error, or at least its beginning is typed.
# What happens: A text that is too long is dropped as a whole, and nobody is told. A token or an address that is a bit
# longer than yesterday's is not there, and what a script types next goes to the wrong question.
# Versions: GNU screen 4.09, the one on PATH.
# Source: run of this script; screen(1), `stuff`: you cannot paste large buffers with it.
# In this program: screen is looked at, not typed into (tests/pty).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import os, subprocess, sys, time

os.mkdir("screens", 0o700)
environment = {name: value for name, value in os.environ.items() if name != "STY"}
environment |= {"SCREENDIR": os.path.abspath("screens"), "TERM": "xterm"}


def screen(*words):
    return subprocess.run(["screen", *words], capture_output=True, env=environment).returncode


open("typed", "w").close()
screen("-dmS", "x", "sh", "-c", "stty raw -echo; exec cat >typed")
time.sleep(1)
seen = {}
for number in (100, 700, 800, 2000):
    before = os.path.getsize("typed")
    status = screen("-S", "x", "-X", "stuff", "x" * number)
    time.sleep(1)
    seen[number] = (os.path.getsize("typed") - before, status)
screen("-S", "x", "-X", "quit")
for number, (typed, status) in seen.items():
    print(f"{number} letters: typed {typed}, status {status}")
unchanged = seen == {100: (100, 0), 700: (700, 0), 800: (0, 0), 2000: (0, 0)}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
