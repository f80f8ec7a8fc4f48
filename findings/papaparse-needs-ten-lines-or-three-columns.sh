#!/usr/bin/env bash
# Papa Parse cuts a small table of two columns at its decimal commas if the file ends with a line break.
#
# Guess: In `month;revenue`, with `2013-05;0,95` and `2013-06;1,20` below, it finds the semicolon: each line has one,
# the head too. A line break at the end changes nothing, and a third column neither.
# What happens: The empty line behind the last line break counts as a line of one field, and a separator must give two
# fields on average. So no separator is found for two columns, unless there are ten lines, and commas are taken:
# `2013-05;0` and `95`. That stands in `errors` only. Without the last line break, which R and most programs write, it
# is the semicolon. `skipEmptyLines: true` or `delimiter` is the way out.
# Versions: papaparse 5.7.1 on Node 20.
# Source: run of this script; papaparse.js, `guessDelimiter`: `avgFieldCount > 1.99`.
# In this program: `earnings --format csv` writes commas between fields and decimal points; an import finds the
# separator by the known titles (model/revenue_csv.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund papaparse@5.7.1 >/dev/null
cat >read.mjs <<'SCRIPT'
import Papa from 'papaparse';

const table = lines => 'month;revenue\n' + '2013-05;0,95\n'.repeat(lines - 1);
const cases = {
  'three lines': table(3),
  'three lines, no last line break': table(3).trimEnd(),
  'three lines, three columns': table(3).replaceAll('\n', ';8\n'),
  'nine lines': table(9),
  'ten lines': table(10),
};
const seen = [];
for (const [name, text] of Object.entries(cases)) {
  const {data, meta, errors} = Papa.parse(text);
  seen.push(meta.delimiter);
  console.log(`${name}: ${meta.delimiter} ${JSON.stringify(data[1])} ${errors.map(({code}) => code)}`);
}
const way = Papa.parse(table(3), {skipEmptyLines: true}).meta.delimiter;
console.log('three lines, skipEmptyLines:', way);
const unchanged = seen.join(' ') === ', ; ; , ;' && way === ';';
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
