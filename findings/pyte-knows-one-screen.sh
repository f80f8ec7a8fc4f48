#!/usr/bin/env bash
# For pyte, a program that has left its full screen is still on it.
#
# Guess: pyte, which draws recordings and checks terminal programs, has the alternate screen (`CSI ? 1049 h`) that every
# full-screen program uses. A letter of two cells that no longer fits into a line begins the next one.
# What happens: there is one screen: when the program ends, its picture stays, and the shell's lines are written over
# it. Scrolling (`CSI S`, `CSI T`), saving the cursor (`CSI s`, `CSI u`) and repeating (`CSI b`) are ignored without a
# sign, so what follows stands elsewhere. A wide letter in the last column is drawn half beyond it, in a line of 11
# cells of 10. xterm.js does all of these.
# Versions: pyte 0.8.2 with wcwidth 0.9.4; @xterm/headless 6.0.0 on Node 20 for comparison.
# Source: run of this script; pyte/modes.py and pyte/streams.py, `ByteStream.csi`, list what it knows.
# In this program: tests/pty/screen.py is a small emulator of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pyte==0.8.2 wcwidth==0.9.4
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 >/dev/null
cat >draw.js <<'SCRIPT'
const {Terminal} = require('@xterm/headless');

Promise.all(JSON.parse(process.argv[2]).map((text) => new Promise((done) => {
  const terminal = new Terminal({cols: 10, rows: 2, allowProposedApi: true});
  terminal.write(text, () => done([0, 1].map((row) => terminal.buffer.active.getLine(row).translateToString(true))));
}))).then((screens) => console.log(JSON.stringify(screens)));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import pyte

FED = {
    "alternate screen": "shell\x1b[?1049h\x1b[Hprogram\x1b[?1049l$",
    "scroll up": "one\r\ntwo\x1b[S",
    "saved cursor": "a\x1b[sbc\x1b[ud",
    "repeat": "ab\x1b[3bc",
    "wide letter": "123456789世x",
}


def by_pyte(text):
    screen = pyte.Screen(10, 2)
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display]


done = subprocess.run(["node", "draw.js", json.dumps(list(FED.values()))], capture_output=True, text=True, check=True)
xterm = dict(zip(FED, json.loads(done.stdout)))
seen = {name: by_pyte(text) for name, text in FED.items()}
for name in FED:
    print(f"{name}: pyte {seen[name]}, xterm.js {xterm[name]}")
unchanged = seen == {
    "alternate screen": ["program$", ""],
    "scroll up": ["one", "two"],
    "saved cursor": ["abcd", ""],
    "repeat": ["abc", ""],
    "wide letter": ["123456789世", "x"],
} and xterm == {
    "alternate screen": ["shell$", ""],
    "scroll up": ["two", ""],
    "saved cursor": ["adc", ""],
    "repeat": ["abbbbc", ""],
    "wide letter": ["123456789", "世x"],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
