#!/usr/bin/env bash
# xterm.js draws brown where tmux draws the colour that was asked for.
#
# Guess: `CSI 38:2:R:G:B m` is the colour R, G, B, as in tmux and most terminals; at worst it's ignored.
# What happens: xterm.js counts by ITU T.416, where the number behind `2` is a colour space, and reads the next as red:
# G becomes red, B green, and blue is 0. Neither is an error, so a recording that was made by asciinema's emulator,
# which writes this form, has other colours in a browser. `38:2::R:G:B` and `38;2;R;G;B` are the same in both.
# Versions: @xterm/headless 6.0.0 on Node 20; tmux 3.3a (the tmux on PATH is used) for comparison.
# Source: run of this script; https://github.com/xtermjs/xterm.js/issues/5792 (as intended),
# https://github.com/asciinema/avt/issues/28.
# In this program: Textual writes colours with semicolons.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux -L "findings-$$" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 >/dev/null
printf '\033[38;2;20;120;220mA\033[38:2::20:120:220mB\033[38:2:20:120:220mC\033[0m' >colours

tmux -L "findings-$$" -f /dev/null new-session -d -x 20 -y 5 'cat colours; exec cat'
for _ in $(seq 100); do
  tmux -L "findings-$$" capture-pane -pe | head -1 >by-tmux
  ! grep -q C by-tmux || break
  sleep 0.1
done

cat >draw.js <<'SCRIPT'
const fs = require('fs');
const {Terminal} = require('@xterm/headless');

const terminal = new Terminal({cols: 20, rows: 5, allowProposedApi: true});
terminal.write(fs.readFileSync('colours'), () => {
  const line = terminal.buffer.active.getLine(0);
  const colours = [0, 1, 2].map((column) => {
    const colour = line.getCell(column).getFgColor();
    return [colour >> 16, (colour >> 8) & 255, colour & 255].join(',');
  });
  const tmux = fs.readFileSync('by-tmux', 'utf8').split('\x1b[39m')[0];
  console.log('xterm.js:', colours.join(' '));
  console.log('tmux:', JSON.stringify(tmux));
  const unchanged = colours.join(' ') === '20,120,220 20,120,220 120,220,0' && tmux.includes('\x1b[38;2;20;120;220mABC');
  if (!unchanged) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
});
SCRIPT
node draw.js
