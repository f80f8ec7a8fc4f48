#!/usr/bin/env bash
# sciine cuts a recording of asciinema at another second than the player shows, and moves all chapters forward.
#
# Guess: An editor of recordings counts as the player does, from the start of the recording. Converting from version 2
# to 3 and back changes no time.
# What happens: sciine takes the first event for second 0. If a program needs half a second to draw its first screen, as
# a TUI does, each timecode that was read off the player is half a second too early, `cut` takes away other events, and
# whatever it writes, even by `convert`, has the wait removed: markers, resizes and the output are earlier. Subtitles or
# a sound track made for the recording no longer fit.
# Versions: asciinema-scene 1.3.0.
# Source: run of this script; the format asciicast v2: an event's time is the number of seconds since the beginning of
# the recording session.
# In this program: the tour in its README is an SVG of frames, not a recording (tests/animated_svg.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check asciinema-scene==1.3.0
venv/bin/python - <<'PYTHON'
import json, subprocess, sys

EVENTS = [[0.5, "o", "one\r\n"], [1.0, "m", "next"], [1.5, "r", "100x30"], [2.0, "o", "two\r\n"], [3.0, "o", "end\r\n"]]
with open("tour.cast", "w") as file:
    for line in ({"version": 2, "width": 80, "height": 24}, *EVENTS):
        print(json.dumps(line), file=file)


def sciine(*words):
    subprocess.run(["venv/bin/sciine", *words], check=True)
    with open(words[-1]) as file:
        return [json.loads(line) for line in file][1:]


sciine("convert", "--format", "v3", "--input", "tour.cast", "--output", "third.cast")
again = sciine("convert", "--format", "v2", "--input", "third.cast", "--output", "second.cast")
cut = sciine("cut", "--start", "1.8", "--end", "2.2", "--input", "tour.cast", "--output", "cut.cast")
print("to version 3 and back:", again)
print("without 1.8 to 2.2, where `two` is:", cut)
unchanged = again == [[at - 0.5, kind, text] for at, kind, text in EVENTS]
unchanged &= [text for _, _, text in cut] == ["one\r\n", "next", "100x30", "two\r\n", "end\r\n"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
