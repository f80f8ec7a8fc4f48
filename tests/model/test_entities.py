"""Tests of the functions that find the thing or the user that an address or an activity links to."""

import pytest

from flattr_tui.model.entities import Activity, thing_of, username_of
from flattr_tui.model.pasted_address import parse_thing_id


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("423405", 423405),
        ("https://flattr.com/thing/423405/Flattr-rubygem", 423405),
        ("http://flattr.com/t/1405", 1405),
        ("flattr.com/t/1405", 1405),
        ("t/1405", 1405),
        ("https://api.flattr.com/rest/v2/things/7", 7),
        ("http://sandbox.localhost/thing/9", 9),
        ("https://forum.example/t/1405", None),
        ("https://blog.example/things/7", None),
        ("https://flattr.com/profile/ada", None),
        ("https://flattr.com/t/", None),
        ("1" * 30, None),
    ],
)
def test_the_address_of_a_thing_leads_to_it(address: str, number: int | None) -> None:
    assert parse_thing_id(address) == number


@pytest.mark.parametrize("place", ["profile", "user"])
def test_an_activity_leads_to_the_user_it_names(place: str) -> None:
    assert username_of(Activity(id="1", object_url=f"https://flattr.com/{place}/ad%C3%A4")) == "adä"


def test_an_activity_leads_to_its_thing() -> None:
    thing = thing_of(Activity(id="1", object_url="http://flattr.com/t/1405", object_name="A thing"))
    assert thing is not None
    assert (thing.id, thing.title) == (1405, "A thing")
