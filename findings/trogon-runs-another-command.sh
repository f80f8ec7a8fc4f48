#!/usr/bin/env bash
# trogon's form that nobody has changed runs `--tag free` where the command's own default is `--tag free --tag music`.
#
# Guess: The form of a click command shows its defaults, and runs the command as it would run without options.
# What happens: Of a default with several values it takes the first one, and adds it as an option: the second tag is
# lost, and an option that wants two values gets one, and takes the next option for the other. With click 8.3 and later,
# an argument that was left empty is the text `Sentinel.UNSET`, so an untouched form searches for that.
# Versions: trogon 0.6.0 and textual 8.2.8 with click 8.1.8 and 8.5.1; trogon asks for click 8.0 or later.
# Source: run of this script; trogon/run_command.py, which compares what is in the form with the default.
# In this program: the console builds commands from the table of methods (library/console), not from click.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for click in 8.1.8 8.5.1; do
  "${PYTHON:-python3}" -m venv "venv-$click"
  "venv-$click/bin/python" -m pip install -qq --disable-pip-version-check trogon==0.6.0 textual==8.2.8 "click==$click"
done
cat >form.py <<'SCRIPT'
import asyncio, json, click
from click.testing import CliRunner
from trogon.trogon import Trogon


@click.command()
@click.option("--tag", multiple=True, default=("free", "music"))
@click.option("--order", nargs=2, default=("title", "clicks"))
@click.option("--count", default="5")
@click.argument("query", required=False)
def search(tag, order, count, query):
    print(tag, order, count, query)


@click.command()
@click.option("--tag", multiple=True, default=("free", "music"))
@click.option("--count", default="5")
@click.argument("query", required=False)
def without_order(tag, count, query):
    print(tag, count, query)


async def read_form(command):
    app = Trogon(command, app_name="search", click_context=click.Context(command))
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.pause(1)
        return app.screen.command_data.to_cli_args()


seen = []
for command in (search, without_order):
    form = asyncio.run(read_form(command))
    alone, filled = (CliRunner().invoke(command, words) for words in ([], form))
    last = filled.output.strip().splitlines()[-1]
    seen.append([form, alone.output.strip(), last])
print(json.dumps(seen))
SCRIPT
"${PYTHON:-python3}" - <<'PYTHON'
import json, subprocess, sys

seen = {}
for click in ("8.1.8", "8.5.1"):
    command = [f"venv-{click}/bin/python", "-W", "ignore", "form.py"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seen[click] = json.loads(output.splitlines()[-1])
    for form, alone, filled in seen[click]:
        print(f"click {click}: without options {alone}; trogon's {form}: {filled}")
unset = {"8.1.8": [], "8.5.1": ["Sentinel.UNSET"]}
unchanged = True
for click, (with_order, without) in seen.items():
    unchanged &= sorted(with_order[0]) == sorted(["--tag", "free", "--order", "title", *unset[click]])
    unchanged &= with_order[1] == "('free', 'music') ('title', 'clicks') 5 None"
    unchanged &= without[1] == "('free', 'music') 5 None"
    unchanged &= without[2] == f"('free',) 5 {'Sentinel.UNSET' if unset[click] else 'None'}"

unchanged &= seen["8.1.8"][0][2] == "('free', 'music') ('title', '--tag') 5 free"
if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
