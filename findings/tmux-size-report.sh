#!/usr/bin/env bash
# tmux 3.3 answers the question for its size with rows and columns exchanged.
#
# Guess: `CSI 18 t` is answered by `CSI 8 ; rows ; columns t`, as xterm defined it and as kitty and foot answer.
# What happens: in a window of 80 columns and 10 rows tmux says `8;80;10`. A program that asks (over a serial line,
# in a container without TIOCGWINSZ) lays itself out for 80 rows of 10 columns.
# Versions: tmux 3.3a (the tmux on PATH is used); a later one may have it right.
# Source: run of this script; xterm's ctlseqs, 'Window manipulation'.
# In this program: the size comes from the kernel, and from the protocol of textual-serve in a browser; this question
# is never asked.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import os, re, subprocess, time

asking = r"""
import os, select, sys, termios, tty
old = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"\033[18t")
seen = b""
while b"t" not in seen and select.select([0], [], [], 5)[0]:
    seen += os.read(0, 100)
termios.tcsetattr(0, termios.TCSADRAIN, old)
open("part", "wb").write(seen)
os.rename("part", "answer")
"""
open("ask.py", "w").write(asking)


def tmux(*words):
    return subprocess.run(["tmux", "-L", f"finding{os.getpid()}", "-f", os.devnull, *words], capture_output=True, text=True)


tmux("set-option", "-g", "status", "off", ";", "new-session", "-d", "-x", "80", "-y", "10", "python3 ask.py; sleep 60")
for _ in range(100):
    if os.path.exists("answer"):
        break
    time.sleep(0.1)
size = tmux("display-message", "-p", "#{window_width} columns, #{window_height} rows").stdout.strip()
tmux("kill-server")
answer = open("answer", "rb").read()
print(subprocess.run(["tmux", "-V"], capture_output=True, text=True).stdout.strip(), "|", size, "|", answer)
rows, columns = map(int, re.search(rb"8;(\d+);(\d+)t", answer).groups())
unchanged = (rows, columns)[0] == 80 and f"{rows} columns, {columns} rows" == size

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
