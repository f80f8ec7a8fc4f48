#!/usr/bin/env bash
# The index in a WACZ that scrapy-webarchive made is not sorted, so a search in it by halves finds some pages only.
#
# Guess: An index of the form CDXJ is sorted by its keys: that is what lets a replay find a line in a file of gigabytes.
# What happens: The lines are in the order in which the answers came. `wacz validate` calls the archive valid. pywb's
# search by halves finds two of five pages in it; with the lines sorted, it finds all. scrapy-webarchive itself
# reads the index from the top, so its own tests pass.
# Versions: scrapy-webarchive 0.5.3 with scrapy 2.11.2, wacz 0.6.0, pywb 2.10.0 (pywb/utils/binsearch.py).
# Source: run of this script; scrapy_webarchive/cdxj/__init__.py, which calls CDXJIndexer without sorting.
# In this program: `import` reads the archives themselves, without an index (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check scrapy-webarchive==0.5.3 scrapy==2.11.2 w3lib==2.1.2 \
  twisted==24.7.0 six==1.17.0 'setuptools<80'
venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps pywb==2.10.0
"${PYTHON:-python3}" -m venv other
other/bin/python -m pip install -qq --disable-pip-version-check wacz==0.6.0
cat >crawl.py <<'SCRIPT'
import sys
import scrapy
from scrapy.crawler import CrawlerProcess


class Pages(scrapy.Spider):
    name = "pages"
    custom_settings = {"CONCURRENT_REQUESTS": 1}

    def start_requests(self):
        for path in ("m", "z", "b", "a", "c"):
            yield scrapy.Request(f"{sys.argv[1]}/{path}")

    def parse(self, response):
        pass


settings = {
    "EXTENSIONS": {"scrapy_webarchive.extensions.WaczExporter": 543},
    "SW_EXPORT_URI": "out/",
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
}
process = CrawlerProcess(settings)
process.crawl(Pages)
process.start()
SCRIPT
mkdir out
venv/bin/python -W ignore - <<'PYTHON'
import glob, http.server, io, subprocess, sys, threading, zipfile
from pywb.utils.binsearch import iter_exact


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
command = ["venv/bin/python", "-W", "ignore", "crawl.py", f"http://127.0.0.1:{server.server_port}"]
subprocess.run(command, check=True, capture_output=True)
server.shutdown()
[name] = glob.glob("out/*.wacz")
subprocess.run(["other/bin/wacz", "validate", "-f", name], check=True, capture_output=True)
with zipfile.ZipFile(name) as wacz:
    lines = wacz.read("indexes/index.cdxj").splitlines(keepends=True)
keys = [line.split(b" ")[0] for line in lines]


def search(lines):
    return [key.rsplit(b"/", 1)[1].decode() for key in keys if any(iter_exact(io.BytesIO(b"".join(lines)), key))]


as_it_is, in_order = search(lines), search(sorted(lines))
print("pages in the index:", [key.rsplit(b"/", 1)[1].decode() for key in keys])
print("found by halves:", as_it_is, "; with the lines sorted:", in_order)
unchanged = as_it_is == ["m", "z"] and in_order == ["m", "z", "b", "a", "c"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
