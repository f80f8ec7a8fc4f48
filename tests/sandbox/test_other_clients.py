"""Tests of requests that public clients send, and that differ from the documentation's examples."""

from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Credentials
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import API, BASE, make_client

TOKEN = {"Authorization": "Bearer all"}


@pytest.mark.parametrize("address", [f"{BASE}/rest/v2", API])
async def test_gpodder_gets_hello_world_at_the_api_root(site: httpx.AsyncClient, address: str) -> None:
    answer = await site.get(address, follow_redirects=True)
    assert (answer.status_code, answer.json()["message"]) == (200, "hello_world")
    assert "\n" not in answer.text


async def test_gpodder_sends_its_secret_only_after_a_401(site: httpx.AsyncClient) -> None:
    body = {"code": "x", "grant_type": "authorization_code", "redirect_uri": "http://localhost/"}
    answer = await site.post(f"{BASE}/oauth/token", json=body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="flattr"'


REDIRECT_URI = "http://localhost/wp-admin/admin.php?page=flattr/flattr.php"


@pytest.mark.parametrize("at_first", [REDIRECT_URI, quote(REDIRECT_URI, safe="")])
@pytest.mark.parametrize("how", ["json", "data", "multipart"])
async def test_the_wordpress_plugin_encodes_its_address_twice(site: httpx.AsyncClient, at_first: str, how: str) -> None:
    address = (
        f"{BASE}/oauth/authorize?client_id=flattr-tui&response_type=code&redirect_uri={quote(at_first, safe='')}"
        "&scope=thing%2Bflattr"
    )
    assert (await site.get(address)).status_code == 200
    back = await site.post(address, data={"username": "ada", "decision": "allow"})
    assert unquote(back.headers["location"]).startswith(f"{REDIRECT_URI}&code=")
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    fields = {"code": code, "grant_type": "authorization_code", "redirect_uri": quote(REDIRECT_URI, safe="")}
    sent: dict[str, Any] = {how: fields}
    if how == "multipart":  # as PHP's curl sends an array
        sent = {"files": {name: (None, value) for name, value in fields.items()}}
    granted = await site.post(f"{BASE}/oauth/token", auth=("flattr-tui", "sandbox"), **sent)
    assert granted.status_code == 200, granted.text
    token = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await site.get("user", headers=token)).json()["username"] == "ada"
    assert (await site.get("user/subscriptions", headers=token)).status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "http://127.0.0.1/\r\nX: y", "javascript:alert(1)"])
async def test_encoding_an_address_twice_allows_no_other_redirect(site: httpx.AsyncClient, address: str) -> None:
    params = {"client_id": "flattr-tui", "response_type": "code", "redirect_uri": quote(address, safe="")}
    answer = await site.get(f"{BASE}/oauth/authorize", params=params)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_the_implicit_grant_goes_by_its_documented_name(site: httpx.AsyncClient) -> None:
    params = {"client_id": "flattr-tui", "response_type": "access_token", "redirect_uri": "http://localhost/"}
    back = await site.post(f"{BASE}/oauth/authorize", data={**params, "username": "ada", "decision": "allow"})
    assert "access_token=" in urlsplit(back.headers["location"]).fragment


async def test_clients_that_can_set_no_header_send_the_token_in_the_url(site: httpx.AsyncClient) -> None:
    assert (await site.get("user", params={"access_token": "all"})).json()["username"] == "ada"
    assert (await site.get("user", params={"access_token": "all", "jsonp": "f"})).text.startswith("f({")
    assert (await site.get("categories", params={"access_token": "wrong"})).status_code == 401
    assert (await site.get("categories", params={"access_token": ""})).status_code == 200


@pytest.mark.parametrize("how", ["data", "json", "multipart"])
async def test_grooveshark_puts_its_token_into_the_body(site: httpx.AsyncClient, shared_world: World, how: str) -> None:
    row = shared_world.things_of("melodia", count=1, page=1)[0]
    fields = {"access_token": "all", "url": f"http://flattr.com/submit/auto?url={row.url}"}
    sent: dict[str, Any] = {how: fields}
    if how == "multipart":
        sent = {"files": {name: (None, value) for name, value in fields.items()}}
    flattred = await site.post("flattr?compat-errors", **sent)
    assert flattred.status_code == 200, flattred.text
    assert flattred.json()["thing"]["id"] == row.id
    wrong = await site.post("flattr", json=fields | {"access_token": "wrong"})
    assert (wrong.status_code, wrong.headers["www-authenticate"][-15:]) == (401, '"invalid_token"')
    for body, status in ((b'{"access_token": "all"', 400), (b'{"access_token": ["all"]}', 401)):
        assert (await site.post("flattr", content=body)).status_code == status


