#!/usr/bin/env bash
# A coloured bar over a whole line is on tmux's screen, and not in what `capture-pane -e` prints of it.
#
# Guess: `tmux capture-pane -p -e` prints the screen with its colours, so a picture made from it, or a test that
# compares it, shows what the screen shows. `-N` keeps the blanks at the ends of lines.
# What happens: A bar is often drawn by clearing a line in a colour (`ESC [ 44 m`, then `ESC [ K`). tmux draws it, but
# the capture ends with the last letter of the line, with `-N` too: cells that were cleared aren't written, though those
# that a program filled with blanks are, with `-N`. The capture has no `ESC [ K` either, so the bar can't be drawn from
# it.
# Versions: tmux 3.3a (the tmux on PATH is used).
# Source: run of this script; tmux(1), capture-pane: 'If -N is given, trailing spaces at each line's end are preserved'.
# In this program: Textual writes each cell of a bar, as a blank.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import os, subprocess, sys, time

SCREEN = "\x1b[44mbar\x1b[K\x1b[0m\r\n\x1b[44mbar  \x1b[0m\r\nend"
with open("screen.txt", "w") as file:
    file.write(SCREEN)


def tmux(*words):
    command = ["tmux", "-S", os.path.abspath("socket"), "-f", os.devnull, *words]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TMUX": ""}).stdout


tmux("new-session", "-d", "-x", "20", "-y", "5", "cat screen.txt; exec sleep 30")
for _ in range(50):
    if "end" in tmux("capture-pane", "-p"):
        break
    time.sleep(0.1)
plain, kept = (tmux("capture-pane", "-p", "-e", *options).splitlines() for options in ([], ["-N"]))
tmux("kill-server")
print("-e:   ", plain[:3])
print("-e -N:", kept[:3])
unchanged = plain[:3] == ["\x1b[44mbar", "bar", "\x1b[49mend"]
unchanged &= kept[:3] == ["\x1b[44mbar", "bar  ", "\x1b[49mend"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
