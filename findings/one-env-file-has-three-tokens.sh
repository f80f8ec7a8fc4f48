#!/usr/bin/env bash
# Of `TOKEN=abc#def` in a .env file, Node reads the token `abc`, and Python `abc#def`.
#
# Guess: A .env file is made for several programs, and they read the same from it. A `#` begins a comment where a blank
# is in front of it, as in a shell.
# What happens: dotenv for Node, and Node itself with `--env-file`, end a value without quotes at each `#`, so the token
# is cut and the server refuses it. python-dotenv, which pydantic-settings and environs use, needs a blank. It also puts
# in the values of `${NAME}`, and undoes `\"` within double quotes, which dotenv leaves and Node ends the value at.
# dotenv and Node take backticks for quotes, python-dotenv for letters. In single quotes, without these signs, a value
# is the same to all.
# Versions: dotenv 18.0.10 and util.parseEnv of Node 20; python-dotenv 1.2.4; bash for comparison.
# Source: run of this script; dotenv's README: a value with a # must be in quotes; python-dotenv's README.
# In this program: settings come from the environment itself or a TOML file; no .env is read (settings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check python-dotenv==1.2.4
npm install --silent --no-audit --no-fund dotenv@18.0.10 >/dev/null
cat >tokens.env <<'ENV'
PLAIN=abc#def
COMMENT=abc # a comment
QUOTED='abc#def'
ESCAPED="abc\"def"
NAMED=${QUOTED}x
BACKTICKS=`abc`
ENV
cat >read.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import {parseEnv} from 'node:util';
import dotenv from 'dotenv';

const text = readFileSync('tokens.env', 'utf8');
console.log(JSON.stringify({dotenv: dotenv.parse(text), Node: parseEnv(text)}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import dotenv

command = ["node", "--no-warnings", "read.mjs"]
seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
seen["python-dotenv"] = dict(dotenv.dotenv_values("tokens.env"))
for name, values in seen.items():
    print(f"{name}:", *(f"{key} {value}" for key, value in values.items()), sep=" | ")
in_bash = "source <(head -n 3 tokens.env); echo $PLAIN $COMMENT $QUOTED"
in_bash = subprocess.run(["bash", "-c", in_bash], capture_output=True, text=True, check=True).stdout.split()
unchanged = in_bash == ["abc#def", "abc", "abc#def"]
unchanged &= all((values["COMMENT"], values["QUOTED"]) == ("abc", "abc#def") for values in seen.values())
rest = ["PLAIN", "ESCAPED", "NAMED", "BACKTICKS"]
unchanged &= [seen["dotenv"][key] for key in rest] == ["abc", 'abc\\"def', "${QUOTED}x", "abc"]
unchanged &= [seen["Node"][key] for key in rest] == ["abc", "abc\\", "${QUOTED}x", "abc"]
unchanged &= [seen["python-dotenv"][key] for key in rest] == ["abc#def", 'abc"def', "abc#defx", "`abc`"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
