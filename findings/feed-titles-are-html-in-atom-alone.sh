#!/usr/bin/env bash
# feed, for Node, says in Atom that a title is HTML, and writes it as it was given: `Map<String, int>` loses a half.
#
# Guess: `title` is plain text, as in JSON Feed, and the library writes it to each of its three formats so that a reader
# shows the same. Or it's HTML in all of them, and the documentation says so.
# What happens: In Atom an entry's title gets `type="html"`, and the text without any escaping in a CDATA section. In
# RSS and JSON it's plain, as is the title of the feed in Atom itself. feedparser reads `Map & co`, as it should. If the
# title is escaped as HTML first, there's `&lt;` in the JSON, and in rss-parser, which knows no types. So there is no
# title with `<` that is right everywhere. The sound file, too, is in Atom and RSS, and not in the JSON, which has
# `attachments` for it.
# Versions: feed 6.0.0 and rss-parser 3.13.0 on Node 20, feedparser 6.0.12.
# Source: run of this script; RFC 4287, 3.1.1.2; JSON Feed 1.1, Items: `title` is plain text.
# In this program: titles from a feed are read as text (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.12
npm install --silent --no-audit --no-fund feed@6.0.0 rss-parser@3.13.0 >/dev/null
cat >write.mjs <<'SCRIPT'
import {Feed} from 'feed';
import Parser from 'rss-parser';

const read = async xml => (await new Parser().parseString(xml)).items[0].title;
const results = [];
for (const title of process.argv.slice(2)) {
  const feed = new Feed({title, id: 'https://h/', link: 'https://h/'});
  feed.addItem({
    title, id: 'https://h/1', link: 'https://h/1', date: new Date(0),
    enclosure: {url: 'https://h/1.mp3', type: 'audio/mpeg', length: 5},
  });
  const [atom, rss, json] = [feed.atom1(), feed.rss2(), feed.json1()];
  results.push({atom, rss, json, read: {atom: await read(atom), rss: await read(rss)}});
}
console.log(JSON.stringify(results));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import feedparser

TITLE, ESCAPED = "Map<String, int> & co", "Map&lt;String, int&gt; &amp; co"
command = ["node", "write.mjs", TITLE, ESCAPED]
written = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
seen = []
for title, feed in zip((TITLE, ESCAPED), written, strict=True):
    parsed = feedparser.parse(feed["atom"])
    seen.append([parsed.entries[0].title, feed["read"]["atom"], json.loads(feed["json"])["items"][0]["title"]])
    print(f"{title}: feedparser reads {seen[-1][0]}, rss-parser {seen[-1][1]}; the JSON has {seen[-1][2]}")
atom, rss, item = (written[0][name] for name in ("atom", "rss", "json"))
files = ["1.mp3" in text for text in (atom, rss, item)]
kinds = [feedparser.parse(atom).feed.title_detail.type, feedparser.parse(atom).entries[0].title_detail.type]
print(f"the file is in Atom, RSS and JSON: {files}; titles of the feed and the entry in Atom: {kinds}")
unchanged = seen == [["Map & co", TITLE, TITLE], [ESCAPED, ESCAPED, ESCAPED]]
unchanged &= files == [True, True, False] and kinds == ["text/plain", "text/html"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
