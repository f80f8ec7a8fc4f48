#!/usr/bin/env bash
# A date that is incomplete in a feed changes from day to day when atoma reads it.
#
# Guess: `<updated>May 2013</updated>` is refused, since atoma raises FeedParseError for what is no Atom, or it's the
# first of May. A number alone is no date.
# What happens: What is missing is taken from today: `May 2013` is the 30th of May if it's read on a 30th, and `10` the
# tenth of this month. The same feed gives another date tomorrow, so entries look changed. `03/04/2013` is read as the
# American way, without a doubt.
# Versions: atoma 0.0.17 with python-dateutil 4.0.0.
# Source: run of this script; RFC 4287, 3.3: a date is one by RFC 3339; dateutil's `parse` documents its `default`.
# In this program: feeds are read by library/import_export/web_feeds.py, which leaves out a date that is none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check atoma==0.0.17 python-dateutil==4.0.0
python=venv/bin/python
"$python" - <<'PYTHON'
import datetime, sys
import atoma

FORM = '<feed xmlns="http://www.w3.org/2005/Atom"><id>i</id><title>t</title><updated>{}</updated></feed>'
today = datetime.date.today()
seen = {}
for date in ("May 2013", "10", "03/04/2013"):
    by_atoma = atoma.parse_atom_bytes(FORM.format(date).encode()).updated.date()
    seen[date] = by_atoma
    print(f"{date} is read as {by_atoma} (today is {today})")
unchanged = seen["May 2013"] == datetime.date(2013, 5, today.day) and seen["10"] == today.replace(day=10)
unchanged &= seen["03/04/2013"] == datetime.date(2013, 3, 4)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
