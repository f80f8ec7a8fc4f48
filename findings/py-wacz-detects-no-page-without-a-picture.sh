#!/usr/bin/env bash
# `wacz create --detect-pages` lists a page only if a picture, style sheet or script was fetched from it.
#
# Guess: Each HTML page in an archive is listed as a page of the WACZ.
# What happens: A page counts if another request of the archive names it in `Referer`. A page of text alone, and every
# page of an archive without requests or without that field, is left out: `Num Pages Detected: 0`, and the WACZ is made
# all the same, is valid, and shows an empty list of pages. Of one page and another that it links to, the first one
# alone is listed. `--pages` with a list of one's own has them all.
# Versions: wacz 0.6.0 (py-wacz), warcio 1.8.1.
# Source: run of this script; wacz/waczindexer.py, `process_all`, which deletes the others after they were found.
# In this program: `import` reads the archives in a WACZ, not its list of pages (library/import_export/file_reader.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check wacz==0.6.0 warcio==1.8.1
venv/bin/python -W ignore - <<'PYTHON'
import io, json, subprocess, sys, zipfile
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROOT = "https://x.example/"
REQUESTS = [("", None), ("second", ROOT), ("third", f"{ROOT}second")]


def archive(name, with_requests, with_referrers):
    with open(f"{name}.warc.gz", "wb") as file:
        writer = WARCWriter(file, gzip=True)
        for path, referrer in REQUESTS:
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            page = io.BytesIO(b"<!doctype html><title>Page</title>" + path.encode())
            response = writer.create_warc_record(ROOT + path, "response", payload=page, http_headers=headers)
            if not with_requests:
                writer.write_record(response)
                continue
            fields = [("Referer", referrer)] if referrer and with_referrers else []
            asked = StatusAndHeaders(f"GET /{path} HTTP/1.1", fields, is_http_request=True)
            request = writer.create_warc_record(ROOT + path, "request", http_headers=asked)
            writer.write_request_response_pair(request, response)
    command = ["venv/bin/wacz", "create", "-f", f"{name}.warc.gz", "-o", f"{name}.wacz", "--detect-pages"]
    subprocess.run(command, check=True, capture_output=True)
    subprocess.run(["venv/bin/wacz", "validate", "-f", f"{name}.wacz"], check=True, capture_output=True)
    with zipfile.ZipFile(f"{name}.wacz") as wacz:
        index = [one for one in wacz.namelist() if one == "pages/pages.jsonl"]
        lines = wacz.read(index[0]).decode().splitlines()[1:] if index else []
    found = [json.loads(line)["url"].removeprefix(ROOT) for line in lines]
    print(f"{name}: three pages, listed: {found}")
    return found


seen = [archive("alone", False, False), archive("requests", True, False), archive("referrers", True, True)]
unchanged = seen[:2] == [[], []] and sorted(seen[2]) == ["", "second"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
