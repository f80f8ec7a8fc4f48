#!/usr/bin/env bash
# questionary answers "Nobody" if the choice of that title has the value None, and checks "No" along with 0.
#
# Guess: `Choice("Nobody", value=None)` answers None, as 0, "" and False answer themselves, and as it is in InquirerPy.
# What happens: None means that there is no value, so the answer is the title: `if answer is None` is never true, and a
# user called Nobody is looked up. In a checkbox a value is checked, not an entry: 0 and False are checked together.
# Versions: questionary 2.1.1, InquirerPy 0.3.4, prompt_toolkit 3.0.53.
# Source: run of this script; questionary/prompts/common.py: if the value is None or unset, then the title is used.
# In this program: the values of choices are texts (ui/widgets/inputs.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check questionary==2.1.1 inquirerpy==0.3.4 \
  prompt-toolkit==3.0.53
venv/bin/python - <<'PYTHON'
import sys
import questionary
from InquirerPy import inquirer
from InquirerPy.base.control import Choice
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

DOWN = "\x1b[B"
VALUES = {"Nobody": None, "Zero": 0, "Empty": "", "No": False}
first = [questionary.Choice(title, value=value) for title, value in VALUES.items()]
second = [Choice(value, name=title) for title, value in VALUES.items()]


def ask(make, keys):
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)
        prompt = make()
        return prompt.unsafe_ask() if hasattr(prompt, "unsafe_ask") else prompt.execute()


seen = {
    "questionary": [ask(lambda: questionary.select("Who?", first), DOWN * number + "\r") for number in range(4)],
    "InquirerPy": [
        ask(lambda: inquirer.select("Who?", second, default=None), DOWN * number + "\r") for number in range(4)
    ],
}
checked = ask(lambda: questionary.checkbox("Who?", first), f"{DOWN} \r")
also = ask(lambda: inquirer.checkbox("Who?", second), f"{DOWN} \r")
for name, found in seen.items():
    print(f"{name}: {dict(zip(VALUES, found))}")
print("Zero checked: questionary", checked, "InquirerPy", also)


def equal(one, other):
    return [repr(value) for value in one] == [repr(value) for value in other]


unchanged = equal(seen["questionary"], ["Nobody", 0, "", False]) and equal(seen["InquirerPy"], VALUES.values())
unchanged &= equal(checked, [0, False]) and equal(also, [0])

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
