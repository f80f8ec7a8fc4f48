#!/usr/bin/env bash
# feedparser reads dates that don't exist, and takes Unix seconds for the year 1368.
#
# Guess: `published_parsed` is None for a date that it can't read: 30 February, the 13th month, 1367366400. A week date
# (2013-W18-3) or a day of the year (2013-121), both ISO 8601 as the other forms that it knows, is read or is None.
# What happens: 30 February is 2 March and month 13 the next January; Unix seconds are 1 January 1368. The week date is
# 1 November and the day of the year 1 December, both half a year off; written as 2013121 it's right.
# Versions: feedparser 6.0.14.
# Source: run of this script. `bozo` is not set for any of them.
# In this program: library/import_export/web_feeds.py reads feeds; it reads the week date, and leaves the others out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.14
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import feedparser

FORM = "<rss version='2.0'><channel><item><title>T</title><pubDate>{}</pubDate></item></channel></rss>"
EXPECTED = {
    "2013-02-30": (2013, 3, 2),
    "2013-13-01": (2014, 1, 1),
    "1367366400": (1368, 1, 1),
    "2013-W18-3": (2013, 11, 1),
    "2013-121": (2013, 12, 1),
    "2013121": (2013, 5, 1),
}
seen, complaints = {}, 0
for date in EXPECTED:
    feed = feedparser.parse(FORM.format(date))
    seen[date] = tuple(feed.entries[0].published_parsed or ())[:3]
    complaints += feed.bozo
    print(f"{date} is read as {seen[date]}")
unchanged = seen == EXPECTED and not complaints

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
