#!/usr/bin/env bash
# toml-patch adds the key `"app.help"` to a TOML file as `app.help`, which is another key.
#
# Guess: What toml-patch adds to a document it writes as TOML that says the same: a key with a dot or a slash in quotes,
# a day as a day.
# What happens: No key is ever quoted. `app.help = "f1"` is valid, and means the key `help` in the table `app`, so the
# setting is never found; `https://h/v3 = …` is no TOML, and the whole file can no longer be read. `stringify` does the
# same to a whole document, and makes midnight in UTC of a day. smol-toml and js-toml quote, and keep the day. But
# smol-toml, js-toml and toml-patch write `1` for 1.0, an integer, which a reader that asks for a float refuses.
# Versions: toml-patch 0.2.3, smol-toml 1.9.1, js-toml 2.0.1 on Node 20; read by Python's tomllib.
# Source: run of this script; TOML 1.0, 'Keys': bare keys are letters, digits, `_` and `-`; 'Float' and 'Integer'.
# In this program: a setting is written into a line of its own, and the rest of the file stays as it is
# (cli/settings_file.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund toml-patch@0.2.3 smol-toml@1.9.1 js-toml@2.0.1 >/dev/null
cat >write.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import * as jsToml from 'js-toml';
import * as smolToml from 'smol-toml';
import {parse, patch, stringify} from 'toml-patch';

const text = readFileSync(0, 'utf8');
const added = (table, key, value) => {
  const document = parse(text);
  return patch(text, {...document, [table]: {...document[table], [key]: value}});
};
console.log(JSON.stringify({
  'toml-patch, a key with a dot': added('keys', 'app.help', 'f1'),
  'toml-patch, a key with slashes': added('login', 'https://h/v3', 'ada'),
  'toml-patch, stringify': stringify(parse('day = 2013-05-01\nratio = 1.0')),
  'smol-toml': smolToml.stringify(smolToml.parse(text)),
  'js-toml': jsToml.dump(jsToml.load(text)),
}));
SCRIPT
"${PYTHON:-python3}" - <<'PYTHON'
import datetime, json, subprocess, sys, tomllib

TEXT = """ratio = 1.0
day = 2013-05-01
[keys]
"app.find" = "f3"
[login]
"https://h/v2" = "ada"
"""
node = subprocess.run(["node", "write.mjs"], input=TEXT, capture_output=True, text=True, check=True).stdout
read = {}
for name, text in json.loads(node).items():
    try:
        read[name] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        read[name] = str(error)
    print(f"{name}: {read[name]}")
before = tomllib.loads(TEXT)
unchanged = read["toml-patch, a key with a dot"]["keys"] == {"app.find": "f3", "app": {"help": "f1"}}
unchanged &= "Expected '='" in read["toml-patch, a key with slashes"]
midnight = datetime.datetime(2013, 5, 1, tzinfo=datetime.UTC)
unchanged &= read["toml-patch, stringify"] == {"day": midnight, "ratio": 1}
for name in ("smol-toml", "js-toml"):
    unchanged &= read[name] == before and isinstance(read[name]["ratio"], int)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
