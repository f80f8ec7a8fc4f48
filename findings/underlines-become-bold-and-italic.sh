#!/usr/bin/env bash
# A wavy or coloured underline becomes bold and italic text in five converters of terminal output.
#
# Guess: Converters to HTML or to other styles draw `4:3` (wavy, as compilers and editors mark errors) as an underline
# and ignore the colour of `58;2;R;G;B`. What they don't know is left out.
# What happens: Rich, ansi2html, aha, ansi_up and ansi-to-html take the numbers behind 58 for styles of their own, so
# the colour 1, 2, 3 is bold, faint and italic, and one with a 0 in it ends all that was set. `4:3` is italic to
# ansi2html and aha, as if it were `4;3`; ansi_up and ansi-to-html print it or its rest as text; Rich ignores it, and
# the underline with it.
# Versions: rich 15.0.0, ansi2html 1.9.2, aha 0.5.1 (the aha on PATH is used, if there is one); ansi_up 6.0.6 and
# ansi-to-html 0.7.2 on Node 20.
# Source: run of this script; ECMA-48, 8.3.117, leaves 58 undefined; ITU T.416, 13.1.8, separates such numbers by
# colons, and kitty's 'Colored and styled underlines' has both forms.
# In this program: Textual draws plain underlines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0 ansi2html==1.9.2
npm install --silent --no-audit --no-fund ansi_up@6.0.6 ansi-to-html@0.7.2 >/dev/null
venv/bin/python - <<'PYTHON'
import json, shutil, subprocess, sys
from ansi2html import Ansi2HTMLConverter
from rich.text import Text

WAVY, COLOURED = "\x1b[4:3mX\x1b[0m", "\x1b[58;2;1;2;3mX\x1b[0m"
SCRIPT = r"""
const texts = JSON.parse(process.argv[1]);
import('ansi_up').then(({AnsiUp}) => {
  const Convert = require('ansi-to-html');
  const clean = text => text.replace('\x1b', 'ESC');
  console.log(JSON.stringify({
    'ansi_up': texts.map(text => clean(new AnsiUp().ansi_to_html(text))),
    'ansi-to-html': texts.map(text => clean(new Convert().toHtml(text))),
  }));
});
"""
texts = [WAVY, COLOURED]
done = subprocess.run(["node", "-e", SCRIPT, json.dumps(texts)], capture_output=True, text=True, check=True)
seen = {
    "Rich": [str([str(span.style) for span in Text.from_ansi(text).spans]) for text in texts],
    "ansi2html": [Ansi2HTMLConverter(inline=True).convert(text, full=False) for text in texts],
    **json.loads(done.stdout),
}
if shutil.which("aha"):
    seen["aha"] = [
        subprocess.run(["aha", "-n"], input=text, capture_output=True, text=True, check=True).stdout for text in texts
    ]
for name, (wavy, coloured) in seen.items():
    print(f"{name}: wavy {wavy.strip()!r}, coloured {coloured.strip()!r}")
unchanged = all("italic" in coloured or "<i>" in coloured for _, coloured in seen.values())
unchanged &= "italic" in seen["ansi2html"][0] and seen["Rich"][0] == "[]" and "3mX" in seen["ansi_up"][0]
unchanged &= seen["ansi-to-html"][0] == ":3mX" and "italic" in seen.get("aha", ["italic"])[0]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
