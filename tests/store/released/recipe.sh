#!/usr/bin/env bash
# Makes the saved data of a released version, and exports of it by that version: `recipe.sh CHECKOUT NAME` writes
# NAME.tar.xz beside this file. CHECKOUT is a checkout of that version. Needs uv.
#   0.1.0-plain   cbe4866: responses are not compressed, usernames are kept as typed
#   0.1.0-packed  634d4a3: responses are compressed, usernames are case-folded
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv venv -q "$work/venv"
uv pip install -q --python "$work/venv/bin/python" "$1"
run() {
  env -i HOME="$work" XDG_DATA_HOME="$work" LC_ALL=C.UTF-8 PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring \
    "$work/venv/bin/flattr-tui" "$@"
}

run sync --user Ada --things
run sync --user quartz- --flattrs
run sync --user melodia --things
mkdir "$work/expected"
for request in 'user-things username=Ada' 'user-things username=melodia' 'user-flattrs username=quartz-'; do
  run --offline export $request --format jsonl >"$work/expected/$request.jsonl"
done
mv "$work/flattr-tui" "$work/library"
rm -r "$work/library/sandbox" "$work/library"/.*.lock # the sandbox's data and lock files, which are not part of the saved data
tar --sort=name --owner=0 --group=0 --numeric-owner -C "$work" -cJf "$here/$2.tar.xz" library expected