async def test_the_browser_extensions_look_up_by_q(http: httpx.AsyncClient, shared_world: World) -> None:
    row = shared_world.things_of("ada", count=1, page=1)[0]
    answer = await http.get("things/lookup/", params={"q": row.url})
    assert (answer.status_code, answer.json()["message"]) == (302, "found")
    assert (await http.get("things/lookup/", params={"q": "http://none.example/"})).status_code == 404


async def test_a_script_keeps_its_call_through_the_redirect(http: httpx.AsyncClient, shared_world: World) -> None:
    row = shared_world.things_of("ada", count=1, page=1)[0]
    answer = await http.get("things/lookup/", params={"q": row.url, "jsonp": "jQuery18_1"}, follow_redirects=True)
    assert answer.text.startswith("jQuery18_1({")
    assert f'"id":{row.id},' in answer.text


async def test_an_auto_submit_address_describes_the_thing(site: httpx.AsyncClient) -> None:
    auto = (
        "https://flattr.com/submit/auto?user_id=melodia&url=http%3A%2F%2Fnew.example%2Fsong%3Fa%3Db%26c%3Dd&category=audio"
        "&language=de_DE&title=L%C3%A4rm&hidden=1&tags=x, y,x&description=Lang"
    )
    made = (await site.post("flattr", json={"url": auto}, headers=TOKEN)).json()["thing"]
    thing = (await site.get(f"things/{made['id']}", headers=TOKEN)).json()
    assert (thing["url"], thing["title"]) == ("http://new.example/song?a=b&c=d", "Lärm")
    assert (thing["tags"], thing["hidden"]) == (["x", "y"], True)
    assert (thing["category"], thing["language"], thing["description"]) == ("audio", "de_DE", "Lang")


async def test_invalid_values_of_an_auto_submit_address_are_ignored(site: httpx.AsyncClient) -> None:
    auto = "https://flattr.com/submit/auto?user_id=melodia&url=http://new.example/&category=noise&language=xx&hidden=0"
    made = (await site.post("flattr", json={"url": auto}, headers=TOKEN)).json()["thing"]
    thing = (await site.get(f"things/{made['id']}", headers=TOKEN)).json()
    assert (thing["title"], thing["category"], thing["language"]) == ("http://new.example/", "rest", "en_GB")
    assert (thing["tags"], thing["hidden"]) == ([], False)


async def test_the_id_of_a_deleted_thing_is_not_reused(site: httpx.AsyncClient) -> None:
    ids = []
    for number in range(2):
        made = await site.post("things", json={"url": f"http://new.example/{number}"}, headers=TOKEN)
        ids.append(made.json()["id"])
        await site.delete(f"things/{ids[-1]}", headers=TOKEN)
    assert ids[0] != ids[1]


async def get_code(site: httpx.AsyncClient, **params: str) -> str:
    """Ask for a code with these parameters, allow it as ada, and return the code."""
    query = {"client_id": "flattr-tui", "response_type": "code"} | params
    back = await site.post(f"{BASE}/oauth/authorize", params=query, data={"username": "ada", "decision": "allow"})
    return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]


@pytest.mark.parametrize("sent", [{}, {"redirect_uri": ""}])
async def test_the_ruby_gem_and_youtify_do_not_repeat_their_address(
    site: httpx.AsyncClient, sent: dict[str, str]
) -> None:
    code = await get_code(site, redirect_uri="http://localhost:8080/flattrback", scope="flattr thing")
    body = sent | {"code": code, "grant_type": "authorization_code"}
    elsewhere = body | {"redirect_uri": "http://localhost:8080/elsewhere"}
    refused = await site.post(f"{BASE}/oauth/token", json=elsewhere, auth=("flattr-tui", "sandbox"))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    granted = await site.post(f"{BASE}/oauth/token", json=body, auth=("flattr-tui", "sandbox"))
    assert granted.status_code == 200, granted.text
    token = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await site.get("user/subscriptions", headers=token)).status_code == 200


