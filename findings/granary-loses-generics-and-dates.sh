#!/usr/bin/env bash
# granary writes the title `Map<String, int>` as `Map` in Atom and RSS, and the day of a post not at all.
#
# Guess: granary turns activities of JSON Activity Streams into Atom, RSS, ActivityStreams 2 and back: a title is plain
# text there, so it's escaped, and what is in `published` is in the entry.
# What happens: For Atom and RSS it takes titles for HTML and drops what looks like a tag; `5 < 7 & co` stays. Of an
# activity `post` it takes the dates of the object, not its own: without them Atom gets `<published></published>` and
# `<updated></updated>`, both empty, which isn't valid, and RSS no date. Of a `like` the dates are there, but its own
# reader of Atom drops them, and the thing's title. ActivityStreams 2 and back keeps all.
# Versions: granary 11.0.
# Source: run of this script; granary/templates/user_feed.atom; JSON Activity Streams 1.0: a title and a displayName
# must not have HTML markup; RFC 4287, 3.3: the content of a date element MUST conform to date-time.
# In this program: titles are text wherever they are shown or saved (model/text_sanitizer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check granary==11.0
venv/bin/python -W ignore - <<'PYTHON'
import sys
from xml.etree import ElementTree
from granary import as2, atom, rss

ATOM = "{http://www.w3.org/2005/Atom}"
ADA = {"objectType": "person", "id": "https://h/ada", "url": "https://h/ada", "displayName": "Ada"}


def activity(verb, title):
    thing = {"objectType": "article", "id": f"https://h/{verb}", "url": f"https://h/{verb}", "displayName": title}
    stamps = {"id": f"tag:h,2013:{verb}", "published": "2013-05-01T07:08:09Z"}
    return {"objectType": "activity", "verb": verb, "actor": ADA, "object": thing, **stamps}


ACTIVITIES = [activity("post", "Map<String, int>"), activity("like", "5 < 7 & co")]
feed = atom.activities_to_atom(ACTIVITIES, ADA, title="Ada", request_url="https://h/feed", host_url="https://h/")
entries = ElementTree.fromstring(feed).findall(f"{ATOM}entry")
in_atom = [[(entry.findtext(f"{ATOM}{name}") or "").strip() for name in ("title", "published")] for entry in entries]
items = ElementTree.fromstring(rss.from_as1(ACTIVITIES, ADA, title="Ada", feed_url="https://h/rss")).iter("item")
in_rss = [[item.findtext("title"), item.findtext("pubDate")] for item in items]
again = [[read.get("published"), read["object"].get("displayName")] for read in atom.atom_to_activities(feed)]
back = [as2.to_as1(as2.from_as1(sent)) for sent in ACTIVITIES]
kept = [[read["published"], read["object"]["displayName"]] for read in back]
print("Atom:", in_atom)
print("RSS:", in_rss)
print("Atom, read again:", again)
print("ActivityStreams 2 and back:", kept)
unchanged = in_atom == [["Map", ""], ["5 < 7 & co", "2013-05-01T07:08:09Z"]]
unchanged &= in_rss[0] == ["Map", None] and again == [[None, "Map"], [None, None]]
unchanged &= kept == [["2013-05-01T07:08:09Z", sent["object"]["displayName"]] for sent in ACTIVITIES]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
