#!/usr/bin/env bash
# csv-stringify writes false as an empty cell, true as 1, and a date as a number of milliseconds.
#
# Guess: `{flattred: false}` becomes `false` in a CSV, as null becomes nothing, and a date becomes what JSON has, in
# ISO 8601.
# What happens: csv-stringify's false can't be told from null or from a member that is missing, and its dates are
# numbers such as 1367402400000; its `cast` option changes both. fast-csv writes a date as JavaScript's String does,
# with the zone of the computer in words, and d3-dsv leaves out the seconds if they are 0. Papa Parse and json2csv
# write `false` and ISO 8601.
# Versions: csv-stringify 6.9.0, fast-csv 5.0.8, papaparse 5.7.1, @json2csv/plainjs 7.0.8, d3-dsv 3.0.2 on Node 20.
# Source: run of this script; the documentation of csv-stringify's option `cast` names these as its default.
# In this program: an export writes true and false, and dates in ISO 8601 (import_export/exporter.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund csv-stringify@6.9.0 fast-csv@5.0.8 papaparse@5.7.1 @json2csv/plainjs@7.0.8 \
  d3-dsv@3.0.2 >/dev/null
cat >write.mjs <<'SCRIPT'
import {Parser} from '@json2csv/plainjs';
import {stringify} from 'csv-stringify/sync';
import * as d3 from 'd3-dsv';
import * as fastCsv from 'fast-csv';
import Papa from 'papaparse';

const at = new Date('2013-05-01T10:00:00Z');
const rows = [{name: 'a', flattred: false, at}, {name: 'b', flattred: true, at}, {name: 'c', flattred: null, at}];
const written = {
  'csv-stringify': stringify(rows),
  'fast-csv': await fastCsv.writeToString(rows),
  'Papa Parse': Papa.unparse(rows, {header: false}),
  json2csv: new Parser({header: false}).parse(rows),
  'd3-dsv': d3.csvFormatBody(rows),
};
const seen = {};
for (const [name, text] of Object.entries(written)) {
  const cells = text.trim().split(/\r?\n/).map(line => line.replaceAll('"', '').split(','));
  seen[name] = [...cells.map(row => row[1]), cells[0][2]].join(' | ');
  console.log(`${name}: ${seen[name]}`);
}
const expected = {
  'csv-stringify': ' | 1 |  | 1367402400000',
  'fast-csv': 'false | true |  | Wed May 01 2013 06:00:00 GMT-0400 (Eastern Daylight Time)',
  'Papa Parse': 'false | true |  | 2013-05-01T10:00:00.000Z',
  json2csv: 'false | true |  | 2013-05-01T10:00:00.000Z',
  'd3-dsv': 'false | true |  | 2013-05-01T10:00Z',
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
TZ=America/New_York node write.mjs
