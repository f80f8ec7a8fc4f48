#!/usr/bin/env bash
# Of the people who share a podcast's payments, feedparser names the last one, whose share may be 1 %.
#
# Guess: feedparser gives what it doesn't know as it stands in the feed: an item with several elements of a namespace,
# such as the recipients in `podcast:value`, has a list of them, or none.
# What happens: It makes one member of each name, for the channel and for the item, and each element overwrites the one
# before: `podcast_valuerecipient` is the last recipient of the last `podcast:value`, `podcast_funding` the last of
# several addresses, without its text. An app that reads these members pays the one with 5 %, who is listed last, and
# not the podcaster. podcast-partytime keeps all recipients, but of the first `podcast:value` only. feedsmith gives all.
# Versions: feedparser 6.0.14; podcast-partytime 5.0.0 and feedsmith 3.0.1 on Node 20.
# Source: run of this script; feedparser/mixin.py, unknown_starttag, which keeps attributes under the element's name;
# the podcast namespace's `value`: recipients share a payment by `split`, and there may be several values and fundings.
# In this program: each payment link of an item is read, not these elements
# (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check feedparser==6.0.14
npm install --silent --no-audit --no-fund podcast-partytime@5.0.0 feedsmith@3.0.1 >/dev/null
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>Cast</title><link>https://h/</link><description>A podcast</description><language>en</language>
<podcast:funding url="https://h/thanks">Say thanks</podcast:funding>
<podcast:funding url="https://h/shirts">Buy a shirt</podcast:funding>
<podcast:value type="lightning" method="keysend">
<podcast:valueRecipient name="Ada" type="node" address="02" split="99"/>
<podcast:valueRecipient name="Host" type="node" address="03" split="1" fee="true"/>
</podcast:value>
<podcast:value type="webmonetization" method="ILP">
<podcast:valueRecipient name="Ada" type="paymentpointer" address="$h/ada" split="95"/>
<podcast:valueRecipient name="App" type="paymentpointer" address="$h/app" split="5"/>
</podcast:value>
<item><title>One</title><guid>1</guid><enclosure url="https://h/1.mp3" length="1" type="audio/mpeg"/></item>
</channel></rss>
XML
cat >read.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import {parseRssFeed} from 'feedsmith';
import {parseFeed} from 'podcast-partytime';

const feed = readFileSync('feed.xml', 'utf8');
const partytime = parseFeed(feed);
const feedsmith = parseRssFeed(feed).podcast;
console.log(JSON.stringify({
  'podcast-partytime': {
    recipients: partytime.value.recipients.map(recipient => [recipient.name, recipient.split]),
    fundings: partytime.podcastFunding.map(funding => funding.message),
  },
  'feedsmith': {
    recipients: feedsmith.values.flatMap(value => value.valueRecipients).map(({name, split}) => [name, split]),
    fundings: feedsmith.fundings.map(funding => funding.display),
  },
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import feedparser

channel = feedparser.parse("feed.xml").feed
node = subprocess.run(["node", "read.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
print("feedparser:", dict(channel.podcast_valuerecipient), dict(channel.podcast_funding))
for name, found in seen.items():
    print(f"{name}: {found}")
unchanged = [channel.podcast_valuerecipient["name"], channel.podcast_valuerecipient["split"]] == ["App", "5"]
unchanged &= channel.podcast_funding == {"url": "https://h/shirts"} and "Ada" not in json.dumps(channel)
first, rest = [["Ada", 99], ["Host", 1]], [["Ada", 95], ["App", 5]]
fundings = ["Say thanks", "Buy a shirt"]
unchanged &= seen["podcast-partytime"] == {"recipients": first, "fundings": fundings}
unchanged &= seen["feedsmith"] == {"recipients": first + rest, "fundings": fundings}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
