#!/usr/bin/env bash
# In New York, a page that expires in an hour is fresh for six hours, for requests-cache and for the cache rules of npm.
#
# Guess: HTTP has three forms of a date, all in GMT, and who reads one reads the same moment in each time zone: `Sun Nov
# 6 08:49:37 1994`, the form of C's asctime, too.
# What happens: That form names no zone. JavaScript's Date takes it for local time, so for http-cache-semantics, behind
# got and npm, such an Expires is five hours later in New York, and in the past in Berlin. In Python
# `parsedate_to_datetime` gives a time without a zone, for `-0000` too, which `email.utils.formatdate` itself writes;
# requests-cache, like `.timestamp()`, takes that for local time. On a machine in UTC all is well, and tests pass.
# Werkzeug, Django, aiohttp, Falcon, Bottle and hishel read the form as GMT.
# Versions: http-cache-semantics 4.3.0 on Node 20; requests-cache 1.3.3; werkzeug 3.1.9, django 5.2.19, aiohttp 3.14.5,
# falcon 4.4.0, bottle 0.13.4 and hishel 0.1.5 for comparison.
# Source: run of this script; RFC 9110, 5.6.7: a recipient MUST accept all three formats, and asctime-date is assumed to
# be in UTC; Python documents that `-0000` gives a naive time, which stands for UTC.
# In this program: since this finding, dates without a zone in imported files are in UTC
# (library/import_export/captured_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests-cache==1.3.3 requests==2.34.2 werkzeug==3.1.9 \
  django==5.2.19 aiohttp==3.14.5 falcon==4.4.0 bottle==0.13.4 hishel==0.1.5
npm install --silent --no-audit --no-fund http-cache-semantics@4.3.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import CachePolicy from 'http-cache-semantics';

const hours = {};
for (const expires of process.argv.slice(2)) {
  const policy = new CachePolicy({url: '/', method: 'GET', headers: {}}, {status: 200, headers: {expires}});
  hours[expires] = Math.round(policy.timeToLive() / 3600_000);
}
console.log(JSON.stringify(hours));
SCRIPT
cat >read.py <<'PYTHON'
import json, subprocess, sys, time
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
import bottle, falcon
from aiohttp.helpers import parse_http_date as by_aiohttp
from django.utils.http import parse_http_date as by_django
from hishel._utils import parse_date as by_hishel
from requests_cache.policy.expiration import get_expiration_datetime
from werkzeug.http import parse_date as by_werkzeug

now = time.time()
then = datetime.fromtimestamp(now + 3600, UTC)
FORMS = {
    "usual": then.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    "asctime": then.strftime("%a %b %e %H:%M:%S %Y"),
    "-0000": formatdate(now + 3600),
}
READERS = {
    "email.utils": lambda date: parsedate_to_datetime(date).timestamp(),
    "requests-cache": lambda date: get_expiration_datetime(date).timestamp(),
    "Werkzeug": lambda date: by_werkzeug(date).timestamp(),
    "Django": by_django,
    "aiohttp": lambda date: by_aiohttp(date).timestamp(),
    "Falcon": lambda date: falcon.http_date_to_dt(date, obs_date=True).timestamp(),
    "Bottle": bottle.parse_date,
    "hishel": by_hishel,
}
node = subprocess.run(["node", "read.mjs", *FORMS.values()], capture_output=True, text=True, check=True).stdout
hours = json.loads(node)
seen = {"http-cache-semantics": [hours[FORMS[form]] for form in ("usual", "asctime")]}
for name, read in READERS.items():
    forms = FORMS if name in ("email.utils", "requests-cache") else ["usual", "asctime"]
    seen[name] = [round((read(FORMS[form]) - now) / 3600) for form in forms]
print(json.dumps(seen))
PYTHON
venv/bin/python - <<'PYTHON'
import json, os, subprocess, sys

ZONES = {"UTC": "UTC0", "five hours west": "WEST5", "two hours east": "EAST-2"}
LOCAL = {"http-cache-semantics", "email.utils", "requests-cache"}
unchanged = True
for zone, name in ZONES.items():
    command = [sys.executable, "-W", "ignore", "read.py"]
    environment = os.environ | {"TZ": name}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    seen = json.loads(done.stdout)
    wrong = {library: hours for library, hours in seen.items() if set(hours) != {1}}
    print(f"{zone}: not in an hour:", wrong or "none")
    unchanged &= set(wrong) == (set() if zone == "UTC" else LOCAL)
    for library, (usual, *others) in wrong.items():
        past = 0 if library == "http-cache-semantics" else -1
        unchanged &= usual == 1 and set(others) == {6 if "west" in zone else past}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
