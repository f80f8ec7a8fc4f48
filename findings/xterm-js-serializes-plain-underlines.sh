#!/usr/bin/env bash
# A screen that xterm.js has serialized comes back without its links, and with every underline alike.
#
# Guess: @xterm/addon-serialize, with which terminals on web pages are restored, writes what xterm.js draws: the kind
# and the colour of an underline, and links (OSC 8), besides colours, bold and strike.
# What happens: curly, dotted, dashed and double underlines are written as plain ones, their colour is left out, and the
# text of a link is kept without its address, though xterm.js underlines it: it looks like a link and is none.
# Versions: @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 on Node 20.
# Source: run of this script.
# In this program: nothing is serialized; in a browser, Textual draws the whole screen anew.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0 >/dev/null
cat >serialize.js <<'SCRIPT'
const {SerializeAddon} = require('@xterm/addon-serialize');
const {Terminal} = require('@xterm/headless');

function serialize(text) {
  const terminal = new Terminal({cols: 30, rows: 1, allowProposedApi: true});
  const addon = new SerializeAddon();
  terminal.loadAddon(addon);
  return new Promise((done) => terminal.write(text, () => done(addon.serialize())));
}

(async () => {
  const plain = '\x1b[4mtext\x1b[0m';
  const cases = {
    'bold, struck': ['\x1b[1;9mtext\x1b[0m', '\x1b[1;9mtext\x1b[0m'],
    'plain underline': [plain, plain],
    'curly underline': ['\x1b[4:3mtext\x1b[0m', plain],
    'double underline': ['\x1b[21mtext\x1b[0m', plain],
    'red underline': ['\x1b[4;58:2::255:0:0mtext\x1b[0m', plain],
    'link': ['\x1b]8;;https://server.example/\x1b\\text\x1b]8;;\x1b\\', plain],
  };
  let unchanged = true;
  for (const [name, [fed, expected]] of Object.entries(cases)) {
    const seen = await serialize(fed);
    console.log(`${name}: ${JSON.stringify(fed)} -> ${JSON.stringify(seen)}`);
    unchanged &&= seen.replace(/\x1b\[0m$/, '') === expected.replace(/\x1b\[0m$/, '');
  }
  if (!unchanged) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
})();
SCRIPT
node serialize.js
