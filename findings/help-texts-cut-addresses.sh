#!/usr/bin/env bash
# typer's help cuts an address with `…`, and argparse and click break it at a hyphen, where a terminal's link then ends.
#
# Guess: Text is broken at blanks. An address that fits on a line of its own stays whole, and terminals make a link of
# it.
# What happens: argparse and click use Python's textwrap, which breaks words at hyphens, addresses too, so the line ends
# with `…/slow-privacy-and-`, which is another page. typer's table of options cuts a word that is wider than its column,
# and the rest is nowhere, though the same text alone in Rich is whole. In a wider terminal all three show all of it.
# Versions: argparse of CPython 3.11 and 3.13, click 8.5.1, typer 0.29.2, rich 15.0.0.
# Source: run of this script; Python's documentation of textwrap, `break_on_hyphens`, which is true.
# In this program: addresses in its help stand in examples, which click doesn't wrap (cli/commands/import_.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check click==8.5.1 typer==0.29.2 rich==15.0.0
venv/bin/python - <<'PYTHON'
import argparse, io, os, sys
import click, typer
from click.testing import CliRunner
from rich.console import Console
from typer.testing import CliRunner as TyperRunner

os.environ |= {"COLUMNS": "80", "NO_COLOR": "1", "TERMINAL_WIDTH": "80"}
ADDRESS = "https://blog.example/slow-privacy-and-free-music"
HELP = f"For its answers see {ADDRESS} at any time."


@click.command()
@click.option("--source", help=HELP)
def by_click(source):
    pass


app = typer.Typer()


@app.command()
def by_typer(source: str = typer.Option("", help=HELP, show_default=False)) -> None:
    pass


parser = argparse.ArgumentParser()
parser.add_argument("--source", help=HELP)
output = io.StringIO()
Console(file=output, width=60).print(HELP)
texts = {
    "argparse": parser.format_help(),
    "click": CliRunner().invoke(by_click, ["--help"], terminal_width=80).output,
    "typer": TyperRunner().invoke(app, ["--help"], terminal_width=80).output,
    "Rich": output.getvalue(),
}
seen = {
    name: next(word for word in text.replace("│", " ").split() if word.startswith("https:"))
    for name, text in texts.items()
}
for name, word in seen.items():
    print(f"{name}: {word}")
unchanged = seen["Rich"] == ADDRESS and all(
    seen[name].endswith("-") and ADDRESS.startswith(seen[name]) for name in ("argparse", "click")
)
unchanged &= seen["typer"].endswith("…") and ADDRESS.startswith(seen["typer"].removesuffix("…"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
