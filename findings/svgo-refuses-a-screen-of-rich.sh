#!/usr/bin/env bash
# SVGO can't read a screenshot of Rich or Textual with more than 512 blanks.
#
# Guess: SVGO reads any SVG that is well-formed. A limit on entities is one on those that a document declares itself,
# and can nest.
# What happens: Rich writes each blank as `&#160;`, and SVGO counts each reference to a character as an entity, except
# `&amp;` and the like. With the 513th it stops: 'Parsed entity count exceeds max entity count'. That's a screen of
# 80×24 that is more than a quarter empty. With the same characters written directly, the picture is optimized.
# Versions: svgo 4.1.0 with sax 1.6.1 on Node 20; rich 15.0.0, of which Textual's `export_screenshot` makes its
# pictures.
# Source: run of this script; sax/lib/sax.js: `maxEntityCount` is 512 if nothing else is said, and counts where
# `unparsedEntities` is set; SVG declares no such entity; XML 1.0, 4.1, has character references apart from entities.
# In this program: its pictures are stored as Textual makes them (tests/screenshots.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0
npm install --silent --no-audit --no-fund svgo@4.1.0 sax@1.6.1 >/dev/null
cat >optimize.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import {optimize} from 'svgo';

try {
  optimize(readFileSync(0, 'utf8'));
  console.log('optimized');
} catch (error) {
  console.log(error.reason);
}
SCRIPT
venv/bin/python - <<'PYTHON'
import io, subprocess, sys
from rich.console import Console


def screen(blanks):
    console = Console(record=True, width=80, file=io.StringIO())
    for number in range(blanks // 40):
        console.print("a " * 40, soft_wrap=True)
    console.print("a " * (blanks % 40), soft_wrap=True)
    return console.export_svg(title="")


def optimize(svg):
    return subprocess.run(
        ["node", "optimize.mjs"], input=svg, capture_output=True, text=True, check=True
    ).stdout.strip()


seen = {}
for blanks in (400, 800):
    svg = screen(blanks)
    seen[blanks] = optimize(svg), optimize(svg.replace("&#160;", "\xa0"))
    print(f"{svg.count('&#160;')} blanks: {seen[blanks][0]}; written directly: {seen[blanks][1]}")
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>{}</text></svg>'
limit = [optimize(SVG.format(one * 513)) for one in ("&#160;", "&amp;")]
print("513 in one text: of &#160;", limit[0], "of &amp;", limit[1])
refused = "Parsed entity count exceeds max entity count"
unchanged = seen == {400: ("optimized", "optimized"), 800: (refused, "optimized")} and limit == [refused, "optimized"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
