#!/usr/bin/env bash
# stockholm's 1 EUR equals 1, and 1 equals 1 SEK; no two of them are found in a set for each other.
#
# Guess: Amounts of two currencies differ, and one without a currency is another still, or equal to none. What is equal
# has the same hash, as Python demands.
# What happens: Money('1 EUR') equals Money(1), the number 1 and the text '1', and so does Money('1 SEK'), which does
# not equal Money('1 EUR'). 0 EUR equals 0 SEK. Each has its own hash, so a set holds all of them, and a dict by
# Money(1) finds nothing that was stored under 1 EUR. `in` a list says yes, `in` a set no.
# Versions: stockholm 0.5.7.
# Source: run of this script; stockholm/money.py, `__eq__` and `__hash__`; Python's data model: objects that compare
# equal must have the same hash.
# In this program: sums have a currency by their place, never by their value: reports are in euros (model/revenue.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check stockholm==0.5.7
venv/bin/python - <<'PYTHON'
import sys
from stockholm import Money

euro, plain, krona = Money("1 EUR"), Money(1), Money("1 SEK")
equal = [euro == plain, euro == 1, euro == "1", plain == krona, euro == krona, Money("0 EUR") == Money("0 SEK")]
found = [plain in [euro], plain in {euro}, {euro: "paid"}.get(plain), len({euro, plain, krona})]
print("1 EUR == 1, == number, == text; 1 == 1 SEK; 1 EUR == 1 SEK; 0 EUR == 0 SEK:", *equal)
print("1 in a list with 1 EUR, in a set, in a dict; size of the set of all three:", *found)
unchanged = equal == [True, True, True, True, False, True] and found == [True, False, None, 3]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
