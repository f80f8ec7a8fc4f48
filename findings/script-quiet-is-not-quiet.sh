#!/usr/bin/env bash
# `script -q` writes its own lines into the recording, and tells the recorded program that it has no columns.
#
# Guess: with `--quiet` the file holds what the program wrote, as BSD's `script -q` makes it. Without a terminal, as in
# CI or cron, the program finds the usual 80 columns and 24 rows.
# What happens: `-q` is about standard output alone; 'Script started on …' and 'Script done on …', with the date, are
# the first and last line of the file, so two recordings are never equal, and a player has to leave them out. Without a
# terminal the size is 0 by 0: what centres, wraps or draws by it draws nothing or fails. An exit code is lost without
# `-e`.
# Versions: script of util-linux 2.38.1 (the script on PATH is used).
# Source: run of this script; script(1), `--quiet`: 'do not write start and done messages to standard output'.
# In this program: tests/pty opens its own pseudo-terminals, with a size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
script -q -c 'printf "hello\n"; stty size; exit 3' recording </dev/null >shown && code=0 || code=$?
tr -d '\r' <recording
echo "exit code $code"
first=$(head -1 recording)
last=$(tail -1 recording)
middle=$(sed '1d;$d' recording | tr -d '\r' | paste -sd ' ')
case "$first|$middle|$last|$code" in
"Script started on "*"|hello 0 0 |Script done on "*"|0") echo "As described." ;;
*)
  echo "This has changed." >&2
  exit 1
  ;;
esac
