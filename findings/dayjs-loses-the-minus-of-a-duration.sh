#!/usr/bin/env bash
# Day.js and iso8601-duration read `-PT30S` as 30 seconds, and Day.js reads `PT0,5H` as nothing.
#
# Guess: A duration of ISO 8601 with a minus in front, as in XML Schema and in calendars (an alarm half an hour before),
# is negative, or refused. A comma is as good as a point in a fraction: the standard prefers it.
# What happens: Day.js's duration plugin and iso8601-duration accept the minus and forget it. A duration that Day.js
# itself has written comes back with the other sign. With a comma, Day.js gives 0 for the part, without an error.
# Moment, Luxon (with seconds), tinyduration, isodate and pydantic keep the minus; Luxon calls `PT0,5H` invalid.
# Versions: dayjs 1.11.23, iso8601-duration 2.1.4, moment 2.31.0, luxon 3.7.2, tinyduration 3.4.1 on Node 20; isodate
# 0.7.2, pydantic 2.14.4.
# Source: run of this script; XML Schema 1.1 part 2, 3.3.6, has the minus in front of the P.
# In this program: Flattr sends no durations; the time left of a wait is a number of seconds (ui/format.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check isodate==0.7.2 pydantic==2.14.4
npm install --silent --no-audit --no-fund dayjs@1.11.23 iso8601-duration@2.1.4 moment@2.31.0 luxon@3.7.2 \
  tinyduration@3.4.1 >/dev/null
cat >read.mjs <<'SCRIPT'
import dayjs from 'dayjs';
import duration from 'dayjs/plugin/duration.js';
import * as iso from 'iso8601-duration';
import {Duration} from 'luxon';
import moment from 'moment';
import * as tinyduration from 'tinyduration';

dayjs.extend(duration);
const tiny = text => {
  const {negative, hours = 0, seconds = 0} = tinyduration.parse(text);
  return (hours * 3600 + seconds) * (negative ? -1 : 1);
};
const readers = {
  'Day.js': text => dayjs.duration(text).asSeconds(),
  'iso8601-duration': text => iso.toSeconds(iso.parse(text)),
  Moment: text => moment.duration(text).asSeconds(),
  Luxon: text => Duration.fromISO(text).as('seconds'),
  tinyduration: tiny,
};
const seen = {written: dayjs.duration(-30, 'seconds').toISOString()};
for (const [name, read] of Object.entries(readers)) seen[name] = process.argv.slice(2).map(read);
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import datetime, json, subprocess, sys
import isodate, pydantic

TEXTS = ["PT30S", "-PT30S", "PT0.5H", "PT0,5H"]
node = subprocess.run(["node", "read.mjs", *TEXTS], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
written = seen.pop("written")
validate = pydantic.TypeAdapter(datetime.timedelta).validate_python
seen["isodate"] = [isodate.parse_duration(text).total_seconds() for text in TEXTS]
seen["pydantic"] = [validate(text).total_seconds() for text in TEXTS]
print("", *TEXTS, sep=", ")
for name, seconds in seen.items():
    print(name, *seconds, sep=", ")
print("Day.js writes -30 seconds as", written)
right = [30, -30, 1800, 1800]
unchanged = written == "-PT30S" and seen.pop("Day.js") == [30, 30, 1800, 0]
unchanged &= seen.pop("iso8601-duration") == [30, 30, 1800, 1800] and seen.pop("Luxon") == [30, -30, 1800, None]
unchanged &= all(seconds == right for seconds in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
