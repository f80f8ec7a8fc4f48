#!/usr/bin/env bash
# Of an Atom entry in two languages, two readers link to the first page and two to the last.
#
# Guess: an entry may have several alternates, for languages (`hreflang`) or types; the first is its page for every
# reader, or the one of type HTML.
# What happens: rss-parser and @rowanmanning/feed-parser take the first. feedparser for Python and the one for Node take
# the last, so the English page of a feed in English and German is never linked to. With a JSON form behind the page,
# Node's feedparser links to the JSON; in front of it, the other two do.
# Versions: feedparser 6.0.14 for Python; rss-parser 3.13.0, @rowanmanning/feed-parser 2.1.5 and feedparser 2.6.0 on
# Node 20.
# Source: run of this script; RFC 4287, 4.1.2: alternates may differ in type and hreflang.
# In this program: library/import_export/web_feeds.py reads the links for payments, and takes the first page.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.14
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @rowanmanning/feed-parser@2.1.5 feedparser@2.6.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import fs from 'fs';
import {Readable} from 'stream';
import {parseFeed} from '@rowanmanning/feed-parser';
import FeedParser from 'feedparser';
import Parser from 'rss-parser';

const feed = fs.readFileSync(0, 'utf8');
const item = await new Promise((resolve, reject) => {
  const parser = new FeedParser();
  parser.on('error', reject);
  parser.once('data', resolve);
  Readable.from([feed]).pipe(parser);
});
console.log(JSON.stringify({
  'rss-parser': (await new Parser().parseString(feed)).items[0].link,
  '@rowanmanning/feed-parser': parseFeed(feed).items[0].url,
  'feedparser of Node': item.link,
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import feedparser

EN = '<link rel="alternate" hreflang="en" href="http://x.example/en"/>'
DE = '<link rel="alternate" hreflang="de" href="http://x.example/de"/>'
HTML = '<link rel="alternate" type="text/html" href="http://x.example/html"/>'
JSON = '<link rel="alternate" type="application/json" href="http://x.example/json"/>'
seen = {}
for name, links in {"en, de": EN + DE, "html, json": HTML + JSON, "json, html": JSON + HTML}.items():
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed</title><id>urn:f</id>
<updated>2013-05-01T10:00:00Z</updated><author><name>Ada</name></author>
<entry><id>urn:e</id><title>Entry</title><updated>2013-05-01T10:00:00Z</updated>{links}</entry></feed>"""
    done = subprocess.run(["node", "read.mjs"], input=feed, capture_output=True, text=True, check=True)
    found = {**json.loads(done.stdout), "feedparser of Python": feedparser.parse(feed).entries[0].link}
    seen[name] = {reader: link.rpartition("/")[2] for reader, link in found.items()}
    print(f"{name}:", ", ".join(f"{reader} {page}" for reader, page in seen[name].items()))
first = ["rss-parser", "@rowanmanning/feed-parser"]
last = ["feedparser of Node", "feedparser of Python"]
unchanged = seen == {
    "en, de": dict.fromkeys(first, "en") | dict.fromkeys(last, "de"),
    "html, json": dict.fromkeys(first, "html") | {last[0]: "json", last[1]: "html"},
    "json, html": dict.fromkeys(first, "json") | dict.fromkeys(last, "html"),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
