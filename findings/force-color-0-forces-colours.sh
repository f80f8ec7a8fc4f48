#!/usr/bin/env bash
# `FORCE_COLOR=0` switches colours off in Node and chalk, and on in Rich, termcolor and picocolors.
#
# Guess: `FORCE_COLOR=0` means the same to all, no colours, or nothing at all.
# What happens: It is off for Node, chalk, kleur and kolorist. For Rich, termcolor, colorette and picocolors any value
# but an empty one is on, also in a file or a pipe. So in a job that sets it to keep logs plain, one half of the tools
# obeys, and the other half writes the escape sequences that it would not have written without the variable.
# Versions: rich 15.0.0, termcolor 3.3.0 on Python 3.11; chalk 5.6.2, kleur 4.1.5, kolorist 1.8.0, picocolors 1.1.1,
# colorette 2.0.20 on Node 20.
# Source: run of this script; Node's documentation of FORCE_COLOR: any value but 1, 2, 3, true and the empty one
# disables colours; rich/console.py: it is forced if the variable is not empty.
# In this program: the command line writes no colours to a pipe, whatever the variable is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0 termcolor==3.3.0
npm install --silent --no-audit --no-fund chalk@5.6.2 kleur@4.1.5 kolorist@1.8.0 picocolors@1.1.1 colorette@2.0.20 \
  >/dev/null
cat >colour.mjs <<'SCRIPT'
import chalk from 'chalk';
import * as colorette from 'colorette';
import kleur from 'kleur';
import * as kolorist from 'kolorist';
import picocolors from 'picocolors';
import tty from 'tty';

const texts = {
  chalk: chalk.red('x'), kleur: kleur.red('x'), kolorist: kolorist.red('x'), picocolors: picocolors.red('x'),
  colorette: colorette.red('x'),
};
const seen = {Node: tty.WriteStream.prototype.getColorDepth() > 1};
for (const [name, text] of Object.entries(texts)) seen[name] = text !== 'x';
console.log(JSON.stringify(seen));
SCRIPT
cat >colour.py <<'SCRIPT'
import json, sys
import termcolor
from rich.console import Console

print(json.dumps({"Rich": Console().color_system is not None, "termcolor": termcolor.colored("x", "red") != "x"}))
SCRIPT
venv/bin/python - <<'PYTHON'
import json, os, subprocess, sys

NAMES = ("FORCE_COLOR", "NO_COLOR", "CI", "COLORTERM", "TERM_PROGRAM", "GITHUB_ACTIONS", "TEAMCITY_VERSION", "TMUX")
plain = {name: value for name, value in os.environ.items() if name not in NAMES} | {"TERM": "xterm-256color"}


def ask(**more):
    found = {}
    for command in (["node", "colour.mjs"], ["venv/bin/python", "colour.py"]):
        done = subprocess.run(command, env=plain | more, capture_output=True, text=True, check=True)
        found |= json.loads(done.stdout)
    return found


unset, zero, one = ask(), ask(FORCE_COLOR="0"), ask(FORCE_COLOR="1")
for name in zero:
    print(f"{name}, to a pipe: unset {unset[name]}, FORCE_COLOR=0 {zero[name]}, FORCE_COLOR=1 {one[name]}")
on = {"picocolors", "colorette", "Rich", "termcolor"}
unchanged = all(one.values()) and {name for name in zero if zero[name]} == on
unchanged &= not any(unset[name] for name in unset if name != "Node")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
