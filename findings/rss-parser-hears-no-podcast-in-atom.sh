#!/usr/bin/env bash
# rss-parser finds the sound file of an RSS item, none of an Atom entry, and one of two.
#
# Guess: `item.enclosure` is the file of an entry in either format: rss-parser gives both formats the same fields, and
# Atom has the file as `<link rel="enclosure">` with the same three details.
# What happens: Of an Atom entry there is no enclosure and no list of links, so it looks like one without a file. Of two
# files in RSS, such as MP3 and Ogg, the first is kept. npm's feedparser and feedsmith have both files in both formats.
# `customFields: {item: [['link', 'links', {keepArray: true}]]}` is the way out in Atom.
# Versions: rss-parser 3.13.0, feedparser 2.6.0, feedsmith 3.0.1 on Node 20.
# Source: run of this script; rss-parser/lib/parser.js, `parseItemAtom`; RFC 4287, 4.2.7.2.
# In this program: a feed's files are not read, but its payment links are, in both formats
# (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund rss-parser@3.13.0 feedparser@2.6.0 feedsmith@3.0.1 >/dev/null
cat >read.mjs <<'SCRIPT'
import {Readable} from 'node:stream';
import FeedParser from 'feedparser';
import {parseFeed} from 'feedsmith';
import Parser from 'rss-parser';

const feeds = {
  RSS: `<rss version="2.0"><channel><title>Podcast</title><link>https://h/</link><description>One</description>
    <item><title>Episode</title><link>https://h/1</link>
      <enclosure url="https://h/1.mp3" type="audio/mpeg" length="5"/>
      <enclosure url="https://h/1.ogg" type="audio/ogg" length="6"/>
    </item></channel></rss>`,
  Atom: `<feed xmlns="http://www.w3.org/2005/Atom"><title>Podcast</title><id>https://h/</id>
    <updated>2020-01-01T00:00:00Z</updated><author><name>Ada</name></author>
    <entry><title>Episode</title><id>https://h/1</id><updated>2020-01-01T00:00:00Z</updated>
      <link href="https://h/1"/>
      <link rel="enclosure" href="https://h/1.mp3" type="audio/mpeg" length="5"/>
      <link rel="enclosure" href="https://h/1.ogg" type="audio/ogg" length="6"/>
    </entry></feed>`,
};
const readers = {
  'rss-parser': async xml => {
    const [item] = (await new Parser().parseString(xml)).items;
    return JSON.stringify(item).match(/1\.(mp3|ogg)/g) ?? [];
  },
  'feedparser': xml => new Promise((resolve, reject) => {
    const parser = new FeedParser();
    parser.on('error', reject);
    parser.on('data', item => resolve(item.enclosures.map(({url}) => url)));
    Readable.from([xml]).pipe(parser);
  }),
  'feedsmith': xml => {
    const {feed} = parseFeed(xml);
    return feed.items?.[0].enclosures.map(({url}) => url)
      ?? feed.entries[0].links.filter(({rel}) => rel === 'enclosure').map(({href}) => href);
  },
};
let unchanged = true;
for (const [name, read] of Object.entries(readers)) {
  for (const [format, xml] of Object.entries(feeds)) {
    const files = (await read(xml)).length;
    console.log(`${name}, ${format}: ${files} of 2 files`);
    unchanged &&= files === (name !== 'rss-parser' ? 2 : format === 'RSS' ? 1 : 0);
  }
}
const parser = new Parser({customFields: {item: [['link', 'links', {keepArray: true}]]}});
const {links} = (await parser.parseString(feeds.Atom)).items[0];
const kept = links.filter(link => link.$.rel === 'enclosure').length;
console.log(`rss-parser, Atom, with a custom field: ${kept} of 2 files`);
unchanged &&= kept === 2;
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
