#!/usr/bin/env bash
# http-prompt writes `it's` to a session file so that it can't read it again, and reads `a\b` as `ab`.
#
# Guess: `env > session` saves what has been set, and `exec` of that file sets it again: so the manual says. Values are
# quoted as for a shell, and read like that.
# What happens: A value with an apostrophe is written in the way of a shell, `'t=it'"'"'s'`, which http-prompt's own
# grammar doesn't know: a syntax error is printed, the line is left out, and the request is sent without it. A backslash
# is written as it is, within quotes, and when the line is read it's gone. Blanks, `%`, `"`, `=`, `;`, `#`, JSON and an
# empty value come back.
# Versions: http-prompt 2.1.0 with httpie 3.2.4.
# Source: run of this script; http_prompt/context/transform.py quotes by shlex; http-prompt's guide, 'Environments': env
# prints the session, and exec reads it.
# In this program: its console keeps commands in a history file, a line each, as typed (library/console/).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check http-prompt==2.1.0 httpie==3.2.4
HOME=$folder venv/bin/python -W ignore - <<'PYTHON'
import sys
from http_prompt.context import Context
from http_prompt.context.transform import format_to_http_prompt
from http_prompt.execution import execute

TEXTS = ["it's", r"a\b", "a b", "100%", 'a "b"', "a=b", "a;b", "#1", '{"a": 1}', ""]
seen = {}
for text in TEXTS:
    before, after = Context("http://h.example"), Context("http://h.example")
    before.body_params["t"] = text
    for line in format_to_http_prompt(before).splitlines():
        if not line.startswith("cd "):
            execute(line, after)
    seen[text] = after.body_params.get("t")
    print(f"{text}: {seen[text]}")
other = {text: again for text, again in seen.items() if again != text}

if other != {"it's": None, r"a\b": "ab"}:
    sys.exit("This has changed.")
print("As described.")
PYTHON
