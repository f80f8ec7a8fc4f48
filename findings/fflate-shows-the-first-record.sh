#!/usr/bin/env bash
# fflate's `gunzipSync` returns the first page of a web archive and drops the rest.
#
# Guess: A gzip file may have several members, one behind the other, as a .warc.gz has one for each record; who unpacks
# it has the text of all, and two functions of one library agree.
# What happens: `gunzipSync`, `gunzip` and `decompressSync` stop at the end of the first member, without an error. The
# class `Gunzip` and Node's zlib, pako, minizlib and DecompressionStream go on.
# Versions: fflate 0.8.3, pako 3.0.3 and minizlib 3.1.0 on Node 20.
# Source: run of this script; RFC 1952, 2.2: a gzip file consists of a series of members; WARC 1.1, annex D: each record
# is a member of its own.
# In this program: all members are read (library/import_export/decompression.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fflate@0.8.3 pako@3.0.3 minizlib@3.1.0 >/dev/null
cat >unpack.mjs <<'SCRIPT'
import zlib from 'node:zlib';
import {Gunzip, decompressSync, gunzip, gunzipSync} from 'fflate';
import * as minizlib from 'minizlib';
import {ungzip} from 'pako';

const records = ['one ', 'two ', 'three'];
const packed = Buffer.concat(records.map(record => zlib.gzipSync(record)));
const unpackers = {
  'fflate, gunzipSync': () => gunzipSync(packed),
  'fflate, gunzip': () => new Promise((resolve, reject) => {
    gunzip(packed, (error, data) => error ? reject(error) : resolve(data));
  }),
  'fflate, decompressSync': () => decompressSync(packed),
  'fflate, Gunzip': () => {
    const pieces = [];
    const stream = new Gunzip(piece => pieces.push(piece));
    stream.push(packed, true);
    return Buffer.concat(pieces);
  },
  'zlib': () => zlib.gunzipSync(packed),
  'pako': () => ungzip(packed),
  'minizlib': () => new minizlib.Gunzip().end(packed).concat(),
  'DecompressionStream': () => new Response(
    new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')),
  ).arrayBuffer(),
};
let unchanged = true;
for (const [name, unpack] of Object.entries(unpackers)) {
  const text = Buffer.from(await unpack()).toString();
  console.log(`${name}: ${text}`);
  unchanged &&= text === (/fflate, (gunzip|decompress)/.test(name) ? 'one ' : records.join(''));
}
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node unpack.mjs
