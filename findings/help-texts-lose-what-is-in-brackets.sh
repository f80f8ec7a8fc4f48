#!/usr/bin/env bash
# A help text such as `a query, for example [audio]` ends before the bracket, in typer and rich-argparse.
#
# Guess: A help text is shown as it was written. Who wants colours in it says so, as `rich_markup_mode` of typer and
# rich-click can.
# What happens: Where Rich is installed, typer takes each help text and docstring for Rich's markup, and `[audio]` for a
# style that it doesn't know: it disappears, without a word. rich-argparse does the same with a description and with the
# text of an option. So the range `[a-z]` is gone from a help text, and a list of optional words. A number, as in `[1]`,
# stays, so a test with a footnote passes. rich-click and cyclopts show all of it.
# Versions: typer 0.29.2, rich-argparse 1.8.0, rich-click 1.9.9, cyclopts 5.5.2, with rich 15.0.0.
# Source: run of this script; typer's documentation has `rich_markup_mode=None`, and rich-argparse's `text_markup =
# False` and `help_markup = False`, as the ways out.
# In this program: help texts are printed by click, without markup.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check typer==0.29.2 rich-argparse==1.8.0 rich-click==1.9.9 \
  cyclopts==5.5.2 rich==15.0.0
cat >program.py <<'PYTHON'
import sys

TEXT, OPTION = "Finds things, for example [audio].", "letters, such as [a-z]; see [1]"
library, sys.argv = sys.argv[1], ["program", "--help"]
if library.startswith("typer"):
    import typer

    app = typer.Typer(rich_markup_mode=None) if library == "typer, without markup" else typer.Typer()

    @app.command(help=TEXT)
    def main(letters: str = typer.Option("", help=OPTION)): ...

    app()
elif library == "rich-argparse":
    import argparse
    from rich_argparse import RichHelpFormatter

    parser = argparse.ArgumentParser(description=TEXT, formatter_class=RichHelpFormatter)
    parser.add_argument("--letters", help=OPTION)
    parser.parse_args()
elif library == "rich-click":
    import rich_click

    @rich_click.command(help=TEXT)
    @rich_click.option("--letters", help=OPTION)
    def main(letters): ...

    main()
else:
    import cyclopts
    from typing import Annotated

    app = cyclopts.App(help=TEXT)

    @app.default
    def main(letters: Annotated[str, cyclopts.Parameter(help=OPTION)] = ""): ...

    app()
PYTHON
venv/bin/python - <<'PYTHON'
import os, subprocess, sys

WORDS = ["[audio]", "[a-z]", "[1]"]
seen = {}
for library in ("typer", "typer, without markup", "rich-argparse", "rich-click", "cyclopts"):
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1"}
    command = [sys.executable, "program.py", library]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    seen[library] = [word for word in WORDS if word in shown]
    print(f"{library}:", *seen[library])
unchanged = all(seen[library] == ["[1]"] for library in ("typer", "rich-argparse"))
unchanged &= all(seen[library] == WORDS for library in ("typer, without markup", "rich-click", "cyclopts"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
