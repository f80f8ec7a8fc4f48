#!/usr/bin/env bash
# Two of three programs that make a PNG of a Rich or Textual screenshot don't stretch its text to its cells.
#
# Guess: Rich writes each piece of text with a `textLength`, so that it's as wide as its cells in whatever font the
# viewer has: the letters stand in their columns in a PNG made by CairoSVG, sharp or resvg, as in a browser.
# What happens: CairoSVG and sharp, which draws by librsvg, don't read `textLength`. With a font whose letters aren't as
# wide as those of Fira Code, which Rich names first, a table's last column is away from its heading, and boxes and bars
# have gaps. resvg stretches the text. With Fira Code installed all three pictures are alike.
# Versions: CairoSVG 2.9.1 with Pillow 13.0.0, rich 15.0.0; sharp 0.35.5 and @resvg/resvg-js 2.6.2 on Node 20. A
# monospace font must be installed.
# Source: run of this script; SVG 1.1, 10.5, and SVG 2, 11.4: textLength makes the sum of all advances that long.
# In this program: pictures are kept as SVG, and browsers draw them (tests/screenshots.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cairosvg==2.9.1 pillow==13.0.0 rich==15.0.0
npm install --silent --no-audit --no-fund sharp@0.35.5 @resvg/resvg-js@2.6.2 >/dev/null
cat >draw.mjs <<'SCRIPT'
import {readFileSync, writeFileSync} from 'node:fs';
import {Resvg} from '@resvg/resvg-js';
import sharp from 'sharp';

const svg = readFileSync('text.svg');
writeFileSync('resvg.png', new Resvg(svg).render().asPng());
await sharp(svg).png().toFile('sharp.png');
SCRIPT
venv/bin/python - <<'PYTHON'
import io, subprocess, sys
from cairosvg import svg2png
from PIL import Image
from rich.console import Console

console = Console(record=True, width=20, file=io.StringIO())
console.print("X" * 10)
lengths = console.export_svg().count('textLength="122"')
print("Rich's text of 10 letters has textLength=122:", lengths == 1)
with open("text.svg", "w") as file:
    file.write(
        '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="60"><rect width="800" height="60" fill="white"/>'
        f'<text x="0" y="40" font-family="monospace" font-size="20" textLength="600">{"X" * 10}</text></svg>'
    )
svg2png(url="text.svg", write_to="CairoSVG.png")
subprocess.run(["node", "draw.mjs"], check=True)
right = {}
for name in ("CairoSVG", "sharp", "resvg"):
    picture = Image.open(f"{name}.png").convert("L").point(lambda value: 255 if value < 128 else 0)
    left, _, right[name], _ = picture.getbbox() or sys.exit("There is no monospace font.")
    print(f"{name}: ten letters that are to be 600 wide end at {right[name]}")
unchanged = lengths == 1 and right["resvg"] > 500 and all(right[name] < 200 for name in ("CairoSVG", "sharp"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
