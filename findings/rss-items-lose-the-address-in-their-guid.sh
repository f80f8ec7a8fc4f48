#!/usr/bin/env bash
# Six of eleven feed readers know no address of an RSS item that has it in its guid, as RSS 2.0 allows.
#
# Guess: An item without `<link>` whose `<guid>` is its address has that address: the guid is a permalink unless
# `isPermaLink` says that it isn't, and podcasts and link blogs are often written like that.
# What happens: rss-parser, feedsmith, feedme, htmlparser2, @rowanmanning/feed-parser and atoma give the guid as an
# identifier, and no link. Of those that give it, npm's feedparser and fastfeedparser do so also if `isPermaLink` is
# false: they link to what the author said is no address. feedparser for Python, podcastparser and
# @extractus/feed-extractor tell the two apart.
# Versions: rss-parser 3.13.0, feedsmith 3.0.1, feedme 2.0.2, htmlparser2 12.0.0, @extractus/feed-extractor 8.0.3,
# feedparser 2.6.0 and @rowanmanning/feed-parser 2.1.5 on Node 20; atoma 0.0.17, fastfeedparser 0.6.5, feedparser
# 6.0.14, podcastparser 0.6.11.
# Source: run of this script; RSS 2.0.11, 'guid sub-element of item': isPermaLink is optional, its default value is
# true; all elements of an item are optional.
# In this program: since this finding, such a guid is the address of the thing
# (library/import_export/web_feeds.py).
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
  'feedsmith': () => parseBySmith(xml).feed.items[0].link,
  'feedme': () => {
    const parser = new FeedMe(true);
    parser.write(xml);
    return parser.done().items[0].link;
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
  seen[name] = (await read()) ?? null;
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import io, json, subprocess, sys
import atoma, fastfeedparser, feedparser, podcastparser

FEED = """<rss version="2.0"><channel><title>Blog</title><link>https://h/</link><description>One a day</description>
<item><title>One</title><guid{}>https://h/1</guid></item></channel></rss>"""
READERS = {
    "atoma": lambda xml: atoma.parse_rss_bytes(xml.encode()).items[0].link,
    "fastfeedparser": lambda xml: fastfeedparser.parse(xml).entries[0].get("link"),
    "feedparser for Python": lambda xml: feedparser.parse(xml).entries[0].get("link"),
    "podcastparser": lambda xml: podcastparser.parse("", io.BytesIO(xml.encode()))["episodes"][0]["link"],
}
RIGHT = {"feedparser for Python", "podcastparser", "@extractus/feed-extractor"}
ALWAYS = {"feedparser for Node", "fastfeedparser"}
seen = {}
for attribute in ("", ' isPermaLink="false"'):
    xml = FEED.format(attribute)
    by_node = subprocess.run(["node", "read.mjs", xml], capture_output=True, text=True, check=True).stdout
    links = {name: read(xml) for name, read in READERS.items()} | json.loads(by_node)
    seen[attribute] = {name for name, link in links.items() if link == "https://h/1"}
    none = {name for name, link in links.items() if not link}
    print(f"<guid{attribute}>: the link of", sorted(seen[attribute]), "- none of", sorted(none))
unchanged = list(seen.values()) == [RIGHT | ALWAYS, ALWAYS]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
