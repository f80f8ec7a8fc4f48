#!/usr/bin/env bash
# A link in a cell pushes the columns out of line in seven of ten libraries that draw tables.
#
# Guess: Who draws tables for terminals leaves out what isn't visible when it measures a cell, links (OSC 8) as well as
# colours: `ls --hyperlink`, Rich and npm's terminal-link write them.
# What happens: prettytable, table and cliui measure right. cli-table3 and columnify count the address of each link that
# ends in `ESC \`, as Rich's links do. Of one that ends in BEL, as those of terminal-link and ls do, they count it only
# if there is a comma in it: a test with a simple address passes. tabulate is the other way round: BEL is wrong,
# `ESC \` right. console-table-printer, texttable, terminaltables and beautifultable know neither; beautifultable raises
# a ValueError for a BEL.
# Versions: cli-table3 0.6.5, table 6.10.1, columnify 1.6.0, cliui 9.0.1 and console-table-printer 2.16.1 on Node 20;
# prettytable 3.18.0, tabulate 0.10.0, texttable 1.7.2, terminaltables 3.1.10, beautifultable 1.1.0.
# Source: run of this script; ansi-regex 5, which cli-table3 and columnify use, ends such a sequence at BEL alone, and
# knows no commas in it.
# In this program: no link is written to a table.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check prettytable==3.18.0 tabulate==0.10.0 texttable==1.7.2 \
  terminaltables==3.1.10 beautifultable==1.1.0
npm install --silent --no-audit --no-fund cli-table3@0.6.5 table@6.10.1 columnify@1.6.0 cliui@9.0.1 \
  console-table-printer@2.16.1 >/dev/null
cat >draw.cjs <<'SCRIPT'
const input = JSON.parse(process.argv[2]);
import('cliui').then(({default: cliui}) => {
  const draw = {
    'cli-table3': rows => {
      const table = new (require('cli-table3'))({style: {head: [], border: []}});
      table.push(...rows);
      return table.toString();
    },
    'table': rows => require('table').table(rows),
    'columnify': rows => require('columnify')(rows.map(([name, count]) => ({name, count}))),
    'cliui': rows => {
      const ui = cliui({width: 60});
      for (const [name, count] of rows) ui.div({text: name, width: 20}, {text: count});
      return ui.toString();
    },
    'console-table-printer': rows => {
      const table = new (require('console-table-printer').Table)();
      for (const [name, count] of rows) table.addRow({name, count});
      return table.render();
    },
  };
  const drawn = Object.entries(draw).map(([name, one]) => [name, input.map(one)]);
  console.log(JSON.stringify(Object.fromEntries(drawn)));
});
SCRIPT
venv/bin/python - <<'PYTHON'
import json, re, subprocess, sys
from beautifultable import BeautifulTable
from prettytable import PrettyTable
from tabulate import tabulate
from terminaltables import AsciiTable
from texttable import Texttable

ESC = "\x1b"
KINDS = {
    "BEL": ("\x07", "https://h/1"),
    "BEL, with a comma": ("\x07", "https://h/?tags=a,b"),
    "ESC \\": ("\x1b\\", "https://h/1"),
}


def pretty(rows):
    table = PrettyTable(["name", "count"])
    table.add_rows(rows)
    return str(table)


def text(rows):
    table = Texttable()
    table.add_rows([["name", "count"], *rows])
    return table.draw()


def beautiful(rows):
    table = BeautifulTable()
    for row in rows:
        table.rows.append(row)
    return str(table)


def visible(drawn):
    return re.sub(r"\x1b\]8;[^\x07\x1b]*(\x07|\x1b\\)|\x1b\[[0-9;]*m", "", drawn)


def try_to(draw, rows):
    try:
        return draw(rows)
    except ValueError:
        return "ValueError"


tables = [[["Ada", "5"], ["Bob", "10"]]]
for end, address in KINDS.values():
    tables.append([[f"{ESC}]8;;{address}{end}{name}{ESC}]8;;{end}", count] for name, count in tables[0]])
by_node = subprocess.run(["node", "draw.cjs", json.dumps(tables)], capture_output=True, text=True, check=True).stdout
libraries = {
    "prettytable": pretty,
    "tabulate": lambda rows: tabulate(rows, headers=["name", "count"]),
    "texttable": text,
    "terminaltables": lambda rows: AsciiTable(rows).table,
    "beautifultable": beautiful,
}
drawn = json.loads(by_node) | {name: [try_to(draw, rows) for rows in tables] for name, draw in libraries.items()}
seen = {}
print("In line with a link that ends in", "; ".join(KINDS))
for name, (plain, *linked) in drawn.items():
    seen[name] = [visible(one) == visible(plain) for one in linked]
    print(f"  {name}:", *seen[name])
wrong = ["console-table-printer", "texttable", "terminaltables", "beautifultable"]
unchanged = all(seen[name] == [True] * 3 for name in ("prettytable", "table", "cliui"))
unchanged &= all(seen[name] == [True, False, False] for name in ("cli-table3", "columnify"))
unchanged &= seen["tabulate"] == [False, False, True] and all(seen[name] == [False] * 3 for name in wrong)
unchanged &= drawn["beautifultable"][1] == "ValueError"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
