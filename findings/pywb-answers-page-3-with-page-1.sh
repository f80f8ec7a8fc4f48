#!/usr/bin/env bash
# pywb answers for `things.json?page=3`, which isn't in the archive, with a page that is, or with another user's search.
#
# Guess: An address that was never archived gives 404; at most a parameter that is known for having no meaning, such as
# jQuery's `_`, is ignored.
# What happens: If the path ends like a file's name, as an API's `things.json` or `feed.xml` does, the whole query is
# ignored where nothing fits exactly. The answer is 200, without an error, and the body is that of any other query. A
# program that follows pages until one is missing doesn't come to an end. `things` and `things.php` give 404. Of
# the answer's fields, Content-Location and Link name the page that it is; the index at `/cdx` marks it `is_fuzzy`.
# Versions: pywb 2.9.1.
# Source: run of this script; pywb/rules.yaml: `not_exts`, under `default_filters`, has the endings that are not treated
# as those of files; a comment there says that all query arguments are ignored for the others.
# In this program: `import` reads the archive itself, and a page counts for its whole address only
# (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pywb==2.9.1 setuptools==75.8.0
cat >replay.py <<'PYTHON'
from gevent.monkey import patch_all

patch_all()
import io, logging, sys
from pywb.apps.frontendapp import FrontEndApp
from pywb.manager.manager import main as manage
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from werkzeug.test import Client
from werkzeug.wrappers import Response

ARCHIVED = ["/things.json?page=1", "/things.json?page=2", "/feed.xml?page=1", "/things?page=1", "/things.php?page=1"]
EXPECTED = {
    "/things.json?page=2": "/things.json?page=2",
    "/things.json?page=3": "/things.json?page=1",
    "/things.json?user=ada": "/things.json?page=1",
    "/feed.xml?page=2": "/feed.xml?page=1",
    "/things?page=2": "404",
    "/things.php?page=2": "404",
}
with open("pages.warc.gz", "wb") as file:
    writer = WARCWriter(file, gzip=True)
    for path in ARCHIVED:
        head = StatusAndHeaders("200 OK", [("Content-Type", "application/json")], protocol="HTTP/1.1")
        date = {"WARC-Date": "2020-01-01T00:00:00Z"}
        writer.write_record(writer.create_warc_record(
            f"https://api.example.org{path}", "response", payload=io.BytesIO(path.encode()), http_headers=head,
            warc_headers_dict=date,
        ))
manage(["init", "pages"])
manage(["add", "pages", "pages.warc.gz"])
with open("config.yaml", "w") as file:
    file.write("collections_root: collections\n")
logging.disable()
client = Client(FrontEndApp(config_file="./config.yaml"), Response)
seen = {}
for path in EXPECTED:
    answer = client.get(f"/pages/2020id_/https://api.example.org{path}")
    seen[path] = answer.get_data(as_text=True) if answer.status_code == 200 else str(answer.status_code)
    print(f"{path}: {seen[path]}")
listed = client.get("/pages/cdx", query_string={"url": "https://api.example.org/things.json?page=3"})
place = client.get("/pages/2020id_/https://api.example.org/things.json?page=3").headers["Content-Location"]
print("Content-Location for /things.json?page=3:", place)
marked = [b"is_fuzzy" in line for line in listed.data.splitlines()]
print("listed for /things.json?page=3:", len(marked), "marked:", sum(marked))
unchanged = seen == EXPECTED and marked == [True, True] and place.endswith("/things.json?page=1")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
venv/bin/python replay.py 2>errors >seen && status=0 || status=$?
grep -v -e '^\[INFO\]' -e '^Dir ' seen || true
[[ $status == 0 ]] || cat errors >&2
exit "$status"
