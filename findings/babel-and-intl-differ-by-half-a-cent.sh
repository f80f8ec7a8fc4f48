#!/usr/bin/env bash
# Babel writes €0.12 for the amount of which JavaScript's Intl makes €0.13, though both take their formats from CLDR.
#
# Guess: A server's page by Babel and a browser's script by Intl show the same euros for the same decimal number.
# What happens: Half a cent goes to the even side in Babel, as in Python's own formats, and away from zero in Intl. So
# 0.125 is €0.12 here and €0.13 there, and 0.005 is nothing or a cent; 0.135 is alike. Money that is split in halves,
# as micropayments are, has many such sums. With a number in place of a text, `toFixed` and d3-format make 1.00 of
# 1.005, which Intl writes as 1.01: it reads the shortest decimal, they read the binary number.
# Versions: Babel 2.19.0, py-moneyed 3.0; d3-format 3.1.0 and Intl of Node 20.
# Source: run of this script; ECMA-402, `roundingMode`, is "halfExpand"; babel/numbers.py, `_quantize_value`,
# follows the decimal context, so `decimal.localcontext(rounding=decimal.ROUND_HALF_UP)` is the way out.
# In this program: revenue is in whole cents, and an amount with half a cent is refused (model/revenue_csv_cells.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check babel==2.19.0 py-moneyed==3.0
npm install --silent --no-audit --no-fund d3-format@3.1.0 >/dev/null
cat >write.mjs <<'SCRIPT'
import {format} from 'd3-format';

const euros = new Intl.NumberFormat('en', {style: 'currency', currency: 'EUR'});
const amounts = process.argv.slice(2);
console.log(JSON.stringify({
  'Intl': amounts.map(text => euros.format(text)),
  'Intl, of a number': amounts.map(text => euros.format(Number(text))),
  'toFixed': amounts.map(text => Number(text).toFixed(2)),
  'd3-format': amounts.map(text => format('.2f')(Number(text)).replace('−', '-')),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import decimal, json, subprocess, sys
from decimal import Decimal
from babel.numbers import format_currency
from moneyed import Money
from moneyed.l10n import format_money

AMOUNTS = ["0.125", "-0.125", "0.005", "0.135", "1.005"]
EVEN = ["0.12", "-0.12", "0.00", "0.14", "1.00"]
AWAY = ["0.13", "-0.13", "0.01", "0.14", "1.01"]
BINARY = ["0.13", "-0.13", "0.01", "0.14", "1.00"]


def by_babel():
    return [format_currency(Decimal(text), "EUR", locale="en") for text in AMOUNTS]


written = {
    "Babel": by_babel(),
    "py-moneyed": [format_money(Money(text, "EUR"), locale="en") for text in AMOUNTS],
    "Python": [f"{Decimal(text):.2f}" for text in AMOUNTS],
}
with decimal.localcontext(rounding=decimal.ROUND_HALF_UP):
    written["Babel, ROUND_HALF_UP"] = by_babel()
command = ["node", "write.mjs", *AMOUNTS]
written |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
seen = {name: [text.replace("€", "") for text in texts] for name, texts in written.items()}
print("amounts:", *AMOUNTS)
for name, texts in written.items():
    print(f"{name}:", *texts)
unchanged = all(seen[name] == EVEN for name in ("Babel", "py-moneyed", "Python"))
unchanged &= all(seen[name] == AWAY for name in ("Babel, ROUND_HALF_UP", "Intl", "Intl, of a number"))
unchanged &= all(seen[name] == BINARY for name in ("toFixed", "d3-format"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
