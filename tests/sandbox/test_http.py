"""Tests of the API methods that read, as `flattr/developers.flattr.net` documents them and public clients call them."""

import functools
import operator
import re
from html import escape
from typing import Any

import httpx
import pytest
import yaml
from defusedxml import ElementTree

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import API, BASE, make_client
from tests.sandbox.sandbox_requests import BEARER, BEARER_ALL, most_flattred_ids

MINI_USER = {"type", "resource", "link", "username"}
USER = MINI_USER | {"id", "url", "firstname", "lastname", "avatar", "about", "city", "country", "active_supporter"}
MINI_THING = {"type", "resource", "link", "id", "url", "title", "image", "flattrs", "owner"}
THING = MINI_THING | {"flattrs_user_count", "description", "tags", "language", "category", "created_at", "hidden"}
ACTIVITY = {"id", "published", "title", "verb", "actor", "object"}


async def test_a_user_has_all_fields_and_its_addresses(http: httpx.AsyncClient) -> None:
    answer = await http.get("users/ada")
    user = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert set(user) == USER
    assert (user["resource"], user["link"]) == (f"{API}users/ada", f"{BASE}/profile/ada")
    assert re.fullmatch(r"\w{6}", user["id"])
    assert user["active_supporter"] in {0, 1}


async def test_user_ids_are_unique(http: httpx.AsyncClient, shared_world: World) -> None:
    ids = [(await http.get(f"users/{name}")).json()["id"] for name in shared_world.usernames()]
    assert len(set(ids)) == len(ids)


async def test_me_shows_what_the_scopes_allow(http: httpx.AsyncClient) -> None:
    assert set((await http.get("user", headers=BEARER)).json()) == USER
    email = await http.get("user", headers={"Authorization": "Bearer read-email"})
    assert set(email.json()) == USER | {"email"}
    assert set((await http.get("user", headers=BEARER_ALL)).json()) == USER | {"email", "registered_at"}


async def test_nobody_elses_email_is_shown(http: httpx.AsyncClient) -> None:
    assert set((await http.get("users/ada", headers=BEARER_ALL)).json()) == USER


async def test_flattrs_are_mini_objects_and_complete_with_full(http: httpx.AsyncClient) -> None:
    mini = (await http.get("users/ada/flattrs?count=2")).json()
    assert len(mini) == 2
    for flattr in mini:
        assert set(flattr) == {"type", "thing", "owner", "created_at"}
        assert set(flattr["thing"]) == MINI_THING
        assert set(flattr["owner"]) == set(flattr["thing"]["owner"]) == MINI_USER
    full = (await http.get("users/ada/flattrs?count=2&full")).json()
    assert [set(flattr["thing"]) for flattr in full] == [THING, THING]
    assert [set(flattr["owner"]) for flattr in full] == [USER, USER]
    assert [set(flattr["thing"]["owner"]) for flattr in full] == [USER, USER]


@pytest.mark.parametrize(
    ("query", "full"),
    [
        ("full", True),
        ("full=full", True),
        ("full=true", True),
        ("full=1", True),
        ("full=", True),
        ("full=False", False),
        ("full=false", False),
        ("full=0", False),
        ("", False),
    ],
)
async def test_full_is_true_unless_it_says_no(http: httpx.AsyncClient, query: str, full: bool) -> None:
    things = (await http.get(f"users/ada/things?count=1&{query}")).json()
    assert set(things[0]) == THING
    assert set(things[0]["owner"]) == (USER if full else MINI_USER)


async def test_a_thing_shows_viewers_their_own_flattr_and_its_owner_dates(
    http: httpx.AsyncClient, shared_world: World
) -> None:
    flattred = shared_world.flattrs_of("ada", count=1, page=1, hidden=True)[0].thing.id
    own = shared_world.things_of("ada", count=1, page=1)[0].id
    assert set((await http.get(f"things/{flattred}")).json()) == THING
    as_viewer = (await http.get(f"things/{flattred}", headers=BEARER)).json()
    assert set(as_viewer) == THING | {"flattred", "subscribed"}
    assert as_viewer["flattred"] is True
    as_owner = (await http.get(f"things/{own}", headers=BEARER)).json()
    assert set(as_owner) == THING | {"flattred", "subscribed", "last_flattr_at", "updated_at"}
    assert isinstance(as_owner["hidden"], bool)