async def test_node_flattr_finds_its_token_in_the_address_that_it_is_shown(site: httpx.AsyncClient) -> None:
    params = {"client_id": "flattr-tui", "response_type": "token", "scope": "flattr thing extendedread"}
    back = await site.post(f"{BASE}/oauth/authorize", params=params, data={"username": "ada", "decision": "allow"})
    shown, _, fragment = back.headers["location"].partition("#")
    assert fragment.startswith("access_token=")
    page = await site.get(shown)
    assert (page.status_code, "#access_token=" in page.text, "Not allowed" in page.text) == (200, True, False)


@pytest.mark.parametrize("callback", ["knufficastoauth://", "flattr4j://org.example/authenticate", "app:/back"])
async def test_apps_are_redirected_to_their_own_scheme(world: World, callback: str) -> None:
    app = create_app(world, clients=[Credentials("app", "s3cret", callback)])
    for kind, mark in (("code", "?code="), ("token", "#access_token=")):
        async with make_client(app) as site:
            params = {"client_id": "app", "response_type": kind}
            back = await site.post(
                f"{BASE}/oauth/authorize", params=params, data={"username": "ada", "decision": "allow"}
            )
        assert back.headers["location"].startswith(callback + mark)


async def test_a_profile_page_has_each_label_once(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{BASE}/profile/ada")).text.count("User name") == 1


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("tube.example|cloud.example", {"one", "two", "three", "four"}),
        ("TUBE.example/watch", {"one", "two"}),
        ("www.tube.example", {"two"}),
        ("http://tube.example/watch?v=1|http://cloud.example", {"one", "four"}),
        ("http://cloud.example/", {"four"}),
        ("http://cloud.example", {"four"}),
        ("http://bar.example/a|b", {"five"}),
        ("http://tube.example", set()),
        ("|", set()),
        (".*", set()),
    ],
)
async def test_youtify_filters_by_the_hosts_that_it_plays(site: httpx.AsyncClient, url: str, found: set[str]) -> None:
    for title, address in {
        "one": "http://tube.example/watch?v=1",
        "two": "https://www.tube.example/watch?v=2",
        "three": "http://cloud.example:8080/ada/song",
        "four": "http://cloud.example",
        "five": "http://bar.example/a|b",
        "six": "http://nottube.example/?of=http://tube.example/watch",
    }.items():
        made = await site.post("things", json={"url": address, "title": title, "tags": "musik-hier"}, headers=TOKEN)
        assert made.status_code == 201
    answer = await site.get("things/search", params={"url": url, "tags": "musik-hier", "sort": "trend", "count": 100})
    assert {thing["title"] for thing in answer.json()["things"]} == found


@pytest.mark.parametrize("name", ["fid", "owner"])
async def test_an_auto_submit_address_may_name_its_user_by_their_id(site: httpx.AsyncClient, name: str) -> None:
    key = (await site.get("users/melodia")).json()["id"]
    auto = f"https://flattr.com/submit/auto?{name}={key}&url=http%3A%2F%2Fnew.example%2F"
    made = (await site.post("flattr", json={"url": auto}, headers=TOKEN)).json()["thing"]
    assert (await site.get(f"things/{made['id']}")).json()["owner"]["username"] == "melodia"
    assert (await site.get("things/lookup", params={"url": auto})).status_code == 302
    for other in (auto.replace(key, "000000"), auto.replace(key, "ü"), auto.replace(f"{name}={key}", "user_id=ada")):
        answer = await site.get("things/lookup", params={"url": other})
        assert (answer.status_code, answer.json()["error"]) == (400, "validation")
    mine = auto.replace(key, (await site.get("users/ada")).json()["id"]).replace("new.example", "mine.example")
    refused = await site.post("flattr", json={"url": mine}, headers=TOKEN)
    assert (refused.status_code, refused.json()["error"]) == (403, "flattr_owner")


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("flattr.com", True), ("www.flattr.com", True), ("127.0.0.1:8642", True), ("notflattr.com", False)],
)
async def test_an_auto_submit_address_is_the_services_or_the_sandboxs(
    site: httpx.AsyncClient, host: str, is_one: bool
) -> None:
    auto = f"http://{host}/submit/auto?user_id=melodia&url=http%3A%2F%2Fnew.example%2F"
    answer = await site.post("flattr", json={"url": auto}, headers=TOKEN)
    assert answer.status_code == (200 if is_one else 404)


