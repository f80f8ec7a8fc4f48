#!/usr/bin/env bash
# click's CliRunner shows a test `\n` where the program wrote `\r\n`, so a test can't see what is in the file.
#
# Guess: `result.output` is what the program wrote, decoded. A test of a CSV or an HTTP message sees its line ends.
# What happens: Each `\r\n` becomes `\n`, in `output` and `stdout`, also what was written as bytes. A program
# that writes CSV with line feeds passes the test for RFC 4180, and one that writes `\r\n` where it shouldn't passes too.
# `stdout_bytes` has all. pytest's capsys and capfd keep it. typer's runner is the same as click's.
# Versions: click 8.5.1, typer 0.29.2, pytest 9.2.0.
# Source: run of this script; click/testing.py, `Result.stdout`.
# In this program: exported CSV has `\r\n`, as RFC 4180 wants it (library/import_export/exporter.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check click==8.5.1 typer==0.29.2 pytest==9.2.0
cat >test_lines.py <<'SCRIPT'
import sys


def test_capsys(capsys):
    sys.stdout.write("a,b\r\n")
    assert capsys.readouterr().out == "a,b\r\n"


def test_capfd(capfd):
    sys.stdout.write("a,b\r\n")
    assert capfd.readouterr().out == "a,b\r\n"
SCRIPT
venv/bin/python -m pytest -q test_lines.py >/dev/null
venv/bin/python - <<'PYTHON'
import subprocess, sys
import click, typer
from click.testing import CliRunner
from typer.testing import CliRunner as TyperRunner

app = typer.Typer()


@click.command()
@click.argument("ending")
def by_click(ending):
    click.echo(f"a,b{ending}".encode(), nl=False)


@app.command()
def by_typer(ending: str) -> None:
    sys.stdout.write(f"a,b{ending}")


seen = {}
for ending in ("\r\n", "\n"):
    results = CliRunner().invoke(by_click, [ending]), TyperRunner().invoke(app, [ending])
    seen[ending] = [(result.output, result.stdout_bytes) for result in results]
    print(f"written {'a,b' + ending!r}: click, typer: output and bytes {seen[ending]}")
unchanged = seen["\r\n"] == [("a,b\n", b"a,b\r\n")] * 2 and seen["\n"] == [("a,b\n", b"a,b\n")] * 2

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
