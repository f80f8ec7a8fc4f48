#!/usr/bin/env bash
# Who types 0.95 into InquirerPy's prompt for a number has entered 0.095.
#
# Guess: A prompt that allows decimals gives back what is typed: 0.95 for `0.95`, 10.05 for `10.05`.
# What happens: The prompt begins as `0.0`. The zero in front is replaced by what is typed, but the one behind the point
# stays: it's 0.095, 1.095 and 10.005. A decimal comma is dropped, and `1,5` is 15. With `default=None` or
# `replace_mode=True` all is as typed.
# Versions: InquirerPy 0.3.4, prompt_toolkit 3.0.53.
# Source: run of this script; InquirerPy/prompts/number.py, which has one buffer in front of the point and one behind.
# In this program: amounts aren't typed; the number fields of the console hold text until it is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check inquirerpy==0.3.4 prompt-toolkit==3.0.53
venv/bin/python - <<'PYTHON'
import sys
from InquirerPy import inquirer
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

TYPED = ["0.95", "1.95", "10.05", "2.50", "12"]


def ask(text, **options):
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(f"{text}\r")
        return float(inquirer.number("Amount:", float_allowed=True, **options).execute())


seen = {
    "as it is": [ask(text) for text in [*TYPED, "1,5"]],
    "default=None": [ask(text, default=None) for text in TYPED],
    "replace_mode=True": [ask(text, replace_mode=True) for text in TYPED],
}
for name, found in seen.items():
    print(f"{name}: {dict(zip([*TYPED, '1,5'], found))}")
right = [0.95, 1.95, 10.05, 2.5, 12]
unchanged = list(seen.values()) == [[0.095, 1.095, 10.005, 2.05, 12, 15], right, right]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