@pytest.mark.parametrize(
    ("address", "title", "category"),
    [
        ("http://github.com/melodia", "melodia on GitHub", "software"),
        ("https://github.com/melodia/tuner", "melodia/tuner on GitHub", "software"),
        ("https://www.github.com/melodia/tuner/?tab=x", "melodia/tuner on GitHub", "software"),
        ("https://github.com/melodia/tuner/commit/a5331b3", "Commit on melodia/tuner", "software"),
        ("https://gist.github.com/melodia/1234", "Gist by melodia on GitHub", "software"),
        ("https://soundcloud.com/melodia/sets/alba", "melodia/sets/alba on SoundCloud", "audio"),
        ("http://twitter.com/melodia", "melodia on Twitter", "people"),
        ("https://twitter.com/melodia/status/276787", "Tweet by @melodia", "text"),
        ("https://flattr.com/submit/auto?url=https%3A%2F%2Fgithub.com%2Fmelodia", "melodia on GitHub", "software"),
    ],
)
async def test_git_flattr_flattrs_addresses_of_known_services(
    site: httpx.AsyncClient, address: str, title: str, category: str
) -> None:
    looked_up = await site.get("things/lookup", params={"url": address})
    assert (looked_up.status_code, looked_up.json()["message"]) == (200, "flattrable")
    flattred = await site.post("flattr", json={"url": address}, headers=TOKEN)
    assert flattred.status_code == 200, flattred.text
    thing = (await site.get("things/lookup", params={"url": address}, follow_redirects=True)).json()
    assert (thing["id"], thing["flattrs"]) == (flattred.json()["thing"]["id"], 1)
    assert (thing["title"], thing["category"], thing["owner"]["username"]) == (title, category, "melodia")
    again = await site.post("flattr", json={"url": address.replace("https:", "http:")}, headers=TOKEN)
    assert again.json()["error"] == "flattr_once"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("https://github.com/nobody-here/x", 404, "not_found"),
        ("https://github.com/melodia/tuner/issues/7", 404, "not_found"),
        ("https://github.com/", 404, "not_found"),
        ("https://elsewhere.example/melodia", 404, "not_found"),
        ("https://github.com/ada/engine", 403, "flattr_owner"),
    ],
)
async def test_an_unknown_address_becomes_no_thing(
    site: httpx.AsyncClient, address: str, status: int, code: str
) -> None:
    answer = await site.post("flattr", json={"url": address}, headers=TOKEN)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert (await site.get("things/lookup", params={"url": address})).status_code != 302


async def test_a_podcatcher_finds_title_and_payment_links_in_a_feed(
    http: httpx.AsyncClient, shared_world: World
) -> None:
    space = {"a": "http://www.w3.org/2005/Atom", "s": "http://activitystrea.ms/spec/1.0/"}
    keys = {}
    for path in ("users/Ada/activities", "users/ada/activities?type=incoming", "users/ada/flattrs", "users/ada/things"):
        bare, _, query = path.partition("?")
        answer = await http.get(f"{bare}.atom?access_token=read&access_token=read&{query}&access_token=read")
        assert "access_token" not in answer.text
        feed = ElementTree.fromstring(answer.content)
        keys[path] = (feed.findtext("a:id", "", space), feed.findtext("a:title", "", space))
        (page,) = feed.findall("a:link[@rel='alternate']", space)
        assert page.get("href") == f"{BASE}/profile/ada"
        for entry in feed.findall("a:entry", space):
            payment, related = (entry.find(at, space) for at in ("a:link[@rel='payment']", "s:object/a:link[2]"))
            assert payment is not None
            assert related is not None
            auto, _, target = payment.get("href", "").partition("?url=")
            assert (auto, unquote(target)) == ("https://flattr.com/submit/auto", related.get("href"))
            assert shared_world.lookup(payment.get("href", "")) is not None
    assert keys["users/Ada/activities"] == ("tag:flattr.com,2010-02:users:ada:activities", "Activities by ada")
    assert len({key for key, _ in keys.values()}) == len(keys)
