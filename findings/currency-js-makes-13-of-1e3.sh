#!/usr/bin/env bash
# currency.js reads `1e3` as 13 and `1/2` as 12, and rounds a refund less than the charge.
#
# Guess: A text that is no amount is 0, as `abc` is, or an error with `errorOnInvalid`; `1e3` is 1,000, as for
# JavaScript. A refund of -0.125 cancels a charge of 0.125.
# What happens: Everything but digits, the decimal sign and a minus in front is taken out of a text first: `1e3` becomes
# 13, `1/2` 12 and `10%` 10. `abc` is 0 and `2013-05` NaN with `errorOnInvalid` as well, which minds only what is
# neither a number nor a text. Amounts are rounded by Math.round, which goes up from a half: 0.125 becomes 0.13 and
# -0.125 becomes -0.12, so one cent is left of a charge that was refunded whole.
# Versions: currency.js 2.0.4 on Node 20.
# Source: run of this script; currency.js/dist/currency.js, `parse`; ECMA-262, Math.round.
# In this program: money is read and added as whole cents; other texts are refused (model/revenue_csv_cells.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund currency.js@2.0.4 >/dev/null
cat >read.mjs <<'SCRIPT'
import currency from 'currency.js';

const read = text => {
  try {
    return currency(text, {errorOnInvalid: true}).value;
  } catch (error) {
    return error.message;
  }
};
const texts = ['1000', '1e3', '1/2', '10%', 'abc', '2013-05'].map(text => [text, read(text)]);
for (const [text, value] of texts) console.log(`${text}: ${value}`);
const charge = currency(0.125), refund = currency(-0.125);
console.log('charge', charge.value, 'refund', refund.value, 'together', charge.add(refund).value);
const unchanged = JSON.stringify(texts.slice(0, 4)) === '[["1000",1000],["1e3",13],["1/2",12],["10%",10]]'
  && charge.value === 0.13 && refund.value === -0.12 && charge.add(refund).value === 0.01;
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
