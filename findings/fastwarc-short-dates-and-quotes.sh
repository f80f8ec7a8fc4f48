#!/usr/bin/env bash
# FastWARC has no date for a record of WARC 1.1 that is dated to the day, and puts quotes around a charset.
#
# Guess: `record_date` reads what WARC 1.1 allows: a year, a month or a day, besides minutes, seconds and fractions.
# `http_charset` of `text/html; charset="utf-8"` is the name.
# What happens: Dates without a time are None, without an error: records that were made from files or from an index,
# whose time nobody knew, all look undated. The charset has its quotes, so no decoder knows it;
# `decode(record.http_charset)` raises for such a server alone. `http_content_type` keeps its capitals.
# Versions: fastwarc 2.0.1.
# Source: run of this script; WARC 1.1, 5.4: WARC-Date may be of any of the granularities of W3CDTF; RFC 9110, 5.6.6 and
# 8.3.
# In this program: such dates are read, as the first moment that they can mean (library/import_export/captured_response.py), and a
# charset without its quotes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check fastwarc==2.0.1
python=venv/bin/python
"$python" - <<'PYTHON'
import io, sys
from fastwarc.warc import ArchiveIterator


def read(date, content_type="text/html; charset=utf-8"):
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n[]"
    record = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\nWARC-Date: {date}\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n{http}\r\n\r\n"
    )
    return next(iter(ArchiveIterator(io.BytesIO(record.encode()))))


seen = {}
for date in ("2013", "2013-05", "2013-05-01", "2013-05-01T10:00Z", "2013-05-01T10:00:00Z", "2013-05-01T10:00:00.5Z"):
    seen[date] = read(date).record_date is not None
record = read("2013-05-01T10:00:00Z", 'Text/HTML; charset="utf-8"')
print("has a date:", seen)
print("charset:", record.http_charset, "| type:", record.http_content_type)
unchanged = list(seen.values()) == [False] * 3 + [True] * 3
unchanged &= (record.http_charset, record.http_content_type) == ('"utf-8"', "Text/HTML")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
