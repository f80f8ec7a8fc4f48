#!/usr/bin/env bash
# A screen that xterm.js saves and restores has underlines for its links, and reports clicks in another form.
#
# Guess: SerializeAddon of xterm.js writes what brings a terminal back: what is on the screen and its modes, so that a
# program that goes on writing to the restored one doesn't notice. Editors keep sessions that way.
# What happens: A link, OSC 8, becomes an underlined text without an address. Of the two modes for the mouse that
# Textual and others set, `?1003h` is written and `?1006h` isn't: the restored terminal reports clicks in the old form,
# as bytes that the program takes for keys. The cursor is shown though it was hidden by `?25l`; the scroll region, the
# tab stops and the saved cursor are the initial ones. Bracketed paste, reports of focus, the alternate screen and
# insert mode are restored.
# Versions: @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 on Node 20.
# Source: run of this script; the addon's README calls it experimental; SerializeAddon.ts writes the modes that
# `terminal.modes` names, and the form of reports isn't one of them.
# In this program: the modes are set when it starts, and again when it's resumed (ui/terminal_drivers.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @xterm/addon-serialize@0.14.0 @xterm/headless@6.0.0 >/dev/null
cat >restore.mjs <<'SCRIPT'
import addon from '@xterm/addon-serialize';
import headless from '@xterm/headless';

const open = () => {
  const terminal = new headless.Terminal({cols: 20, rows: 5, allowProposedApi: true});
  const serializer = new addon.SerializeAddon();
  terminal.loadAddon(serializer);
  return {terminal, serializer};
};
const write = (terminal, text) => new Promise(done => terminal.write(text, done));
const lines = terminal => [0, 1, 2, 3, 4].map(line => terminal.buffer.active.getLine(line).translateToString(true));
const screens = {
  'link': '\x1b]8;;https://h/\x1b\\thing\x1b]8;;\x1b\\',
  'mouse': '\x1b[?1003h\x1b[?1006h',
  'hidden cursor': '\x1b[?25l',
  'paste, focus': '\x1b[?2004h\x1b[?1004h',
};
const saved = {};
for (const [name, text] of Object.entries(screens)) {
  const {terminal, serializer} = open();
  await write(terminal, text);
  saved[name] = serializer.serialize();
  console.log(`${name}:`, JSON.stringify(saved[name]));
}
const more = {
  'scroll region': ['\x1b[2;4r\x1b[4;1Hx', '\r\ny'],
  'tab stops': ['\x1b[3g\x1b[5G\x1bH\r', '\tx'],
  'saved cursor': ['ab\x1b7cd', '\x1b8x'],
  'insert mode': ['ab\x1b[4h\r', 'x'],
};
const differ = [];
for (const [name, [before, after]] of Object.entries(more)) {
  const [first, second] = [open(), open()];
  await write(first.terminal, before);
  await write(second.terminal, first.serializer.serialize());
  for (const {terminal} of [first, second]) await write(terminal, after);
  if (JSON.stringify(lines(first.terminal)) !== JSON.stringify(lines(second.terminal))) differ.push(name);
}
console.log('the next text is elsewhere after:', differ.join(', '));
const expected = {
  'link': '\x1b[4mthing\x1b[0m',
  'mouse': '\x1b[?1003h',
  'hidden cursor': '',
  'paste, focus': '\x1b[?2004h\x1b[?1004h',
};
const unchanged = JSON.stringify(differ) === JSON.stringify(['scroll region', 'tab stops', 'saved cursor']);
if (!unchanged || JSON.stringify(saved) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node restore.mjs
