"""Tests that `flattr-tui methods NAME` explains what the server does with a parameter that is left out."""

import json

from tests.cli.conftest import Flattr


def test_a_parameter_left_out_has_a_default_or_does_not_change(flattr: Flattr) -> None:
    made, changed = (flattr("methods", name).out for name in ("create-thing", "update-thing"))
    assert "id of the category; default rest" in made
    assert "id of the language; default en_GB" in made
    assert "stays as it is" not in made
    assert "default" not in changed
    assert "what is left out stays as it is" in changed
    method = json.loads(flattr("methods", "update-thing", "--json").out)
    assert {parameter["default"] for parameter in method["parameters"]} == {""}
