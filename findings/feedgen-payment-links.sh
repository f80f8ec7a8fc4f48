#!/usr/bin/env bash
# feedgen makes every link of an Atom entry a link to its page, and loses payment links in RSS.
#
# Guess: `link(rel="payment")`, which podcasts and blogs have for Flattr, is written as `<link rel="payment">` in Atom
# and as `<atom:link rel="payment">` in RSS. An enclosure stays one.
# What happens: a feed takes the link and writes it to Atom only. In RSS it's left out, but the channel's `<link>`, the
# address of the site, becomes the last link that was given, of whatever kind. An entry refuses `payment` by an error.
# The kinds that an entry takes (enclosure, related, via) are written to Atom without `rel`, so readers take each for
# another address of the page: an episode has no file.
# Versions: feedgen 1.0.0.
# Source: run of this script; RFC 4287, 4.2.7.2: without `rel`, a link is an alternate.
# In this program: library/import_export/web_feeds.py takes the first link without `rel` for the page of an item whose
# payment link names only a number.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedgen==1.0.0
python=venv/bin/python
"$python" - <<'PYTHON'
import re, sys
from feedgen.feed import FeedGenerator

feed = FeedGenerator()
feed.id("https://example.org/"), feed.title("T"), feed.description("D")
feed.link(href="https://example.org/", rel="alternate")
feed.link(href="https://flattr.com/thing/1", rel="payment")
entry = feed.add_entry()
entry.id("1"), entry.title("Episode"), entry.content("C")
entry.link(href="https://example.org/1")
entry.link(href="https://example.org/1.mp3", rel="enclosure", type="audio/mpeg")
try:
    entry.link(href="https://flattr.com/thing/2", rel="payment")
    refused = ""
except ValueError as error:
    refused = str(error)
of_channel, of_entry = (text.decode() for text in feed.atom_str().split(b"<entry>"))
links = [re.findall("<link.*?>", part) for part in (of_channel, of_entry)]
rss = re.findall("<link>.*?</link>|<atom:link.*?>", feed.rss_str().decode().split("<item>")[0])
print("Atom, feed:", links[0])
print("Atom, entry:", links[1])
print("RSS, channel:", rss)
print("A payment link of an entry:", refused)
unchanged = any("payment" in link for link in links[0]) and not any("rel=" in link for link in links[1])
unchanged &= len(links[1]) == 2 and rss == ["<link>https://flattr.com/thing/1</link>"] and bool(refused)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
