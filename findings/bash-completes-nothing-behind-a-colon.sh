#!/usr/bin/env bash
# Of the choice `http://127.0.0.1:8642`, four of five libraries complete nothing in bash, once the colon is typed.
#
# Guess: A library that completes an option's choices in bash completes all of them: behind `--source http://1` the tab
# key writes the rest of the address.
# What happens: For bash a colon ends a word, as `=` does, so it asks for completions of `//1`, and replaces that alone.
# shtab, click, typer and yargs answer with whole addresses, of which none begins like that; so nothing happens. A
# choice without a colon in front of the cursor is completed, so `https` is, and a test with it passes. argcomplete
# knows bash's way, and cuts what it answers.
# Versions: shtab 1.13.0, click 8.5.1, typer 0.29.2, argcomplete 3.7.2 with pexpect 4.9.0; yargs 18.2.0 on Node 20; bash
# 5.2.
# Source: run of this script; bash(1), COMP_WORDBREAKS, in which `:` is by default. bash-completion, which most systems
# have but not each, has `__ltrim_colon_completions` for it, which none of the four uses.
# In this program: no completion has a colon in it; behind `=`, which is the same, its own script cuts
# (cli/commands/help.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check shtab==1.13.0 click==8.5.1 typer==0.29.2 \
  argcomplete==3.7.2 pexpect==4.9.0
npm install --silent --no-audit --no-fund yargs@18.2.0 >/dev/null
mkdir bin
cat >bin/by-shtab <<PYTHON
#!$PWD/venv/bin/python
import argparse, shtab

parser = argparse.ArgumentParser("by-shtab")
shtab.add_argument_to(parser)
parser.add_argument("--source", choices=["http://127.0.0.1:8642", "https://h", "saved"])
parser.parse_args()
PYTHON
cat >bin/by-argcomplete <<PYTHON
#!$PWD/venv/bin/python
# PYTHON_ARGCOMPLETE_OK
import argparse, argcomplete

parser = argparse.ArgumentParser("by-argcomplete")
parser.add_argument("--source", choices=["http://127.0.0.1:8642", "https://h", "saved"])
argcomplete.autocomplete(parser)
parser.parse_args()
PYTHON
cat >bin/by-click <<PYTHON
#!$PWD/venv/bin/python
import click

option = click.Option(["--source"], type=click.Choice(["http://127.0.0.1:8642", "https://h", "saved"]))
click.Command("by-click", params=[option])(prog_name="by-click")
PYTHON
cat >bin/by-typer <<PYTHON
#!$PWD/venv/bin/python
import typer

app = typer.Typer()
choices = ["http://127.0.0.1:8642", "https://h", "saved"]


@app.command()
def main(source: str = typer.Option("", autocompletion=lambda: choices)): ...


app(prog_name="by-typer")
PYTHON
cat >bin/by-yargs <<SCRIPT
#!/usr/bin/env node
import('$PWD/node_modules/yargs/index.mjs').then(({default: yargs}) => {
  const choices = ['http://127.0.0.1:8642', 'https://h', 'saved'];
  return yargs(process.argv.slice(2)).scriptName('by-yargs').option('source', {choices}).completion('completion').argv;
});
SCRIPT
chmod +x bin/*
export PATH="$PWD/bin:$PWD/venv/bin:$PATH"
by-shtab --print-completion bash >by-shtab.bash
register-python-argcomplete by-argcomplete >by-argcomplete.bash
_BY_CLICK_COMPLETE=bash_source by-click >by-click.bash
_BY_TYPER_COMPLETE=source_bash by-typer >by-typer.bash
by-yargs completion >by-yargs.bash
venv/bin/python - <<'PYTHON'
import os, sys, time
import pexpect

TYPED = {"http://1": "http://127.0.0.1:8642", "https": "https://h", "sa": "saved"}
seen = {}
for name in ("shtab", "click", "typer", "yargs", "argcomplete"):
    environment = os.environ | {"PS1": "$ ", "TERM": "dumb"}
    shell = pexpect.spawn("bash", ["--norc", "--noprofile"], env=environment, encoding="utf-8", timeout=20)
    shell.sendline(f"source ./by-{name}.bash; bind 'set enable-bracketed-paste off'; echo REA''DY")
    shell.expect("READY")
    seen[name] = []
    for typed, whole in TYPED.items():
        shell.send(f"by-{name} --source {typed}\t")
        time.sleep(2)  # bash may take the next keys before the completion is written
        shell.send("\x01printf 'E''NDS'; printf '<%s>' \n")
        shell.expect(r"ENDS<[^>]*><[^>]*><([^>]*)>")
        seen[name].append(shell.match[1] == whole)
    shell.close(force=True)
    print(f"{name}:", *(f"{typed} {'completed' if done else 'not'};" for typed, done in zip(TYPED, seen[name])))
unchanged = seen.pop("argcomplete") == [True] * 3 and all(done == [False, True, True] for done in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
