#!/usr/bin/env bash
# An amount between 0.01 and 100 may be `nan` for click, Cerberus, colander, schematics, trafaret and jsonschema.
#
# Guess: A number is within a range if it isn't less than the least and not more than the most, and `nan` is no amount.
# What happens: They refuse what is less or more, and NaN is neither. So `--amount nan` passes
# `click.FloatRange(0.01, 100)`, and each sum that it's added to is NaN. inf is refused by all. typer, attrs, pydantic,
# msgspec, marshmallow and voluptuous ask the other way round, or refuse NaN first.
# Versions: click 8.5.1, Cerberus 1.3.8, colander 2.0, schematics 2.1.1, trafaret 2.1.1, jsonschema 4.26.0;
# typer 0.29.2, attrs 26.1.0, pydantic 2.14.4, msgspec 0.23.0, marshmallow 4.4.0, voluptuous 0.16.0.
# Source: run of this script; https://github.com/pallets/click/issues/3347: closed, all floats are accepted.
# In this program: its ranges are `click.IntRange`, and amounts are whole cents.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check click==8.5.1 cerberus==1.3.8 colander==2.0 \
  schematics==2.1.1 trafaret==2.1.1 jsonschema==4.26.0 typer==0.29.2 attrs==26.1.0 pydantic==2.14.4 msgspec==0.23.0 \
  marshmallow==4.4.0 voluptuous==0.16.0 'setuptools<80'
venv/bin/python -W ignore - <<'PYTHON'
import sys
from typing import Annotated
import attrs, cerberus, click, colander, jsonschema, marshmallow, msgspec, pydantic, trafaret, typer, voluptuous
from schematics.exceptions import ValidationError as SchematicsError
from schematics.types import FloatType
from typer.testing import CliRunner

app = typer.Typer()


@app.command()
def pay(amount: Annotated[float, typer.Option(min=0.01, max=100)]) -> None:
    pass


@attrs.define
class Amount:
    value: float = attrs.field(validator=[attrs.validators.ge(0.01), attrs.validators.le(100)])


def by_typer(number):
    if CliRunner().invoke(app, ["--amount", str(number)]).exit_code:
        raise ValueError


def by_cerberus(number):
    if not cerberus.Validator({"amount": {"type": "float", "min": 0.01, "max": 100}}).validate({"amount": number}):
        raise ValueError


REFUSALS = (
    ValueError, click.BadParameter, colander.Invalid, jsonschema.ValidationError, marshmallow.ValidationError,
    msgspec.ValidationError, trafaret.DataError, voluptuous.Invalid, SchematicsError,
)
schematic = FloatType(min_value=0.01, max_value=100)
option = click.FloatRange(0.01, 100)
checks = {
    "click": lambda number: option.convert(str(number), None, None),
    "Cerberus": by_cerberus,
    "colander": colander.SchemaNode(colander.Float(), validator=colander.Range(0.01, 100)).deserialize,
    "schematics": schematic.validate,
    "trafaret": trafaret.ToFloat(gte=0.01, lte=100).check,
    "jsonschema": lambda number: jsonschema.validate(number, {"type": "number", "minimum": 0.01, "maximum": 100}),
    "typer": by_typer,
    "attrs": Amount,
    "pydantic": pydantic.TypeAdapter(Annotated[float, pydantic.Field(ge=0.01, le=100)]).validate_python,
    "msgspec": lambda number: msgspec.convert(number, Annotated[float, msgspec.Meta(ge=0.01, le=100)]),
    "marshmallow": marshmallow.fields.Float(validate=marshmallow.validate.Range(0.01, 100)).deserialize,
    "voluptuous": voluptuous.Schema(voluptuous.Range(0.01, 100)),
}


def accepts(check, number):
    try:
        check(number)
    except REFUSALS:
        return False
    return True


seen = {name: [accepts(check, float(one)) for one in ("0.95", "0.001", "inf", "nan")] for name, check in checks.items()}
for name, (_, _, _, nan) in seen.items():
    print(f"{name}: nan is {'accepted' if nan else 'refused'}")
unchanged = all(found[:3] == [True, False, False] for found in seen.values())
unchanged &= [name for name, found in seen.items() if found[3]] == list(checks)[:6]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
