#!/usr/bin/env bash
# `script -q -c 'curl …' file` writes `Script started` and `Script done` into the file, and ends with 0 if curl fails.
#
# Guess: `-q` records what the program wrote and nothing else, and the status is that of the program.
# What happens: What is quiet is the terminal. The file has a line in front of the output and one behind it, so a
# recorded response of JSON isn't JSON. The status is 0, and with `-e` that of the program.
# asciinema 2.4 and termtosvg have no such option: a recording of a failed run is a success in CI.
# Versions: script of util-linux 2.38.1, the one on PATH; asciinema 2.4.0, termtosvg 1.1.0 on Python 3.11.
# Source: run of this script; script(1): `-q` does not write start and done messages to standard output;
# https://github.com/asciinema/asciinema/issues/599.
# In this program: `import` leaves out these lines (library/import_export/captured_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check asciinema==2.4.0 termtosvg==1.1.0 'setuptools<80'
venv/bin/python - <<'PYTHON'
import os, subprocess, sys


def record(*words):
    environment = os.environ | {"TERM": "xterm", "SHELL": "/bin/sh", "HOME": os.getcwd()}
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, env=environment).returncode


command = "printf '{}'; exit 3"
with open("failing.sh", "w") as file:
    file.write(command)
status = {
    "script -q": record("script", "-q", "-c", command, "typescript"),
    "script -qe": record("script", "-qe", "-c", command, os.devnull),
    "asciinema": record("venv/bin/asciinema", "rec", "-q", "-c", command, "x.cast"),
    "termtosvg": record("script", "-qe", "-c", "venv/bin/termtosvg x.svg -c 'sh failing.sh'", os.devnull),
}
with open("typescript", encoding="utf-8") as file:
    lines = [line[:14] for line in file.read().splitlines()]
print("status of a run that failed with 3:", status)
print("lines of the typescript begin with", lines)
unchanged = list(status.values()) == [0, 3, 0, 0] and os.path.exists("x.cast") and os.path.exists("x.svg")
unchanged &= lines == ["Script started", "{}", "Script done on"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
