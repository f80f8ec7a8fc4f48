#!/usr/bin/env bash
# price-parser reads 0,005 € as five euros.
#
# Guess: `1,234 €` may be either, but a number that begins with a zero has no thousands, so `0,005 €` is half a cent.
# What happens: three digits behind a sign are always thousands: `0,005` and `0.005` are 5, `0,050` is 50. With two or
# four digits it is right, so of the revenue per click of three months, 0,04 and 0,005 and 0,0049, the one in the middle
# is a thousand times too large. `decimal_separator=","` is the way out.
# Versions: price-parser 0.5.1.
# Source: run of this script; price_parser/parser.py, `get_decimal_separator`; scrapinghub/price-parser, issue 46, on 3.350.
# The README has the argument, and no zero in front.
# In this program: 0,005 is refused, since it is not in whole cents (model/revenue_csv_cells.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check price-parser==0.5.1
venv/bin/python - <<'PYTHON'
import sys
from price_parser import Price

seen = {text: str(Price.fromstring(text).amount) for text in ("0,04 €", "0,005 €", "0,0049 €", "0.005", "0,050 €")}
print(seen)
told = Price.fromstring("0,005 €", decimal_separator=",").amount
if list(seen.values()) != ["0.04", "5", "0.0049", "5", "50"] or str(told) != "0.005":
    sys.exit("This has changed.")
print("As described.")
PYTHON
