#!/usr/bin/env bash
# pandas writes decimal commas and decimal points into one CSV, though `decimal=','` was asked for.
#
# Guess: `to_csv(sep=';', decimal=',')` writes all numbers with a comma, which R and spreadsheets of that country read.
# What happens: It holds for columns of floats, also with a format as text. With a function as `float_format`, for
# Decimal (as which databases give amounts) and for floats in a column that also has texts, the point stays. Read again
# with `decimal=','`, such a column is text; with `thousands='.'` beside it, 1.50 is 150.
# Versions: pandas 3.1.1.
# Source: run of this script; https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_csv.html, `decimal`.
# In this program: `earnings --format csv` writes a decimal point, and reports are read by our own code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pandas==3.1.1
python=venv/bin/python
"$python" - <<'PYTHON'
import decimal, io, sys
import pandas


def write(values, **options):
    return pandas.DataFrame({"revenue": values}).to_csv(sep=";", decimal=",", index=False, **options).split()[1]


seen = {
    "float": write([1.5]),
    "float, '%.2f'": write([1.5], float_format="%.2f"),
    "float, a function": write([1.5], float_format=lambda value: f"{value:.2f}"),
    "Decimal": write([decimal.Decimal("1.50")]),
    "float beside a text": write([1.5, "n/a"]),
}
for name, cell in seen.items():
    print(f"{name}: {cell}")
again = pandas.read_csv(io.StringIO("revenue\n1.50\n"), sep=";", decimal=",", thousands=".")["revenue"].tolist()
print("1.50, read with decimal=',' and thousands='.':", again)
unchanged = list(seen.values()) == ["1,5", "1,50", "1.50", "1.50", "1.5"] and again == [150]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
