#!/usr/bin/env bash
# feedparser makes `gn (Ada` the author of a feed by `ada@studio.design (Ada)`.
#
# Guess: RSS writes an author as address and name in brackets. Both are told apart, or the text is left as it is.
# What happens: A top-level domain has two to four letters for feedparser, so of a longer one the address is cut behind
# the fourth letter, and what is left of it becomes the beginning of the name; the bracket at its end goes. Podcasts
# have such domains: `.online`, `.studio`, `.audio`, `.social`.
# Versions: feedparser 6.0.14.
# Source: run of this script; RSS 2.0, `<author>`; feedparser/mixin.py, `_sync_author_detail`.
# In this program: an author is shown as the feed writes it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.14
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import feedparser

FORM = "<rss version='2.0'><channel><item><title>T</title><author>{}</author></item></channel></rss>"
seen = {}
for domain in ("radio.com", "radio.info", "radio.audio", "studio.design"):
    author = f"ada@{domain} (Ada)"
    detail = feedparser.parse(FORM.format(author)).entries[0].author_detail
    seen[domain] = detail.get("name"), detail.get("email")
    print(f"{author}: name {seen[domain][0]!r}, address {seen[domain][1]!r}")
unchanged = seen == {
    "radio.com": ("Ada", "ada@radio.com"),
    "radio.info": ("Ada", "ada@radio.info"),
    "radio.audio": ("o (Ada", "ada@radio.audi"),
    "studio.design": ("gn (Ada", "ada@studio.desi"),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
