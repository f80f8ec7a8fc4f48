#!/usr/bin/env bash
# csv-parse takes the title `Podcast 12` for the first of December 2001.
#
# Guess: With `cast_date`, a cell such as 2013-05-01 becomes a Date, and a title stays a text.
# What happens: Whatever V8's Date.parse accepts is a date, and that is any words with a number of 1 to 31 or a year
# behind them. `Podcast 12` is December 2001, `Folge 7` July 2001, `Summer 2013` 1 January 2013 of the machine's time
# zone, `Podcast 32` becomes 2032, and `Podcast 50` 1950.
# Versions: csv-parse 7.0.3 on Node 20.
# Source: run of this script; https://csv.js.org/parse/options/cast_date/.
# In this program: exports are plain CSV; whoever reads titles with csv-parse leaves `cast_date` off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
npm install --silent --no-audit --no-fund csv-parse@7.0.3 >/dev/null
"$python" - <<'PYTHON'
import json, os, subprocess, sys

SCRIPT = r"""
const {parse} = require('csv-parse/sync');
const titles = ['Podcast', 'Podcast 12', 'Folge 7', 'Podcast 32', 'Podcast 50', 'Summer 2013'];
const rows = parse(titles.join('\n'), {cast: true, cast_date: true});
console.log(JSON.stringify(rows.map(([cell], index) => [titles[index], cell instanceof Date, cell])));
"""
done = subprocess.run(["node", "-e", SCRIPT], capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"})
rows = json.loads(done.stdout)
for title, is_date, cell in rows:
    print(f"{title}: {'date' if is_date else 'text'} {cell}")
seen = {title: cell[:10] if is_date else None for title, is_date, cell in rows}
unchanged = seen == {
    "Podcast": None,
    "Podcast 12": "2001-12-01",
    "Folge 7": "2001-07-01",
    "Podcast 32": "2032-01-01",
    "Podcast 50": "1950-01-01",
    "Summer 2013": "2013-01-01",
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
