#!/usr/bin/env bash
# feed, for Node, says that the sound file of a podcast is a picture, though its type was given.
#
# Guess: `enclosure: {url: 'episode.mp3', type: 'audio/mpeg', length: 5}` is written with that type, in RSS and in Atom.
# Without a type it's guessed from the name, as audio/mpeg, or left out.
# What happens: in Atom the type is made anew of `image/` and the end of the name: `image/mp3`; the length is kept. In
# RSS the given type is kept, but an address alone also becomes `image/mp3`. The fields `audio` and `video` exist beside
# `enclosure` and write `audio/mp3`, which isn't registered, over `audio/mpeg`. Podcast clients skip a picture.
# Versions: feed 6.0.0 on Node 20.
# Source: run of this script; RFC 4287, 4.2.7.3: `type` says what kind of file to expect.
# In this program: a feed's files are not read; a thing is known by its payment link
# (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund feed@6.0.0 >/dev/null
cat >write.mjs <<'SCRIPT'
import {Feed} from 'feed';

function types(fields) {
  const feed = new Feed({title: 'Podcast', id: 'http://x.example/', link: 'http://x.example/', copyright: ''});
  feed.addItem({title: 'Episode', link: 'http://x.example/12', date: new Date(0), ...fields});
  return [feed.rss2(), feed.atom1()].map((text) => /(?:<enclosure|rel="enclosure")[^>]* type="([^"]*)"/.exec(text)[1]);
}

const url = 'http://x.example/12.mp3';
const cases = {
  'enclosure with its type': [{enclosure: {url, type: 'audio/mpeg', length: 5}}, 'audio/mpeg image/mp3'],
  'enclosure, address alone': [{enclosure: url}, 'image/mp3 image/mp3'],
  'audio with its type': [{audio: {url, type: 'audio/mpeg', length: 5}}, 'audio/mpeg audio/mp3'],
};
let unchanged = true;
for (const [name, [fields, expected]] of Object.entries(cases)) {
  const [rss, atom] = types(fields);
  console.log(`${name}: ${rss} in RSS, ${atom} in Atom`);
  unchanged &&= `${rss} ${atom}` === expected;
}
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node write.mjs
