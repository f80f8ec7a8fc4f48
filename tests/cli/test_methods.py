"""Tests that `flattr-tui methods NAME` explains what the server does with a parameter that is left out."""

import json

from tests.cli.conftest import Flattr


def test_a_parameter_left_out_has_a_default_or_does_not_change(flattr: Flattr) -> None:
    create_help, update_help = (flattr("methods", name).out for name in ("create-thing", "update-thing"))
    assert "id of the category; default rest" in create_help
    assert "id of the language; default en_GB" in create_help
    assert "stays as it is" not in create_help
    assert "default" not in update_help
    assert "what is left out stays as it is" in update_help
    method = json.loads(flattr("methods", "update-thing", "--json").out)
    assert {parameter["default"] for parameter in method["parameters"]} == {""}
