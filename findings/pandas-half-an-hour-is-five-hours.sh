#!/usr/bin/env bash
# pandas reads the duration `PT0.5H`, half an hour, as five hours, and `PT1.5M` as 5 minutes and 1 second.
#
# Guess: `pandas.Timedelta('PT0.5H')` and `pandas.to_timedelta` read a duration of ISO 8601 with a fraction, or refuse
# it: the smallest part may have one, and feeds, calendars and XML write durations so.
# What happens: Only seconds may have a fraction. In front of another letter the digits behind the point count as the
# number, and those in front of it as seconds: `PT1.5M` is 5 minutes and 1 second, `PT2.25H` 25 hours and 2 seconds,
# `P0.5D` 5 days. `PT1.5S` is right, and a comma is refused. isodate, aniso8601, pendulum and pydantic read half an
# hour.
# Versions: pandas 3.1.1; isodate 0.7.2, aniso8601 10.0.1, pendulum 3.3.0, pydantic 2.14.4 for comparison.
# Source: run of this script; https://github.com/pandas-dev/pandas/issues/51882, open since 2023.
# In this program: Flattr sends no durations; those of a feed's episodes are not read (import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pandas==3.1.1 isodate==0.7.2 aniso8601==10.0.1 \
  pendulum==3.3.0 pydantic==2.14.4
venv/bin/python - <<'PYTHON'
import datetime, sys
import aniso8601, isodate, pandas, pendulum, pydantic

DURATIONS = {"PT0.5H": 1800, "PT1.5M": 90, "PT2.25H": 8100, "P0.5D": 43200, "PT1.5S": 1.5, "PT1H30M": 5400}
READERS = {
    "isodate": isodate.parse_duration,
    "aniso8601": aniso8601.parse_duration,
    "pendulum": pendulum.parse,
    "pydantic": pydantic.TypeAdapter(datetime.timedelta).validate_python,
}
seen = {text: pandas.Timedelta(text).total_seconds() for text in DURATIONS}
for text, seconds in DURATIONS.items():
    print(f"{text}: {seconds} s; pandas: {seen[text]:.1f} s, {pandas.Timedelta(text)}")
wrong = {"PT0.5H": 5 * 3600, "PT1.5M": 5 * 60 + 1, "PT2.25H": 25 * 3600 + 2, "P0.5D": 5 * 86400}
unchanged = seen == DURATIONS | wrong
unchanged &= pandas.to_timedelta(["PT0.5H"])[0].total_seconds() == 5 * 3600
right = list(DURATIONS.values())
unchanged &= all([read(text).total_seconds() for text in DURATIONS] == right for read in READERS.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
