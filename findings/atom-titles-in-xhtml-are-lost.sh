#!/usr/bin/env bash
# Five of eleven feed readers give no title, or an object in its place, if a title in Atom is XHTML.
#
# Guess: A title of type `xhtml` is the text in its `div`: `One <em>and</em> two` is 'One and two', or that with tags. A
# field that is a text for each other feed is one for this feed.
# What happens: @extractus/feed-extractor and fastfeedparser give an empty text, atoma None, as if there were no title.
# rss-parser and feedme give an object in place of the text, in which the words in `em` are apart from those around it.
# htmlparser2, podcastparser, @rowanmanning/feed-parser and npm's feedparser give the text, Python's feedparser and
# feedsmith the text with its tags; feedsmith beside the type, so that one can tell.
# Versions: rss-parser 3.13.0, feedsmith 3.0.1, feedme 2.0.2, htmlparser2 12.0.0, @extractus/feed-extractor 8.0.3,
# feedparser 2.6.0 and @rowanmanning/feed-parser 2.1.5 on Node 20; atoma 0.0.17, fastfeedparser 0.6.5, feedparser
# 6.0.14, podcastparser 0.6.11.
# Source: run of this script; RFC 4287, 3.1.1.3: the content of such a text is a single XHTML div.
# In this program: since this finding, a title is all text in its element (library/import_export/web_feeds.py).
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
  'htmlparser2': () => parseByHtmlparser(xml).items[0].title,
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
  const title = await read();
  seen[name] = typeof title === 'string' ? title : 'an object';
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import io, json, subprocess, sys
import atoma, fastfeedparser, feedparser, podcastparser

XML = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:blog</id>
<updated>2020-01-01T00:00:00Z</updated><author><name>Ada</name></author>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">One <em>and</em> two</div></title>
<id>urn:1</id><updated>2020-01-01T00:00:00Z</updated><link href="https://h/1"/></entry></feed>"""
TEXT, TAGS, OBJECT = "One and two", "One <em>and</em> two", "an object"
by_node = subprocess.run(["node", "read.mjs", XML], capture_output=True, text=True, check=True).stdout
seen = json.loads(by_node) | {
    "atoma": atoma.parse_atom_bytes(XML.encode()).entries[0].title,
    "fastfeedparser": fastfeedparser.parse(XML).entries[0].title,
    "feedparser for Python": feedparser.parse(XML).entries[0].title,
    "podcastparser": podcastparser.parse("", io.BytesIO(XML.encode()))["episodes"][0]["title"],
}
for name, title in seen.items():
    print(f"{name}: {title!r}")
unchanged = seen == {
    "rss-parser": OBJECT,
    "feedsmith": TAGS,
    "feedme": OBJECT,
    "htmlparser2": TEXT,
    "@extractus/feed-extractor": "",
    "feedparser for Node": TEXT,
    "@rowanmanning/feed-parser": TEXT,
    "atoma": None,
    "fastfeedparser": "",
    "feedparser for Python": TAGS,
    "podcastparser": TEXT,
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
