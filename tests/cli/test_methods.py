"""`flattr-tui methods`: what a method's own page says of leaving something out."""

import json

from tests.cli.conftest import Flattr


def test_what_is_left_out_has_the_service_s_default_or_stays_as_it_is(flattr: Flattr) -> None:
    made, changed = (flattr("methods", name).out for name in ("create-thing", "update-thing"))
    assert "id of the category; default rest" in made
    assert "id of the language; default en_GB" in made
    assert "stays as it is" not in made
    assert "default" not in changed
    assert "what is left out stays as it is" in changed
    told = json.loads(flattr("methods", "update-thing", "--json").out)
    assert {parameter["default"] for parameter in told["parameters"]} == {""}
