#!/usr/bin/env bash
# format-link-header writes the title of a page as it is, so `Title "Two"` ends at the first quotation mark.
#
# Guess: Who writes a Link field from an object quotes the values and escapes what is in them: a title with a quotation
# mark comes back when the field is read.
# What happens: format-link-header puts `"` around the values and leaves those in them alone. parse-link-header, made
# for it, then reads a title that ends there; http-link-header reads what is between the marks as further parameters and
# loses the link to the last page. http-link-header, as a writer, makes `%22` of a mark, `%5C` of a backslash and
# `%C3%A9` of é, and gives the title back like that. LinkHeader of Python escapes by a backslash, and reads it again.
# Versions: format-link-header 3.1.1, parse-link-header 2.0.0, http-link-header 1.1.4 on Node 20; LinkHeader 0.4.3.
# Source: run of this script; RFC 9110, 5.6.4: a mark in a quoted string is written with a backslash; RFC 8288, 3.4.1:
# what isn't ASCII goes into title*.
# In this program: no Link header is read or written; a list ends where its pages do (library/fetch/paginator.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check linkheader==0.4.3
npm install --silent --no-audit --no-fund format-link-header@3.1.1 parse-link-header@2.0.0 http-link-header@1.1.4 \
  >/dev/null
cat >write.mjs <<'SCRIPT'
import formatLinkHeader from 'format-link-header';
import LinkHeader from 'http-link-header';
import parseLinkHeader from 'parse-link-header';

const [title] = process.argv.slice(2);
const next = {url: 'https://h/?page=2', rel: 'next', title};
const field = formatLinkHeader({next, last: {url: 'https://h/?page=9', rel: 'last'}});
const links = new LinkHeader();
links.set({uri: next.url, rel: 'next', title});
console.log(JSON.stringify({
  'format-link-header': field,
  'read by parse-link-header': parseLinkHeader(field).next.title,
  'rels found by http-link-header': LinkHeader.parse(field).refs.map(link => link.rel),
  'http-link-header, read again': LinkHeader.parse(links.toString()).rel('next')[0].title,
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import link_header

TITLE = 'Title "Two"'
node = subprocess.run(["node", "write.mjs", TITLE], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
field = str(link_header.LinkHeader([link_header.Link("https://h/?page=2", rel="next", title=TITLE)]))
seen["LinkHeader, read again"] = dict(link_header.parse(field).links[0].attr_pairs)["title"]
for name, found in seen.items():
    print(f"{name}: {found}")
unchanged = seen == {
    "format-link-header": '<https://h/?page=2>; rel="next"; title="Title "Two"", <https://h/?page=9>; rel="last"',
    "read by parse-link-header": "Title ",
    "rels found by http-link-header": ["next"],
    "http-link-header, read again": "Title %22Two%22",
    "LinkHeader, read again": TITLE,
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
