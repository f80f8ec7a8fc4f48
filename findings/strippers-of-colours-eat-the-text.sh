#!/usr/bin/env bash
# humanfriendly takes `hello m` away from `hello my moon` if a line was cleared before it, and Node takes a letter.
#
# Guess: What strips escape sequences leaves the text as it is. At worst, a part of an unusual sequence stays.
# What happens: For humanfriendly and ansiwrap a sequence ends with the next `m`, wherever that is, so `ESC [ 2 K`
# (clear the line, which progress bars send) takes the text up to its first m along. Node's own
# `util.stripVTControlCharacters`, cli-color and ansi-colors take the letter behind `ESC 7` (save the cursor): `text` is
# `ext`. So words of a log are missing, and a search for them finds nothing.
# Versions: humanfriendly 10.0, ansiwrap 0.8.4, click 8.5.1, wcwidth 0.9.4; cli-color 2.0.4, ansi-colors 4.1.3,
# strip-ansi 7.2.0 on Node 20.
# Source: run of this script; ECMA-48, 5.4: a control sequence ends with its first byte from 40 to 7E; Node's
# documentation: the text with any ANSI escape codes removed.
# In this program: control characters are removed one by one from what a server sent (model/text_sanitizer.py), and it
# writes no sequences to a pipe.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check humanfriendly==10.0 ansiwrap==0.8.4 'setuptools<80' \
  click==8.5.1 wcwidth==0.9.4
npm install --silent --no-audit --no-fund cli-color@2.0.4 ansi-colors@4.1.3 strip-ansi@7.2.0 >/dev/null
cat >strip.mjs <<'SCRIPT'
import ansiColors from 'ansi-colors';
import cliColorStrip from 'cli-color/strip.js';
import stripAnsi from 'strip-ansi';
import util from 'util';

const strippers = {
  Node: util.stripVTControlCharacters, 'cli-color': cliColorStrip, 'ansi-colors': ansiColors.unstyle,
  'strip-ansi': stripAnsi,
};
const seen = {};
for (const [name, strip] of Object.entries(strippers)) seen[name] = process.argv.slice(2).map(text => strip(text));
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, subprocess, sys
import ansiwrap, click, wcwidth
from humanfriendly.terminal import ansi_strip

LINES = ["\x1b[1mmean\x1b[0m", "\x1b[2Khello my moon", "\x1b7text\x1b8"]
python = {
    "humanfriendly": ansi_strip,
    "ansiwrap": ansiwrap.strip_color,
    "click": click.unstyle,
    "wcwidth": wcwidth.strip_sequences,
}
node = subprocess.run(["node", "strip.mjs", *LINES], capture_output=True, text=True, check=True).stdout
seen = {name: [strip(line) for line in LINES] for name, strip in python.items()} | json.loads(node)
for name, found in seen.items():
    print(f"{name}: {found}")
right = ["mean", "hello my moon", "text"]
unchanged = all(found[0] == "mean" for found in seen.values())
unchanged &= seen["wcwidth"] == seen["strip-ansi"] == right and seen["click"][1] == right[1]
unchanged &= seen["humanfriendly"][1] == seen["ansiwrap"][1] == "y moon"
unchanged &= all(seen[name][1:] == ["hello my moon", "ext"] for name in ("Node", "cli-color", "ansi-colors"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
