#!/usr/bin/env bash
# atoma refuses a whole JSON Feed for an id that is a number, and jsonfeed-to-rss each feed of version 1.1.
#
# Guess: JSON Feed says what to do: an id that is a number is made text. Version 1.1, of 2020, adds `authors` and
# `language` to 1, so that older readers can still read it.
# What happens: atoma raises FeedParseError. feedparser-rs gives no id, so all items of such a feed are one to who goes
# by it, and feedme gives the number, which isn't `===` the text of the next version. feedparser-rs also takes titles
# and plain texts for HTML: of `Map<String, int>`, `Map` is left. jsonfeed-to-rss and jsonfeed-to-atom say that 'JSON
# feed version 1 required'. feedsmith and @extractus/feed-extractor give the text.
# Versions: atoma 0.0.17, feedparser-rs 0.7.1; feedme 2.0.2, jsonfeed-to-rss 3.0.8, jsonfeed-to-atom 1.2.5, feedsmith
# 3.0.1, @extractus/feed-extractor 8.0.3 on Node 20.
# Source: run of this script; JSON Feed 1.1, on `id`: a reader should coerce a number to a string; `title`: plain text.
# In this program: an integer may be a number or its text (model/record_reader.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check atoma==0.0.17 feedparser-rs==0.7.1
npm install --silent --no-audit --no-fund feedme@2.0.2 jsonfeed-to-rss@3.0.8 jsonfeed-to-atom@1.2.5 feedsmith@3.0.1 \
  @extractus/feed-extractor@8.0.3 >/dev/null
cat >read.mjs <<'SCRIPT'
import {extractFromJson} from '@extractus/feed-extractor';
import FeedMe from 'feedme';
import {parseFeed} from 'feedsmith';
import toAtom from 'jsonfeed-to-atom';
import toRss from 'jsonfeed-to-rss';

const feed = process.argv[2];
const byFeedme = await new Promise(done => {
  const parser = new (FeedMe.default ?? FeedMe)(true);
  parser.on('finish', () => done(parser.done().items[0].id));
  parser.end(feed);
});
const convert = (function_, version) => {
  try {
    return function_({...JSON.parse(feed), version: `https://jsonfeed.org/version/${version}`}).length > 200;
  } catch (error) {
    return error.message.replace(/.*: /, '');
  }
};
console.log(JSON.stringify({
  ids: {
    feedsmith: parseFeed(feed).feed.items[0].id,
    extractus: extractFromJson(JSON.parse(feed)).entries[0].id,
    feedme: byFeedme,
  },
  converted: [convert(toRss, '1'), convert(toAtom, '1'), convert(toRss, '1.1'), convert(toAtom, '1.1')],
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import atoma, feedparser_rs

ITEM = {"id": 7, "url": "https://h.example/7", "title": "Map<String, int>", "content_text": "text"}
FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "home_page_url": "https://h.example/"}
FEED |= {"feed_url": "https://h.example/feed.json", "items": [ITEM]}
node = subprocess.run(["node", "read.mjs", json.dumps(FEED)], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)


def by_atoma(id_):
    try:
        return atoma.parse_json_feed(FEED | {"items": [ITEM | {"id": id_}]}).items[0].id_
    except atoma.FeedParseError as error:
        return type(error).__name__


def by_rust(id_):
    entry = feedparser_rs.parse(json.dumps(FEED | {"items": [ITEM | {"id": id_}]}).encode()).entries[0]
    return entry.id, entry.title


for name, id_ in seen["ids"].items():
    print(f"{name}: id {id_!r}")
print("atoma: 7:", by_atoma(7), "'7':", by_atoma("7"))
print("feedparser-rs: 7:", *by_rust(7), "'7':", *by_rust("7"))
print("jsonfeed-to-rss and -atom, version 1:", *seen["converted"][:2], "1.1:", *seen["converted"][2:])
unchanged = seen["ids"] == {"feedsmith": "7", "extractus": "7", "feedme": 7}
unchanged &= by_atoma(7) == "FeedParseError" and by_atoma("7") == "7"
unchanged &= by_rust(7) == (None, "Map") and by_rust("7") == ("7", "Map")
unchanged &= seen["converted"] == [True, True, "JSON feed version 1 required", "JSON feed version 1 required"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
