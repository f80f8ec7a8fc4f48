#!/usr/bin/env bash
# `tmux send-keys -l 'a;'` types `a`.
#
# Guess: with `-l` the keys are literal, and the shell's quotes have given tmux the two characters, so both are typed.
# What happens: tmux itself takes a semicolon at the end of an argument for the end of its command, before send-keys
# sees anything. `;` alone types nothing, and in `send-keys 'a;' Enter` the second word is a command, which doesn't
# exist. Inside a word it's typed. `'a\;'` is the way out, and `-H` with the characters' numbers. `set-buffer 'x;'` drops
# it as well. A test that types code or a search into a program in tmux types something else.
# Versions: tmux 3.3a (the tmux on PATH is used).
# Source: run of this script; tmux(1), 'Command parsing and execution': 'a trailing semicolon is also interpreted as a
# command separator'.
# In this program: tests/pty types bytes into a pseudo-terminal.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux -L "findings-$$" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
tmux="tmux -L findings-$$ -f /dev/null"
$tmux new-session -d -x 40 -y 10 'stty -echo; printf ready; exec cat >typed'
for _ in $(seq 100); do ! $tmux capture-pane -p | grep -q ready || break; sleep 0.1; done
for keys in 'a;' ';' 'b;c' 'd\;'; do
  $tmux send-keys -l "$keys"
  $tmux send-keys Enter
done
error=$($tmux send-keys 'e;' Enter 2>&1) || true
$tmux send-keys Enter
for _ in $(seq 100); do [ "$(wc -l <typed)" -lt 5 ] || break; sleep 0.1; done
$tmux set-buffer 'x;'
seen=$(paste -sd ' ' typed)
buffer=$($tmux show-buffer)
echo "typed: $seen"
echo "a second word: $error"
echo "set-buffer 'x;': $buffer"
if [ "$seen" != 'a  b;c d; ' ] || [ "$error" != 'unknown command: Enter' ] || [ "$buffer" != x ]; then
  echo "This has changed." >&2
  exit 1
fi
echo "As described."
