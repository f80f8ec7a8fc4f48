#!/usr/bin/env bash
# texttable shows the id 12345678901234567890 as `1.235e+19`, and agate the amount `1,5` as 15.
#
# Guess: A library that draws tables shows a text as it is: ids, amounts and titles.
# What happens: texttable, beautifultable, agate and tabulate make numbers of what looks like one. `007` is 7 for three,
# `10.50` is 10.500 for texttable and 10.5 for the others, `1e5` is 100000 for all, `1_000` is 1000 for three, and a
# long id is rounded by texttable and cut by agate. agate drops the decimal comma, too. Such an id can't be looked up.
# prettytable, terminaltables, columnar and Rich show a text as it is.
# Versions: texttable 1.7.0, beautifultable 1.1.0, agate 1.14.2, tabulate 0.10.0; prettytable 3.17.0,
# terminaltables 3.1.10, columnar 1.4.1, rich 15.0.0.
# Source: run of this script; what they document as data type `a`, `detect_numerics`, TypeTester, `disable_numparse`.
# In this program: cells are texts, and a number gets its form where it is shown (ui/format.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check texttable==1.7.0 beautifultable==1.1.0 agate==1.14.2 \
  tabulate==0.10.0 prettytable==3.17.0 terminaltables==3.1.10 columnar==1.4.1 rich==15.0.0 'setuptools<80'
COLUMNS=80 venv/bin/python -W ignore - <<'PYTHON'
import io, sys
import agate, beautifultable, columnar, prettytable, tabulate, terminaltables, texttable
from rich.console import Console
from rich.table import Table

CELLS = ["007", "10.50", "1e5", "1_000", "12345678901234567890", "1,5"]


def by_texttable(cell):
    table = texttable.Texttable()
    table.add_row([cell])
    return table.draw()


def by_beautifultable(cell):
    table = beautifultable.BeautifulTable()
    table.rows.append([cell])
    return str(table)


def by_agate(cell):
    output = io.StringIO()
    agate.Table([[cell]], ["title"]).print_table(output=output)
    return output.getvalue().replace("title", "")


def by_prettytable(cell):
    table = prettytable.PrettyTable(header=False)
    table.add_row([cell])
    return table.get_string()


def by_rich(cell):
    output = io.StringIO()
    table = Table(show_header=False)
    table.add_row(cell)
    Console(file=output).print(table)
    return output.getvalue()


LIBRARIES = {
    "texttable": by_texttable,
    "beautifultable": by_beautifultable,
    "agate": by_agate,
    "tabulate": lambda cell: tabulate.tabulate([[cell]]),
    "prettytable": by_prettytable,
    "terminaltables": lambda cell: terminaltables.AsciiTable([[cell]]).table,
    "columnar": lambda cell: columnar.columnar([[cell]]),
    "Rich": by_rich,
}


def shown(draw, cell):
    words = [line.strip(" |│┃") for line in draw(cell).splitlines()]
    return next(word for word in words if any(letter.isdigit() for letter in word))


seen = {name: [shown(draw, cell) for cell in CELLS] for name, draw in LIBRARIES.items()}
for name, found in seen.items():
    print(f"{name}: {found}")
unchanged = all(seen[name] == CELLS for name in list(LIBRARIES)[4:])
unchanged &= seen["texttable"] == ["7", "10.500", "100000", "1000", "1.235e+19", "1,5"]
unchanged &= seen["beautifultable"] == ["7", "10.5", "100000.0", "1000", "12345678901234567890", "1,5"]
unchanged &= seen["agate"] == ["7", "10.5", "100,000", "1,000", "12,345,678,901,23...", "15"]
unchanged &= seen["tabulate"] == ["007", "10.5", "100000", "1_000", "12345678901234567890", "1,5"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
