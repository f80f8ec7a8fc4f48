#!/usr/bin/env bash
# Miller makes a file of JSON that no reader accepts, of a CSV with a title such as `0x1F` or `.5`.
#
# Guess: `mlr --icsv --ojson cat` writes JSON: a cell is a number in JSON's form, such as 31 and 0.5, or a text in
# quotes.
# What happens: What looks like a number to Miller is written without quotes and as it stood in the CSV: `0x1F`, `0b11`,
# `.5`, `5.`. JSON has no such numbers, so jq, Python and Node refuse the whole file, with all its other rows. `007`,
# `+3`, `1_000` and `NaN` are quoted. With `-S` all cells are texts.
# Versions: Miller 6.6.0 (the mlr on PATH is used).
# Source: run of this script; RFC 8259, 6: a number has digits on both sides of its point, and base ten; Miller's
# manual, 'Arithmetic': numbers that are not changed keep their format.
# In this program: `export --format json` writes JSON itself, with titles as texts; the README names `mlr -S`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import json, subprocess, sys

TITLES = ("One", "1e5", "007", "+3", "NaN", "0x1F", "0b11", ".5", "5.")


def convert(table, *options):
    command = ["mlr", *options, "--icsv", "--ojsonl", "cat"]
    return subprocess.run(command, input=table, capture_output=True, text=True, check=True).stdout.strip()


refused = set()
for title in TITLES:
    line = convert(f"title,clicks\n{title},1\n")
    try:
        json.loads(line)
    except ValueError:
        refused.add(title)
    print(f"{title}: {line}", "refused" if title in refused else "")
as_text = convert("title\n.5\n", "-S")
print("with -S:", as_text)
unchanged = refused == {"0x1F", "0b11", ".5", "5."} and json.loads(as_text) == {"title": ".5"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
