#!/usr/bin/env bash
# Of an Atom summary `Use the <b> tag`, which is plain text, @extractus/feed-extractor makes `Use the  tag`.
#
# Guess: An Atom text without a `type` is plain: what it says about `<b>` or `Map<String, int>` is for the reader to
# see, and `&amp;` in it, once the XML is read, is five letters. Readers tell it from `type="html"`.
# What happens: @extractus/feed-extractor takes tags out of a summary whatever its type is; its titles keep them. It and
# @rowanmanning/feed-parser undo references once more, so a title about `&amp;` is one about `&`. feedsmith gives the
# text and its type; rss-parser, feedparser of Python and atoma give the text as it is.
# Versions: @extractus/feed-extractor 8.0.3, @rowanmanning/feed-parser 2.1.5, feedsmith 3.0.1, rss-parser 3.13.0 on Node
# 20; feedparser 6.0.14, atoma 0.0.17.
# Source: run of this script; RFC 4287, 3.1.1: `type` is text if it isn't there, and then the content is intended to be
# presented to humans as it is, and MUST NOT contain child elements.
# In this program: titles from feeds are plain text, and their types are kept apart
# (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.14 atoma==0.0.17
npm install --silent --no-audit --no-fund @extractus/feed-extractor@8.0.3 @rowanmanning/feed-parser@2.1.5 \
  feedsmith@3.0.1 rss-parser@3.13.0 >/dev/null
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title><id>https://h/</id><updated>2013-05-01T07:08:09Z</updated>
<link href="https://h/"/><author><name>Ada</name></author>
<entry><title>Write &amp;amp; for Map&lt;String&gt;</title><id>https://h/1</id><link href="https://h/1"/>
<updated>2013-05-01T07:08:09Z</updated><summary>Use the &lt;b&gt; tag</summary></entry></feed>
XML
cat >read.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import {extractFromXml} from '@extractus/feed-extractor';
import {parseFeed as parseRowanmanning} from '@rowanmanning/feed-parser';
import {parseFeed} from 'feedsmith';
import Parser from 'rss-parser';

const feed = readFileSync('feed.xml', 'utf8');
const [extractus] = extractFromXml(feed).entries;
const [rowanmanning] = parseRowanmanning(feed).items;
const [feedsmith] = parseFeed(feed).feed.entries;
const [rssParser] = (await new Parser().parseString(feed)).items;
console.log(JSON.stringify({
  '@extractus/feed-extractor': [extractus.title, extractus.description],
  '@rowanmanning/feed-parser': [rowanmanning.title, rowanmanning.description],
  'feedsmith': [feedsmith.title.value, feedsmith.summary.value],
  'rss-parser': [rssParser.title, rssParser.summary],
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import atoma, feedparser

node = subprocess.run(["node", "read.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
[entry] = feedparser.parse("feed.xml").entries
seen["feedparser"] = [entry.title, entry.summary]
[entry] = atoma.parse_atom_file("feed.xml").entries
seen["atoma"] = [entry.title.value, entry.summary.value]
for name, (title, summary) in seen.items():
    print(f"{name}: {title}; {summary}")
unchanged = seen.pop("@extractus/feed-extractor") == ["Write & for Map<String>", "Use the  tag"]
unchanged &= seen.pop("@rowanmanning/feed-parser") == ["Write & for Map<String>", "Use the <b> tag"]
unchanged &= all(texts == ["Write &amp; for Map<String>", "Use the <b> tag"] for texts in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
