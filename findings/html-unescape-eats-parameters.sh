#!/usr/bin/env bash
# html.unescape changes addresses that were never escaped.
#
# Guess: unescaping a text without entities changes nothing, so it is safe to do it 'once more' to an address from a
# feed or a paste.
# What happens: names without a semicolon are entities as well, and they match the beginning of a parameter:
# `&section=` becomes `§ion=`, `&copy=` `©=`, `&order=` stays, `&curren…`, `&para…`, `&times…`, `&not…`, `&reg…`
# change. The address then means another page.
# Versions: CPython 3.11.7 and 3.13.0.
# Source: run of this script; HTML, 13.5 (names without a semicolon). In an attribute a browser leaves such a name
# alone if `=` or a letter follows, which html.unescape cannot know.
# In this program: an address is unescaped only where it has `&amp;` or a numeric form, and only once.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import html, sys

parameters = ("section=2", "copy=1", "currency=EUR", "params=x", "times=3", "note=a", "region=eu", "order=1", "language=en")
address = "https://example.org/?id=1&" + "&".join(parameters)
seen = html.unescape(address)
print("Python", sys.version.split()[0], seen)
unchanged = "§ion=2" in seen and "©=1" in seen and "¤cy=EUR" in seen and seen.endswith("&order=1&language=en")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
