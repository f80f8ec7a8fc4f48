#!/usr/bin/env bash
# numeral writes a loss of 0.4 cents as `0$.00`, and numbro as `-$.00`.
#
# Guess: An amount that rounds to nothing shows as nothing, `$0.00`: reports of flattrs and ads are full of fractions of
# a cent, and fees are negative.
# What happens: Between -0.005 and 0 numeral's `$0,0.00` gives `0$.00`, with the sign of the currency inside the number,
# and numbro's formatCurrency `-$.00`, without the 0. Both put the currency in by the place of a minus that rounding has
# taken away. Babel, py-moneyed, Intl, accounting and Dinero.js keep the minus: `-$0.00`, so that a row of a table says
# that nothing was lost. d3-format and currency.js give `$0.00`. Positive amounts, and -0.006, are fine in all.
# Versions: numeral 2.0.6, numbro 2.5.0, accounting 0.4.1, dinero.js 1.9.1, d3-format 3.1.3, currency.js 2.0.4 on Node
# 20; babel 2.19.0, py-moneyed 3.0.
# Source: run of this script; numeral's currency format looks for a `-` in what it has formatted if the value is
# negative.
# In this program: amounts are whole cents, and nothing is rounded (model/revenue.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check babel==2.19.0 py-moneyed==3.0
npm install --silent --no-audit --no-fund numeral@2.0.6 numbro@2.5.0 accounting@0.4.1 dinero.js@1.9.1 d3-format@3.1.3 \
  currency.js@2.0.4 >/dev/null
cat >show.mjs <<'SCRIPT'
import accounting from 'accounting';
import currency from 'currency.js';
import {format} from 'd3-format';
import Dinero from 'dinero.js';
import numbro from 'numbro';
import numeral from 'numeral';

const writers = {
  'numeral': amount => numeral(amount).format('$0,0.00'),
  'numbro': amount => numbro(amount).formatCurrency({mantissa: 2}),
  'Intl': amount => new Intl.NumberFormat('en', {style: 'currency', currency: 'USD'}).format(amount),
  'accounting': amount => accounting.formatMoney(amount),
  'Dinero.js': amount => Dinero({amount: Math.round(amount * 1000), precision: 3}).toFormat('$0.00'),
  'd3-format': amount => format('$,.2f')(amount),
  'currency.js': amount => currency(amount).format(),
};
const amounts = process.argv.slice(2).map(Number);
const seen = Object.entries(writers).map(([name, write]) => [name, amounts.map(write)]);
console.log(JSON.stringify(Object.fromEntries(seen)));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from babel.numbers import format_currency
from moneyed import Money
from moneyed.l10n import format_money

AMOUNTS = ["-0.004", "0.004", "-0.006"]
node = subprocess.run(["node", "show.mjs", *AMOUNTS], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
seen["Babel"] = [format_currency(amount, "USD", locale="en") for amount in AMOUNTS]
seen["py-moneyed"] = [format_money(Money(amount, "USD"), locale="en") for amount in AMOUNTS]
for name, texts in seen.items():
    print(f"{name}: {dict(zip(AMOUNTS, texts, strict=True))}")
small = {name: texts[0] for name, texts in seen.items()}
minus = {name: "-$0.00" for name in ("Intl", "Dinero.js", "Babel", "py-moneyed")}
expected = {"numeral": "0$.00", "numbro": "-$.00", "accounting": "$-0.00", "d3-format": "$0.00"}
unchanged = small == {**expected, "currency.js": "$0.00", **minus}
unchanged &= {texts[1] for texts in seen.values()} == {"$0.00"}
unchanged &= all(texts[2].replace("−", "-") in ("-$0.01", "$-0.01") for texts in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
