#!/usr/bin/env bash
# Of 1.01 EUR, shared 0 : 1 : 1, ts-money gives a cent to who has no share, and moneyx takes one from them.
#
# Guess: An amount that is shared by ratios adds up again, and who has a ratio of 0, such as a thing that got no flattr
# this month, gets nothing.
# What happens: ts-money rounds each share down and gives the cents that are left to the first of the list, whatever
# their ratio is: 0.01, 0.50, 0.50. moneyx rounds each share, here to 0.51 twice, and corrects the first: -0.01, 0.51,
# 0.51, a debt. The sum is right in both. With the zero at the end all is as guessed, so the order of a list decides.
# Dinero.js, 1 and 2, gives what is left to the first that has a share: 0.00, 0.51, 0.50.
# Versions: ts-money 0.4.8, dinero.js 1.9.1 and 2.0.2 on Node 20; moneyx 0.1.1.
# Source: run of this script; ts-money's allocate; allocate of moneyx; Dinero.js documents that a ratio of zero gets
# nothing.
# In this program: amounts are shown as Flattr divided them (model/revenue.py); none is shared out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check moneyx==0.1.1
npm install --silent --no-audit --no-fund ts-money@0.4.8 dinero.js@1.9.1 dinero2@npm:dinero.js@2.0.2 >/dev/null
cat >share.mjs <<'SCRIPT'
import Dinero from 'dinero.js';
import * as dinero2 from 'dinero2';
import tsMoney from 'ts-money';

const ratios = JSON.parse(process.argv[2]);
const amount = dinero2.dinero({amount: 101, currency: {code: 'EUR', base: 10, exponent: 2}});
console.log(JSON.stringify({
  'ts-money': new tsMoney.Money(101, 'EUR').allocate(ratios).map(share => share.amount),
  'Dinero.js 1': Dinero({amount: 101, currency: 'EUR'}).allocate(ratios).map(share => share.getAmount()),
  'Dinero.js 2': dinero2.allocate(amount, ratios).map(share => dinero2.toSnapshot(share).amount),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from moneyx import Money


def share(ratios):
    command = ["node", "share.mjs", json.dumps(ratios)]
    shares = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    shares["moneyx"] = [int(part.amount * 100) for part in Money("1.01", "EUR").allocate(ratios)]
    for name, cents in shares.items():
        print(f"{name}: 101 cents, {ratios}: {cents}")
    return shares


first, last = share([0, 1, 1]), share([1, 1, 0])
unchanged = first["ts-money"] == [1, 50, 50] and first["moneyx"] == [-1, 51, 51]
unchanged &= first["Dinero.js 1"] == first["Dinero.js 2"] == [0, 51, 50]
unchanged &= all(cents[2] == 0 and sum(cents) == 101 for cents in last.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
