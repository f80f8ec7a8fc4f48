#!/usr/bin/env bash
# jc makes three links of the two in a response whose address has a comma.
#
# Guess: `curl --head … | jc --curl-head` keeps each field as it came, or takes the list in `Link` apart at the commas
# between links: commas may stand inside `<…>`, as in `?tags=a,b`.
# What happens: jc cuts at each comma. Of `<https://h/x?tags=a,b&page=2>; rel="next"` it makes `<https://h/x?tags=a` and
# `b&page=2>; rel="next"`, so `jq` finds no whole address with `rel="next"` behind it. A quoted title with a comma is
# cut as well, and so is an `ETag` in a list, as If-Match has it. A single ETag and the date in a cookie stay whole.
# Versions: jc 1.26.1.
# Source: run of this script; jc/parsers/http_headers.py splits the values of the fields that may have several; RFC
# 8288, 3: a comma in `<…>` or in quotes separates nothing.
# In this program: no Link header is read; where a list ends is found by its pages (library/fetch/paginator.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check jc==1.26.1
venv/bin/python - <<'PYTHON'
import sys
import jc

HEAD = """HTTP/1.1 200 OK
Content-Type: application/json
ETag: "a,b"
Link: <https://h/x?tags=a,b&page=2>; rel="next", <https://h/x?page=9>; rel="last"
Set-Cookie: a=1; Expires=Wed, 01 May 2013 07:08:09 GMT

"""
REQUEST = """GET /x HTTP/1.1
Host: h
If-None-Match: "a,b", "c"

"""
[answer] = jc.parse("curl_head", HEAD)
[question] = jc.parse("http_headers", REQUEST)
for name in ("link", "etag", "set-cookie"):
    print(f"{name}: {answer[name]}")
print("if-none-match:", question["if-none-match"])
unchanged = answer["link"] == ["<https://h/x?tags=a", 'b&page=2>; rel="next"', '<https://h/x?page=9>; rel="last"']
unchanged &= answer["etag"] == '"a,b"' and answer["set-cookie"] == ["a=1; Expires=Wed, 01 May 2013 07:08:09 GMT"]
unchanged &= question["if-none-match"] == ['"a', 'b"', '"c"']

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
