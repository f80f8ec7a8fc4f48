#!/usr/bin/env bash
# xterm.js, the terminal of VS Code and of web pages, loses text when it's made narrower and wider again.
#
# Guess: a long line is broken anew for each width, and whole again when the terminal has its old width: xterm.js has
# reflow.
# What happens: the line with the cursor is left out, since shells draw their prompt anew. Its rows are cut at the new
# width, and what was cut is gone from the buffer. That is the last line of all that ends without a line break: a
# question, a progress bar, or the output of `curl` and `jq -j`. `reflowCursorLine: true` keeps it.
# Versions: @xterm/headless 6.0.0 on Node 20.
# Source: run of this script; https://github.com/xtermjs/xterm.js/issues/6130.
# In this program: Textual draws the whole screen anew after a change of size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 >/dev/null
cat >resize.js <<'SCRIPT'
const {Terminal} = require('@xterm/headless');

async function resize(text, options) {
  const terminal = new Terminal({cols: 20, rows: 5, allowProposedApi: true, ...options});
  await new Promise((done) => terminal.write(text, done));
  terminal.resize(10, 5);
  terminal.resize(20, 5);
  const buffer = terminal.buffer.active;
  const rows = [];
  for (let row = 0; row < buffer.length; row++) rows.push(buffer.getLine(row).translateToString(true));
  return rows.join('');
}

(async () => {
  const text = 'Really delete 30 things? [y/N] ';
  const seen = {
    'with a line break': await resize(text + '\r\n'),
    'without one': await resize(text),
    'with reflowCursorLine': await resize(text, {reflowCursorLine: true}),
  };
  for (const [what, rows] of Object.entries(seen)) console.log(`${what}: ${rows}`);
  const whole = text.trimEnd();
  const unchanged = seen['with a line break'].trimEnd() === whole && seen['with reflowCursorLine'].trimEnd() === whole
    && seen['without one'].trimEnd() === 'Really delngs? [y/N]';
  if (!unchanged) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
})();
SCRIPT
node resize.js
