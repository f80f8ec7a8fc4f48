#!/usr/bin/env bash
# py-moneyed prints 95 hundredths of a lek as `ALL1`, and so do Babel and Node.
#
# Guess: py-moneyed writes `Money('0.95', 'ALL')` with two decimals: ISO 4217 gives the lek 100 parts, and
# `get_amount_in_sub_unit` says 95. JavaScript's Intl takes the decimals from ISO 4217.
# What happens: The text is rounded to whole units for currencies whose coins are no longer in use, among them forint,
# Colombian peso, Iraqi dinar (1,000 parts) and lek: `HUF1` for 0.95, `HUF0` for 0.49. The decimals come from CLDR,
# which tells what people use, not from ISO 4217. Calculation keeps them, so a list of sums that are shown does not add
# up.
# Versions: py-moneyed 3.0, Babel 2.19.0, Node 20; `currency_digits=False` of Babel's `format_currency` is the way out
# in Python.
# Source: run of this script; CLDR, supplementalData, `currencyData`; ECMA-402, CurrencyDigits, refers to ISO 4217.
# In this program: Flattr's revenue is in euros, and is kept as whole cents (model/revenue.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check py-moneyed==3.0 babel==2.19.0
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from babel.numbers import get_currency_precision
from moneyed import Money
from moneyed.l10n import format_money


def show(money):
    return format_money(money, locale="en").replace("\xa0", " ")


CURRENCIES = ("EUR", "RSD", "ALL", "HUF", "COP", "IQD")
SCRIPT = r"""
const show = currency => new Intl.NumberFormat('en', {style: 'currency', currency}).format(0.95).replace('\xa0', ' ');
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(show)));
"""
done = subprocess.run(["node", "-e", SCRIPT, json.dumps(CURRENCIES)], capture_output=True, text=True, check=True)
seen = {}
for currency, by_node in zip(CURRENCIES, json.loads(done.stdout)):
    money = Money("0.95", currency)
    seen[currency] = show(money), money.get_amount_in_sub_unit(), get_currency_precision(currency), by_node
    print(f"0.95 {currency}: {seen[currency][0]!r}, {seen[currency][1]} parts; by Node {by_node!r}")
two = Money("0.6", "HUF"), Money("0.6", "HUF")
shown = [show(money) for money in (*two, two[0] + two[1])]
print("0.6 HUF, 0.6 HUF, and both together:", *shown, sep=" ")
unchanged = seen["EUR"][:2] == ("€0.95", 95) and seen["RSD"][2] == 2 and seen["IQD"] == ("IQD1", 950, 0, "IQD 1")
unchanged &= all(seen[currency] == (f"{currency}1", 95, 0, f"{currency} 1") for currency in ("ALL", "HUF", "COP"))
unchanged &= shown == ["HUF1"] * 3

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
