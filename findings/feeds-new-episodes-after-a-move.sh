#!/usr/bin/env bash
# All episodes of a podcast are new ones when its feed moves to https, for feedparser and for gPodder's podcastparser.
#
# Guess: `<guid>episode-12</guid>` is the episode's identity as it's written, wherever the feed was fetched.
# What happens: without `isPermaLink="false"` a guid is taken for an address and resolved against that of the feed:
# `http://x.example/episode-12`. From another host, by https or through a redirect, each episode has another identity,
# and podcastparser also gives it a link to that page, which doesn't exist.
# Versions: podcastparser 0.6.11, feedparser 6.0.14.
# Source: run of this script; podcastparser.py, `EpisodeGuid`; RSS 2.0, `<guid>`: a string that identifies the item,
# which 'may be assumed' to be an address if `isPermaLink` is missing.
# In this program: guids are not read; a thing is known by its payment link (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check podcastparser==0.6.11 feedparser==6.0.14
python=venv/bin/python
"$python" - <<'PYTHON'
import io, sys
import feedparser, podcastparser

FEED = b"""<rss version="2.0"><channel><title>Podcast</title><link>http://x.example/</link>
<item><title>Twelve</title><guid>episode-12</guid>
<enclosure url="http://x.example/12.mp3" type="audio/mpeg" length="10"/></item></channel></rss>"""
seen = []
for feed in (FEED, FEED.replace(b"<guid>", b'<guid isPermaLink="false">')):
    for address in ("http://x.example/feed", "https://x.example/feed", "https://cdn.example/x/feed"):
        episode = podcastparser.parse(address, io.BytesIO(feed))["episodes"][0]
        entry = feedparser.parse(feed, response_headers={"content-location": address}).entries[0]
        seen.append((episode["guid"], entry.id))
        print(f"{address}: podcastparser {episode['guid']}, link {episode['link'] or 'none'}; feedparser {entry.id}")
    print()
ids = ["http://x.example/episode-12", "https://x.example/episode-12", "https://cdn.example/x/episode-12"]
unchanged = seen == [(one, one) for one in ids + 3 * ["episode-12"]]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
