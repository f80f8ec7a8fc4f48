#!/usr/bin/env bash
# dateparser reads `20130501T100000Z` as the year 1753.
#
# Guess: the short form of ISO 8601, which calendars, web archives and S3 write, is that moment, or None. A comma in
# front of the fraction, which ISO 8601 prefers, is the same as a point.
# What happens: if no other language knows the text, Lower Sorbian does, in which `ź` (read without its mark) is a day:
# what comes last, `100000Z`, is 100,000 days ago, and `10:00:00,5Z` five days ago. Both differ with each call, and no
# error tells. Without the Z the short form is None. `languages=["en"]` gives None for both.
# Versions: dateparser 1.5.0.
# Source: run of this script; dateparser/data/date_translation_data/dsb.py, line 112; RFC 3339, appendix A, has the
# grammar of ISO 8601, in which both forms are.
# In this program: dates are read by their form (library/import_export/captured_response.py, `read_time`), never guessed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check dateparser==1.5.0
python=venv/bin/python
"$python" - <<'PYTHON'
import datetime, sys
from dateparser.date import DateDataParser

TEXTS = ("2013-05-01T10:00:00Z", "2013-05-01T10:00:00.5Z", "2013-05-01T10:00:00,5Z", "20130501T100000Z")
seen = []
for text in TEXTS:
    found, english = DateDataParser().get_date_data(text), DateDataParser(languages=["en"]).get_date_data(text)
    now = datetime.datetime.now()
    days = round((now - found.date_obj.replace(tzinfo=None)) / datetime.timedelta(days=1))
    seen.append((found.locale, days if found.locale != "en" else found.date_obj.year))
    print(f"{text}: {found.date_obj} by {found.locale}; in English {english.date_obj}")
unchanged = seen == [("en", 2013), ("en", 2013), ("dsb", 5), ("dsb", 100_000)]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
