#!/usr/bin/env bash
# A password that was pasted with its line break is another password, in each prompt of prompt_toolkit.
#
# Guess: A prompt for one line gives one line. A line break in a paste ends it, as in a terminal without such a prompt,
# or it is left out.
# What happens: Terminals mark a paste, and prompt_toolkit inserts what is marked whole. `prompt()`, questionary's text,
# password and path, and InquirerPy's text and secret give `yes\n` and `one\ntwo`. Nothing shows it, least of all behind
# the stars of a password. A tab stays as well. What is typed can't contain either.
# Versions: prompt_toolkit 3.0.53, questionary 2.1.1, InquirerPy 0.3.4.
# Source: run of this script; prompt_toolkit/key_binding/bindings/basic.py, `BracketedPaste`.
# In this program: Textual's Input keeps the first line, and the command line reads one line (cli/commands/accounts.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check prompt-toolkit==3.0.53 questionary==2.1.1 \
  inquirerpy==0.3.4
venv/bin/python - <<'PYTHON'
import sys
import questionary
from InquirerPy import inquirer
from prompt_toolkit import prompt
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

PASTES = ["yes", "yes\n", "one\ntwo", "a\tb"]
PROMPTS = {
    "prompt_toolkit": lambda: prompt("Password: ", is_password=True),
    "questionary, text": lambda: questionary.text("Answer:").unsafe_ask(),
    "questionary, password": lambda: questionary.password("Password:").unsafe_ask(),
    "questionary, path": lambda: questionary.path("File:").unsafe_ask(),
    "InquirerPy, text": lambda: inquirer.text("Answer:").execute(),
    "InquirerPy, secret": lambda: inquirer.secret("Password:").execute(),
}


def answer(ask, keys):
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)
        return ask()


seen = {name: [answer(ask, f"\x1b[200~{text}\x1b[201~\r") for text in PASTES] for name, ask in PROMPTS.items()}
typed = {answer(ask, "one\rtwo\r") for ask in PROMPTS.values()}
for name, found in seen.items():
    print(f"{name}: pasted {found}")
print("typed, without the marks of a paste:", typed)
unchanged = all(found == PASTES for found in seen.values()) and typed == {"one"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
