#!/usr/bin/env bash
# A feed's date in EST is five hours too early for dateutil and pendulum, and none for feedgen and pandas.
#
# Guess: RFC 822, and so RSS, has ten names of zones: UT, GMT, EST, EDT, CST, CDT, MST, MDT, PST and PDT. A reader of a
# feed's dates knows them, or says that it doesn't.
# What happens: dateutil knows UTC, GMT and Z. The others, UT too, it leaves out, with a warning that Python shows once,
# and returns a time without a zone. pendulum (`strict=False`) takes that for UTC, so 22:30 EST is 22:30 in London; the
# true time is half past three of the next day. feedgen refuses such a date for an entry since it has no zone, and
# pandas a whole column for one of them. dateparser, atoma, fastfeedparser, feedparser and Python's own email.utils know
# all ten, and so does JavaScript's Date.
# Versions: python-dateutil 4.0.0, pendulum 3.3.0, feedgen 1.0.0, pandas 3.1.1; dateparser 1.5.0, atoma 0.0.17,
# fastfeedparser 0.6.5, feedparser 6.0.14 and Node 20 for comparison.
# Source: run of this script; RFC 822, 5.1; dateutil documents `tzinfos`, by which a caller can name zones.
# In this program: feeds' dates are read by email.utils (library/import_export/captured_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check python-dateutil==4.0.0 pendulum==3.3.0 feedgen==1.0.0 \
  pandas==3.1.1 dateparser==1.5.0 atoma==0.0.17 fastfeedparser==0.6.5 feedparser==6.0.14
venv/bin/python - <<'PYTHON'
import calendar, subprocess, sys, warnings
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

warnings.simplefilter("ignore")
import atoma, dateparser, fastfeedparser, feedparser, pandas, pendulum
from dateutil.parser import parse
from feedgen.entry import FeedEntry

HOURS = {"UT": 0, "GMT": 0, "EST": 5, "EDT": 4, "CST": 6, "CDT": 5, "MST": 7, "MDT": 6, "PST": 8, "PDT": 7}
DATE = "Wed, 01 May 2013 22:30:00 {}"
RIGHT = datetime(2013, 5, 1, 22, 30, tzinfo=UTC).timestamp()


def feed(date):
    return f"""<rss version="2.0"><channel><title>Pod</title><link>https://h/</link><description>One</description>
    <item><title>One</title><link>https://h/1</link><pubDate>{date}</pubDate></item></channel></rss>"""


def node(date):
    script = "console.log(new Date(process.argv[1]) / 1000)"
    return float(subprocess.run(["node", "-e", script, date], capture_output=True, text=True, check=True).stdout)


def by_fastfeedparser(date):
    return datetime.fromisoformat(fastfeedparser.parse(feed(date)).entries[0].published).timestamp()


readers = {
    "dateutil": lambda date: parse(date).replace(tzinfo=UTC).timestamp(),
    "atoma": lambda date: atoma.parse_rss_bytes(feed(date).encode()).items[0].pub_date.timestamp(),
    "pendulum": lambda date: pendulum.parse(date, strict=False).timestamp(),
    "dateparser": lambda date: dateparser.parse(date).timestamp(),
    "fastfeedparser": by_fastfeedparser,
    "feedparser": lambda date: calendar.timegm(feedparser.parse(feed(date)).entries[0].published_parsed),
    "email.utils": lambda date: parsedate_to_datetime(date).timestamp(),
    "Node": node,
}
unchanged = True
for name, read in readers.items():
    early = {zone: hours + (RIGHT - read(DATE.format(zone))) / 3600 for zone, hours in HOURS.items()}
    wrong = {zone: hours for zone, hours in early.items() if hours}
    print(f"{name}: hours too early:", wrong or "none")
    expected = HOURS if name in ("dateutil", "pendulum") else {}
    unchanged &= wrong == {zone: hours for zone, hours in expected.items() if hours}
unchanged &= parse(DATE.format("UT")).tzinfo is None
for name, read in {"feedgen": FeedEntry().pubDate, "pandas": lambda date: pandas.to_datetime([date])}.items():
    refused = {}
    for zone in HOURS:
        try:
            read(DATE.format(zone))
        except ValueError as error:
            refused[zone] = error
    print(f"{name} refuses", list(refused), "-", refused["EST"])
    unchanged &= refused.keys() == HOURS.keys() - {"GMT"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
