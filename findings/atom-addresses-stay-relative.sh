#!/usr/bin/env bash
# Eight of eleven feed readers give another address for an Atom entry than its `xml:base` makes of it.
#
# Guess: An address in Atom may be relative, and `xml:base` says to what. Who asks a reader for an entry's link gets an
# address that can be opened.
# What happens: rss-parser, feedsmith, feedme and htmlparser2 for Node, atoma and fastfeedparser for Python give the
# address as it stands in the file, `1.html`, and say nothing of the base. @extractus/feed-extractor gives an empty
# text. podcastparser resolves it, but against the feed's own address, so the link leads to another page. Both
# feedparsers and @rowanmanning/feed-parser find the base, at the feed or at the entry.
# Versions: rss-parser 3.13.0, feedsmith 3.0.1, feedme 2.0.2, htmlparser2 12.0.0, @extractus/feed-extractor 8.0.3,
# feedparser 2.6.0 and @rowanmanning/feed-parser 2.1.5 on Node 20; atoma 0.0.17, fastfeedparser 0.6.5, feedparser
# 6.0.14, podcastparser 0.6.11.
# Source: run of this script; RFC 4287, 2: `xml:base` serves as the base of relative references.
# In this program: since this finding, the links of a feed are resolved (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check atoma==0.0.17 fastfeedparser==0.6.5 feedparser==6.0.14 \
  podcastparser==0.6.11
npm install --silent --no-audit --no-fund rss-parser@3.13.0 feedsmith@3.0.1 feedme@2.0.2 htmlparser2@12.0.0 \
  @extractus/feed-extractor@8.0.3 feedparser@2.6.0 @rowanmanning/feed-parser@2.1.5 >/dev/null
cat >read.mjs <<'SCRIPT'
import {Readable} from 'node:stream';
import {extractFromXml} from '@extractus/feed-extractor';
import {parseFeed as parseByRowan} from '@rowanmanning/feed-parser';
import FeedMe from 'feedme';
import FeedParser from 'feedparser';
import {parseFeed as parseBySmith} from 'feedsmith';
import {parseFeed as parseByHtmlparser} from 'htmlparser2';
import Parser from 'rss-parser';

const xml = process.argv[2];
const readers = {
  'rss-parser': async () => (await new Parser().parseString(xml)).items[0].link,
  'feedsmith': () => parseBySmith(xml).feed.entries[0].links[0].href,
  'feedme': () => {
    const parser = new FeedMe(true);
    parser.write(xml);
    return parser.done().items[0].link.href;
  },
  'htmlparser2': () => parseByHtmlparser(xml).items[0].link,
  '@extractus/feed-extractor': () => extractFromXml(xml).entries[0].link,
  'feedparser for Node': () => new Promise(resolve => {
    const parser = new FeedParser();
    parser.on('data', ({link}) => resolve(link));
    Readable.from([xml]).pipe(parser);
  }),
  '@rowanmanning/feed-parser': () => parseByRowan(xml).items[0].url,
};
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  seen[name] = await read();
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import io, json, subprocess, sys
import atoma, fastfeedparser, feedparser, podcastparser

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"{}><title>Blog</title><id>urn:blog</id>
<updated>2020-01-01T00:00:00Z</updated><author><name>Ada</name></author>
<entry{}><title>One</title><id>urn:1</id><updated>2020-01-01T00:00:00Z</updated><link href="1.html"/></entry></feed>"""
BASE = ' xml:base="https://h/blog/"'
READERS = {
    "atoma": lambda xml: atoma.parse_atom_bytes(xml.encode()).entries[0].links[0].href,
    "fastfeedparser": lambda xml: fastfeedparser.parse(xml).entries[0].link,
    "feedparser for Python": lambda xml: feedparser.parse(xml).entries[0].link,
    "podcastparser": lambda xml: podcastparser.parse("https://h/feed", io.BytesIO(xml.encode()))["episodes"][0]["link"],
}
RIGHT = {"feedparser for Python", "feedparser for Node", "@rowanmanning/feed-parser"}
WRONG = {"@extractus/feed-extractor": "", "podcastparser": "https://h/1.html"}
unchanged = True
for place, xml in {"the feed": FEED.format(BASE, ""), "the entry": FEED.format("", BASE)}.items():
    by_node = subprocess.run(["node", "read.mjs", xml], capture_output=True, text=True, check=True).stdout
    seen = {name: read(xml) for name, read in READERS.items()} | json.loads(by_node)
    print(f"With xml:base in {place}:", seen)
    for name, address in seen.items():
        unchanged &= address == ("https://h/blog/1.html" if name in RIGHT else WRONG.get(name, "1.html"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
