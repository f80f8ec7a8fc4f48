#!/usr/bin/env bash
# Node's string-width says that a soft hyphen takes no cell, and each terminal asked gives it one.
#
# Guess: A soft hyphen, of which titles from web pages are full (`&shy;`), has one width for all: none, as on a page, or
# a cell, as an old agreement of terminals has it.
# What happens: tmux, xterm.js and pyte draw it as a cell. wcwidth, Rich, prompt_toolkit and urwid for Python count a
# cell. string-width has counted nothing since its version 7, so what boxen and cliui draw is out of line, and
# cli-truncate lets a text through that is longer than it was told. string-width 4, which older programs such as
# cli-table3 use, counts a cell.
# Versions: string-width 8.3.0, 7.2.0 (in boxen 8.0.1 and cliui 9.0.1) and 4.2.3, cli-truncate 5.2.0 and @xterm/headless
# 6.0.0 on Node 20; wcwidth 0.9.4, rich 15.0.0, pyte 0.8.2, prompt_toolkit 3.0.53, urwid 5.1.0; tmux 3.3a, the one on
# PATH.
# Source: run of this script; string-width/index.js: what has the property Default_Ignorable_Code_Point is dropped;
# wcwidth's documentation: SOFT HYPHEN has a width of 1.
# In this program: Rich counts a cell, so a title with one stays in its column.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check wcwidth==0.9.4 rich==15.0.0 pyte==0.8.2 \
  prompt_toolkit==3.0.53 urwid==5.1.0
npm install --silent --no-audit --no-fund string-width@8.3.0 string-width-4@npm:string-width@4.2.3 \
  boxen@8.0.1 cliui@9.0.1 cli-truncate@5.2.0 @xterm/headless@6.0.0 >/dev/null
cat >measure.mjs <<'SCRIPT'
import xterm from '@xterm/headless';
import boxen from 'boxen';
import cliTruncate from 'cli-truncate';
import cliui from 'cliui';
import stringWidth from 'string-width';
import stringWidth4 from 'string-width-4';

const text = process.argv[2];
const terminal = new xterm.Terminal({cols: 40, rows: 3, allowProposedApi: true});
await new Promise(done => terminal.write(text, done));
const ui = cliui({width: 40});
for (const title of [text, 'a title']) ui.div({text: title, width: 20}, {text: '5'});
console.log(JSON.stringify([
  {
    'string-width 8': stringWidth(text),
    'string-width 4': stringWidth4(text),
    'xterm.js': terminal.buffer.active.cursorX,
    'cli-truncate to 8': [...cliTruncate(text, 8)].length,
  },
  {boxen: boxen(`${text}\na title`), cliui: ui.toString()},
]));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, os, subprocess, sys, time
import pyte
from prompt_toolkit.utils import get_cwidth
from rich.cells import cell_len
from urwid import calc_width
from wcwidth import wcswidth

TEXT = "Zu\xadsam\xadmen"
environment = os.environ | {"LC_ALL": "C.UTF-8", "TMUX": ""}


def tmux(*words):
    command = ["tmux", "-S", os.path.abspath("socket"), "-f", os.devnull, "-u", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def cursor_in_tmux():
    tmux("new-session", "-d", "-x", "40", "-y", "3", f"printf %s '{TEXT}'; exec sleep 30")
    for _ in range(50):
        if (column := tmux("display-message", "-p", "#{cursor_x}")) != "0":
            break
        time.sleep(0.1)
    tmux("kill-server")
    return int(column)


screen = pyte.Screen(40, 3)
pyte.Stream(screen).feed(TEXT)
node = subprocess.run(["node", "measure.mjs", TEXT], capture_output=True, text=True, check=True).stdout
widths, drawn = json.loads(node)
widths |= {
    "tmux": cursor_in_tmux(),
    "pyte": screen.cursor.x,
    "wcwidth": wcswidth(TEXT),
    "Rich": cell_len(TEXT),
    "prompt_toolkit": get_cwidth(TEXT),
    "urwid": calc_width(TEXT, 0, len(TEXT)),
}
print(f"{TEXT!r}, {len(TEXT)} characters:", widths)
lines = {name: {wcswidth(line) for line in text.splitlines()} for name, text in drawn.items()}
print("widths of the lines that are drawn:", lines)
unchanged = widths.pop("string-width 8") == 8 and set(widths.values()) == {10}
unchanged &= all(len(different) == 2 for different in lines.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