@pytest.mark.parametrize("form", ["things/{}", "things/{}/", "things/{}.json", "things?id={}", "things/?id={}"])
async def test_several_things_come_in_the_order_asked_for(
    http: httpx.AsyncClient, shared_world: World, form: str
) -> None:
    ids = most_flattred_ids(shared_world)
    answer = await http.get(form.format(",".join(map(str, ids))))
    assert [thing["id"] for thing in answer.json()] == ids


async def test_a_comma_in_a_query_may_be_encoded(http: httpx.AsyncClient) -> None:
    plain = await http.get("things/search?language=en_GB,de_DE&category=text,software")
    encoded = await http.get("things/search?language=en_GB%2Cde_DE&category=text%2Csoftware")
    assert plain.json() == encoded.json()
    assert {thing["language"] for thing in plain.json()["things"]} <= {"en_GB", "de_DE"}


async def test_pages_join_without_gap_or_double(http: httpx.AsyncClient) -> None:
    whole = (await http.get("users/ada/flattrs?count=60")).json()
    pages = [(await http.get(f"users/ada/flattrs?count=20&page={page}")).json() for page in (1, 2, 3)]
    assert functools.reduce(operator.iadd, pages, []) == whole
    times = [flattr["created_at"] for flattr in whole]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("query", ["page=100000", "page=99999999999999999999", "count=100&page=4611686018427387904"])
async def test_a_list_that_has_ended_is_empty(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"users/ada/flattrs?{query}")
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("query", ["", "count=&page=", "count=undefined&page=undefined", "page=1"])
async def test_a_page_has_30_items_by_default(http: httpx.AsyncClient, query: str) -> None:
    # antics/node-flattr sends the word `undefined` for arguments that it was not given.
    assert len((await http.get(f"things/search?{query}")).json()["things"]) == 30


async def test_a_page_is_capped(shared_world: World) -> None:
    async with make_client(create_app(shared_world, page_cap=7, rate_limit=0)) as client:
        assert len((await client.get("things/search?count=500")).json()["things"]) == 7
        assert len((await client.get("things/search")).json()["things"]) == 7


async def test_hidden_flattrs_are_an_empty_list(http: httpx.AsyncClient) -> None:
    answer = await http.get("users/shy/flattrs")
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_search_says_how_many_there_are(http: httpx.AsyncClient) -> None:
    result = (await http.get("things/search?category=software&count=5&page=2")).json()
    assert set(result) == {"total_items", "items", "page", "things"}
    assert (result["items"], result["page"], len(result["things"])) == (5, 2, 5)
    assert result["total_items"] > 10
    assert {thing["category"] for thing in result["things"]} == {"software"}
    assert all(set(thing) == THING for thing in result["things"])


async def test_a_lookup_leads_to_the_thing(http: httpx.AsyncClient, shared_world: World) -> None:
    row = shared_world.thing(most_flattred_ids(shared_world, 1)[0])
    assert row is not None
    auto = f"http://flattr.com/submit/auto?url={row.url}&user_id={row.owner.username}"
    responses: list[httpx.Response] = [
        await http.get("things/lookup", params={"url": row.url}),
        await http.get("things/lookup/", params={"url": row.url}),
        await http.get("things/lookup", params={"url": auto}),
        await http.get(f"things/lookup/?url={auto}"),
        await http.get(f"things/lookup/q/{row.url.replace('/', '%2F')}"),
    ]
    for answer in responses:
        assert answer.status_code == 302
        assert answer.headers["location"] == f"{API}things/{row.id}"
        assert answer.json() == {"message": "found", "location": answer.headers["location"]}
        assert (await http.get(answer.headers["location"])).json()["url"] == row.url


async def test_a_lookup_that_finds_nothing_has_its_own_body(http: httpx.AsyncClient) -> None:
    answer = await http.get("things/lookup?url=http://nowhere.example/")
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "not_found", "description": "No thing was found"},
    )


async def test_activities_are_a_stream(http: httpx.AsyncClient) -> None:
    for path in ("users/ada/activities", "users/ada/activities.as", "users/ada/activities.as/"):
        answer = await http.get(path, headers={"Accept": "*/*"})
        assert answer.headers["content-type"] == "application/stream+json; charset=utf-8"
    items = answer.json()["items"]
    assert items
    for item in items:
        assert set(item) == ACTIVITY
        assert set(item["actor"]) == set(item["object"]) == {"displayName", "url", "objectType"}
        assert (item["actor"]["objectType"], item["object"]["objectType"]) == ("person", "bookmark")
        assert item["verb"] in {"like", "post", "follow"}
        # shred/flattr4j reads the offset as digits.
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", item["published"])
        assert re.fullmatch(r"tag:flattr\.com,\d{4}-\d\d-\d\d:ada/\w+/\d+", item["id"])


