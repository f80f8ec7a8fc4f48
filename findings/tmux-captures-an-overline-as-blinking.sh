#!/usr/bin/env bash
# `tmux capture-pane -e` writes an overline as `5:3`, which shows as blinking, or as text.
#
# Guess: What `capture-pane -e` writes is the screen: shown by `cat`, or given to a converter, it looks the same again.
# What happens: All else comes back as it was set, bold to strike, all kinds of underlines and colours. But of 53,
# overline, tmux makes `5:3`, as it makes `4:3` of its own number 43 for a curly underline. xterm.js takes that for 5,
# blinking; pyte stops at the colon and prints `3mx`. The overline is gone in both.
# Versions: tmux 3.3a, the one on PATH; @xterm/headless 6.0.0 on Node 20, pyte 0.8.2.
# Source: run of this script; ECMA-48, 8.3.117, has 53 for overlined; tmux's grid.c writes attributes from 10 on as two
# digits with a colon.
# In this program: it uses no overlines; its tests read the terminal's own bytes (tests/pty/terminal.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pyte==0.8.2
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 >/dev/null
cat >show.mjs <<'SCRIPT'
import headless from '@xterm/headless';

const terminal = new headless.Terminal({cols: 20, rows: 2, allowProposedApi: true});
const seen = [];
for (const text of process.argv.slice(2)) {
  await new Promise(done => terminal.write(`\x1bc${text}`, done));
  const cell = terminal.buffer.active.getLine(0).getCell(0);
  seen.push([cell.getChars(), Boolean(cell.isOverline()), Boolean(cell.isBlink())]);
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, os, re, subprocess, sys, time
import pyte

SENT = ["\x1b[1mx", "\x1b[4:3mx", "\x1b[9mx", "\x1b[53mx"]


def tmux(*words):
    environment = os.environ | {"TMUX": ""}
    command = ["tmux", "-S", os.path.abspath("socket"), "-f", os.devnull, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


with open("lines.txt", "w") as file:
    file.writelines(f"{text}\x1b[0m\n" for text in SENT)
tmux("new-session", "-d", "-x", "20", "-y", "8", "cat lines.txt; echo end; exec cat")
for _ in range(100):
    lines = tmux("capture-pane", "-p", "-e").split("\n")
    if any("end" in line for line in lines):
        break
    time.sleep(0.1)
tmux("kill-server")
captured = [re.sub(r"\x1b\[(0|39|49)m", "", line) for line in lines[: len(SENT)]]
captured = [text.replace("[0;", "[") for text in captured]
words = ["node", "show.mjs", SENT[3], captured[3]]
in_xterm = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
screen = pyte.Screen(10, 1)
pyte.Stream(screen).feed(captured[3])
print("captured:", dict(zip(SENT, captured, strict=True)))
print("xterm.js, sent and captured: text, overline, blinking:", in_xterm)
print("pyte:", screen.display)
unchanged = captured[:3] == SENT[:3] and captured[3] == "\x1b[5:3mx"
unchanged &= in_xterm == [["x", True, False], ["x", False, True]] and screen.display[0].startswith("3mx")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
