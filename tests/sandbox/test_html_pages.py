"""Tests of the web page of an auto-submit address, on which a person confirms a flattr."""

import httpx
import pytest

from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE

PAGE = f"{BASE}/submit/auto"
NEW = {"user_id": "melodia", "url": "http://new.example/", "title": "A <new> song", "category": "audio"}


async def test_it_asks_creates_the_thing_and_flattrs_it(site: httpx.AsyncClient) -> None:
    page = await site.get(PAGE, params=NEW)
    assert page.status_code == 200
    assert "A &lt;new&gt; song" in page.text
    assert 'value="ada"' in page.text
    assert 'value="melodia"' not in page.text
    assert (await site.get("things/lookup?url=http://new.example/")).status_code == 404
    done = await site.post(PAGE, params=NEW, data={"username": "ada"})
    assert done.status_code == 200
    assert "1 flattr" in done.text
    thing = (await site.get("things/lookup?url=http://new.example/", follow_redirects=True)).json()
    assert (thing["title"], thing["category"], thing["owner"]["username"]) == ("A <new> song", "audio", "melodia")
    assert (await site.get("users/ada/flattrs?count=1")).json()[0]["thing"]["id"] == thing["id"]
    again = await site.post(PAGE, params=NEW, data={"username": "ada"})
    assert again.status_code == 403
    assert "already flattred" in again.text


async def test_it_shows_a_thing_that_exists(site: httpx.AsyncClient, world: World) -> None:
    row = world.things_of("melodia", count=1, page=1)[0]
    page = await site.get(PAGE + "/", params={"url": row.url})
    assert page.status_code == 200
    assert "melodia" in page.text


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"user_id": "nobody", "url": "http://new.example/"}, 404, "names no user"),
        ({"user_id": "melodia"}, 400, "has no url"),
        ({"user_id": "melodia", "url": "nonsense"}, 400, "Invalid url"),
    ],
)
async def test_an_address_that_cannot_be_flattred_is_not_asked_about(
    site: httpx.AsyncClient, query: dict[str, str], status: int, text: str
) -> None:
    page = await site.get(PAGE, params=query)
    assert page.status_code == status
    assert text in page.text
    assert (await site.post(PAGE, params=query, data={"username": "ada"})).status_code == status


@pytest.mark.parametrize(
    ("form", "status", "text"),
    [
        ({"username": "melodia"}, 403, "owner of the thing"),
        ({"username": "nobody"}, 404, "no such user"),
        ({}, 404, "no such user"),
    ],
)
async def test_a_flattr_that_is_refused_makes_no_thing(
    site: httpx.AsyncClient, form: dict[str, str], status: int, text: str
) -> None:
    answer = await site.post(PAGE, params=NEW, data=form)
    assert answer.status_code == status
    assert text in answer.text
    lookup = await site.get("things/lookup", params={"url": "http://new.example/"})
    assert lookup.status_code == 404


async def test_a_flattr_without_money_is_refused(site: httpx.AsyncClient, world: World) -> None:
    world.set_budget("ada", 0)
    answer = await site.post(PAGE, params=NEW, data={"username": "ada"})
    assert answer.status_code == 403
    assert "no means" in answer.text
    assert (await site.get("things/lookup?url=http://new.example/")).status_code == 404


async def test_a_form_sent_by_another_site_is_refused(site: httpx.AsyncClient) -> None:
    for origin in ("https://elsewhere.example", "null"):
        answer = await site.post(PAGE, params=NEW, data={"username": "ada"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert (await site.get("things/lookup?url=http://new.example/")).status_code == 404