async def test_incoming_activities_are_by_other_users(http: httpx.AsyncClient) -> None:
    items = (await http.get("users/ada/activities.as?type=incoming")).json()["items"]
    assert items
    assert "ada" not in {item["actor"]["displayName"] for item in items}


@pytest.mark.parametrize("path", ["users/ada/activities", "users/ada/flattrs", "users/ada/things"])
async def test_streams_are_available_as_atom(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"Accept": "application/atom+xml"})
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    space = {"a": "http://www.w3.org/2005/Atom", "s": "http://activitystrea.ms/spec/1.0/"}
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall("a:entry", space)
    stream = (await http.get(f"{path}.as")).json()["items"]
    assert [entry.findtext("a:id", None, space) for entry in entries] == [item["id"] for item in stream]
    assert [entry.findtext("a:title", None, space) for entry in entries] == [item["title"] for item in stream]
    for name in ("id", "title", "updated"):
        assert feed.findtext(f"a:{name}", None, space)
    assert all(
        entry.findtext("s:verb", "", space).startswith("http://activitystrea.ms/schema/1.0/") for entry in entries
    )


async def test_an_empty_stream_is_well_formed(http: httpx.AsyncClient) -> None:
    assert (await http.get("users/shy/flattrs.as")).json() == {"items": []}
    ElementTree.fromstring((await http.get("users/shy/flattrs.atom")).content)


async def test_json_yaml_and_xml_have_the_same_data(http: httpx.AsyncClient) -> None:
    data = (await http.get("users/ada/things?count=3")).json()
    assert yaml.safe_load((await http.get("users/ada/things.yaml?count=3")).content) == data
    tree = ElementTree.fromstring((await http.get("users/ada/things.xml?count=3")).content)
    assert [int(thing.findtext("id", "")) for thing in tree.findall("thing")] == [thing["id"] for thing in data]
    assert [[tag.text for tag in thing.findall("tags/tag")] for thing in tree] == [thing["tags"] for thing in data]


async def test_the_choices_are_complete(http: httpx.AsyncClient) -> None:
    categories: list[dict[str, Any]] = (await http.get("categories")).json()
    assert [entry["id"] for entry in categories] == ["text", "images", "video", "audio", "software", "people", "rest"]
    assert categories[-1] == {"id": "rest", "text": "Other"}
    text = await http.get("categories.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.splitlines()[-2:] == ["people People", "rest Other"]
    assert (await http.get("languages.txt/")).text.splitlines()[0] == "en_GB English"
    languages = (await http.get("languages/")).json()
    assert languages[0] == {"id": "en_GB", "text": "English"}
    assert len({entry["id"] for entry in languages}) == 44


async def test_addresses_follow_the_requests_host_unless_a_base_is_set(shared_world: World) -> None:
    async with make_client(create_app(shared_world, rate_limit=0)) as client:
        user = (await client.get("http://localhost:8080/rest/v2/users/ada")).json()
        assert user["resource"] == "http://localhost:8080/rest/v2/users/ada"
        assert user["link"] == "http://localhost:8080/profile/ada"
    async with make_client(create_app(shared_world, rate_limit=0, base="https://flattr.com")) as client:
        user = (await client.get("users/ada")).json()
        assert user["resource"] == "https://api.flattr.com/rest/v2/users/ada"
        assert user["link"] == "https://flattr.com/profile/ada"


async def test_the_front_page_describes_the_sandbox(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{BASE}/")
    assert answer.headers["content-type"].startswith("text/html")
    for word in ("sandbox", f"{BASE}/rest/v2", f"{BASE}/oauth/token", "flattr-tui"):
        assert word in answer.text


async def test_links_lead_to_pages(http: httpx.AsyncClient, shared_world: World) -> None:
    for thing_id in most_flattred_ids(shared_world, 2):
        thing = (await http.get(f"things/{thing_id}")).json()
        for link in (thing["link"], thing["owner"]["link"], f"{thing['link']}/some-title"):
            page = await http.get(link)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert escape(thing["title"]) in page.text
    stream = (await http.get("users/ada/activities.as")).json()["items"]
    assert (await http.get(stream[0]["object"]["url"])).status_code == 200
    for missing in ("/profile/no-such-user", "/thing/1", "/thing/99999999999999999999/"):
        assert (await http.get(f"{BASE}{missing}")).status_code == 404
