#!/usr/bin/env bash
# Of 10,000 amounts in cents, msgspec and valibot call 9,986 no multiple of 0.01, and ajv and jsonschema 1,363.
#
# Guess: `multipleOf: 0.01` in a JSON Schema means two decimal places: 0.03 and 19.99 are valid, 0.005 isn't. Nine
# validators that say so agree.
# What happens: All refuse 0.005. ajv and Python's jsonschema divide binary floats, and refuse 0.07, 0.29 and every
# seventh amount. valibot and msgspec take the remainder of the division, and accept 14 of 10,000: a cent, and what
# doubling it gives, up to 81.92. A test with 0.25 passes in ajv, and one with 0.64 in all. @cfworker/json-schema, zod,
# schemasafe, fastjsonschema, jsonschema-rs and pydantic accept all 10,000. ajv has the option `multipleOfPrecision`.
# Versions: ajv 8.20.0, valibot 1.5.0, @cfworker/json-schema 4.1.6, zod 4.6.7 and @exodus/schemasafe 1.3.0 on Node 20;
# jsonschema 4.26.0, msgspec 0.23.0, fastjsonschema 2.22.3, jsonschema-rs 0.61.2, pydantic 2.14.4.
# Source: run of this script; JSON Schema 2020-12, Validation, 6.2.1: valid if the division results in an integer.
# JSON's numbers are decimal.
# In this program: amounts are whole cents, and what isn't is refused by its digits (model/revenue_csv_cells.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check jsonschema==4.26.0 msgspec==0.23.0 \
  fastjsonschema==2.22.3 jsonschema-rs==0.61.2 pydantic==2.14.4
npm install --silent --no-audit --no-fund ajv@8.20.0 valibot@1.5.0 @cfworker/json-schema@4.1.6 zod@4.6.7 \
  @exodus/schemasafe@1.3.0 >/dev/null
cat >validate.mjs <<'SCRIPT'
import {Validator} from '@cfworker/json-schema';
import {validator} from '@exodus/schemasafe';
import Ajv from 'ajv';
import * as valibot from 'valibot';
import * as zod from 'zod';

const schema = {type: 'number', multipleOf: 0.01};
const byCfworker = new Validator(schema);
const byValibot = valibot.pipe(valibot.number(), valibot.multipleOf(0.01));
const byZod = zod.number().multipleOf(0.01);
const accept = {
  'ajv': new Ajv.default().compile(schema),
  'ajv, multipleOfPrecision': new Ajv.default({multipleOfPrecision: 6}).compile(schema),
  'valibot': amount => valibot.safeParse(byValibot, amount).success,
  '@cfworker/json-schema': amount => byCfworker.validate(amount).valid,
  'zod': amount => byZod.safeParse(amount).success,
  'schemasafe': validator(schema),
};
const amounts = JSON.parse(process.argv[2]);
const refused = Object.entries(accept).map(([name, test]) => [name, amounts.filter(amount => !test(amount))]);
console.log(JSON.stringify(Object.fromEntries(refused)));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from typing import Annotated
import fastjsonschema, jsonschema, jsonschema_rs, msgspec, pydantic

SCHEMA = {"type": "number", "multipleOf": 0.01}
AMOUNTS = [round(number / 100, 2) for number in range(1, 10_001)] + [0.005]


def raises(validate):
    def refuses(amount):
        try:
            validate(amount)
        except (fastjsonschema.JsonSchemaException, msgspec.ValidationError, pydantic.ValidationError):
            return True
        return False

    return refuses


decoder = msgspec.json.Decoder(Annotated[float, msgspec.Meta(multiple_of=0.01)])
by_jsonschema = jsonschema.Draft202012Validator(SCHEMA)
by_rust = jsonschema_rs.validator_for(SCHEMA)
refuses = {
    "jsonschema": lambda amount: not by_jsonschema.is_valid(amount),
    "msgspec": raises(lambda amount: decoder.decode(str(amount))),
    "fastjsonschema": raises(fastjsonschema.compile(SCHEMA)),
    "jsonschema-rs": lambda amount: not by_rust.is_valid(amount),
    "pydantic": raises(pydantic.TypeAdapter(Annotated[float, pydantic.Field(multiple_of=0.01)]).validate_python),
}
node = subprocess.run(["node", "validate.mjs", json.dumps(AMOUNTS)], capture_output=True, text=True, check=True)
refused = json.loads(node.stdout) | {name: list(filter(test, AMOUNTS)) for name, test in refuses.items()}
unchanged = True
for name, (*wrong, last) in refused.items():
    print(f"{name}: refuses {len(wrong):,} of 10,000 {wrong[:4]}, and {last}")
    expected = 1363 if name in ("ajv", "jsonschema") else 9986 if name in ("valibot", "msgspec") else 0
    unchanged &= len(wrong) == expected and last == 0.005

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
