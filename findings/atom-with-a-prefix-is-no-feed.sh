#!/usr/bin/env bash
# Four of eleven feed readers don't recognize Atom if its elements have a prefix.
#
# Guess: `<atom:feed xmlns:atom="http://www.w3.org/2005/Atom">` is the same feed as one without prefixes: a namespace is
# its address, and a prefix is any name that an author chose.
# What happens: rss-parser, feedme and @extractus/feed-extractor say that the format isn't known, and htmlparser2
# returns null. For the same reason rss-parser finds `itunes:duration` if the prefix is `itunes`, and nothing if it's
# `it`, though the namespace is that of iTunes. The other seven read the feed.
# Versions: rss-parser 3.13.0, feedsmith 3.0.1, feedme 2.0.2, htmlparser2 12.0.0, @extractus/feed-extractor 8.0.3,
# feedparser 2.6.0 and @rowanmanning/feed-parser 2.1.5 on Node 20; atoma 0.0.17, fastfeedparser 0.6.5, feedparser
# 6.0.14, podcastparser 0.6.11.
# Source: run of this script; RFC 4287, 1.2: the choice of any namespace prefix is arbitrary and not significant.
# In this program: since this finding, a feed's kind is recognized behind any prefix
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
  'rss-parser': async () => (await new Parser().parseString(xml)).items[0].title,
  'feedsmith': () => parseBySmith(xml).feed.entries[0].title.value,
  'feedme': () => {
    const parser = new FeedMe(true);
    parser.write(xml);
    return parser.done().items[0].title;
  },
  'htmlparser2': () => parseByHtmlparser(xml)?.items[0].title ?? null,
  '@extractus/feed-extractor': () => extractFromXml(xml).entries[0].title,
  'feedparser for Node': () => new Promise(resolve => {
    const parser = new FeedParser();
    parser.on('data', ({title}) => resolve(title));
    Readable.from([xml]).pipe(parser);
  }),
  '@rowanmanning/feed-parser': () => parseByRowan(xml).items[0].title,
};
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  try {
    seen[name] = await read();
  } catch (error) {
    seen[name] = error.message;
  }
}
const podcast = prefix => new Parser().parseString(`<rss version="2.0"
  xmlns:${prefix}="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Pod</title><link>https://h/</link>
  <item><title>One</title><${prefix}:duration>1:30</${prefix}:duration></item></channel></rss>`);
const durations = {};
for (const prefix of ['itunes', 'it']) {
  durations[prefix] = (await podcast(prefix)).items[0].itunes?.duration ?? null;
}
console.log(JSON.stringify([seen, durations]));
SCRIPT
venv/bin/python - <<'PYTHON'
import io, json, re, subprocess, sys
import atoma, fastfeedparser, feedparser, podcastparser

PLAIN = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:blog</id>
<updated>2020-01-01T00:00:00Z</updated><author><name>Ada</name></author>
<entry><title>One</title><id>urn:1</id><updated>2020-01-01T00:00:00Z</updated><link href="https://h/1"/></entry>
</feed>"""
PREFIXED = re.sub("(</?)", r"\1atom:", PLAIN).replace("xmlns=", "xmlns:atom=")
READERS = {
    "atoma": lambda xml: atoma.parse_atom_bytes(xml.encode()).entries[0].title.value,
    "fastfeedparser": lambda xml: fastfeedparser.parse(xml).entries[0].title,
    "feedparser for Python": lambda xml: feedparser.parse(xml).entries[0].title,
    "podcastparser": lambda xml: podcastparser.parse("", io.BytesIO(xml.encode()))["episodes"][0]["title"],
}
WRONG = {"rss-parser", "feedme", "htmlparser2", "@extractus/feed-extractor"}
unchanged = True
for form, xml in {"without prefixes": PLAIN, "with prefixes": PREFIXED}.items():
    by_node = subprocess.run(["node", "read.mjs", xml], capture_output=True, text=True, check=True).stdout
    seen, durations = json.loads(by_node)
    seen |= {name: read(xml) for name, read in READERS.items()}
    print(f"Atom {form}:", seen)
    unchanged &= {name for name, title in seen.items() if title != "One"} == (WRONG if xml is PREFIXED else set())
print("Durations in rss-parser, by prefix:", durations)
unchanged &= durations == {"itunes": "1:30", "it": None}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
