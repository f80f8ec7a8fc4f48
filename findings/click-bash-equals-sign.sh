#!/usr/bin/env bash
# click completes nothing behind `--source=`, in bash, once a letter is typed.
#
# Guess: click's script for bash completes `--source=sa` to `--source=sandbox`, as its scripts for zsh and fish do.
# Or it does so for no option that is written with an equals sign.
# What happens: bash cuts words at the characters of COMP_WORDBREAKS, among them `=` and `:`, so click is handed the
# three words `--source`, `=` and `sa`. It knows the case that `=` is the last of them and lists all choices, but with
# a letter behind it offers nothing. An address such as `http:` is cut in the same way.
# Versions: click 8.5.1 (the bash on PATH is used).
# Source: run of this script; bash(1), COMP_WORDBREAKS.
# In this program: cli/commands/help.py has scripts of its own, which read the line instead of the words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check click==8.5.1
python=venv/bin/python
"$python" - <<'PYTHON'
import os, subprocess, sys

PROGRAM = """
import click

@click.command()
@click.option("--source", type=click.Choice(["sandbox", "saved", "live"]))
def app(source):
    pass

app(prog_name="app")
"""
with open("app.py", "w") as file:
    file.write(PROGRAM)
python = os.path.abspath("venv/bin/python")
with open("app", "w") as file:
    file.write(f'#!/bin/sh\nexec {python} "{os.path.abspath("app.py")}" "$@"\n')
os.chmod("app", 0o755)
environment = {**os.environ, "PATH": os.getcwd() + os.pathsep + os.environ["PATH"]}


def complete(*words):
    """Call the function as bash does, with the line cut into words."""
    script = 'eval "$(_APP_COMPLETE=bash_source app)"; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
    script += 'COMPREPLY=(); _app_completion app; echo "${COMPREPLY[*]}"'
    done = subprocess.run(["bash", "-c", script, "bash", *words], env=environment, capture_output=True, text=True)
    return done.stdout.split()


print(subprocess.run(["bash", "--version"], capture_output=True, text=True).stdout.splitlines()[0])
blank, none, letters = complete("app", "--source", "sa"), complete("app", "--source", "="), complete("app", "--source", "=", "sa")
print("--source sa:", blank, "| --source=:", none, "| --source=sa:", letters)
unchanged = blank == ["sandbox", "saved"] and none == ["sandbox", "saved", "live"] and letters == []

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
