#!/usr/bin/env bash
# rss-parser gives an entry's Flattr button as the address of the entry.
#
# Guess: `item.link` of an Atom entry is its page: the link without `rel`, or with `rel="alternate"`. One with
# `rel="payment"`, as blogs have for Flattr, is none.
# What happens: The first link is taken if none is called `alternate`, whatever its relation, so a payment link that
# stands in front of one without `rel` becomes the page of the entry, and of the feed. An entry with a payment link
# alone has that as its page.
# Versions: rss-parser 3.13.0 on Node 20.
# Source: run of this script; RFC 4287, 4.2.7.2: a link without `rel` is an alternate.
# In this program: payment links and pages are told apart by their relation (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
npm install --silent --no-audit --no-fund rss-parser@3.13.0 >/dev/null
"$python" - <<'PYTHON'
import json, subprocess, sys

SCRIPT = r"""
const Parser = require('rss-parser');
const PAY = '<link rel="payment" href="https://flattr.com/thing/1"/>';
const page = relation => `<link ${relation} href="https://example.org/1"/>`;
const links = [PAY + page(''), page('') + PAY, PAY + page('rel="alternate"'), PAY];
const read = async link => {
  const feed = `<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>${link}<entry><title>T</title>${link}</entry></feed>`;
  const parsed = await new Parser().parseString(feed);
  return [parsed.link, parsed.items[0].link];
};
Promise.all(links.map(read)).then(seen => console.log(JSON.stringify(seen)));
"""
CASES = ("payment, then a page", "a page, then payment", "payment, then alternate", "payment alone")
seen = json.loads(subprocess.run(["node", "-e", SCRIPT], capture_output=True, text=True, check=True).stdout)
for case, (of_feed, of_entry) in zip(CASES, seen):
    print(f"{case}: feed {of_feed}, entry {of_entry}")
PAY, PAGE = "https://flattr.com/thing/1", "https://example.org/1"
unchanged = [of_entry for _, of_entry in seen] == [PAY, PAGE, PAGE, PAY]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
