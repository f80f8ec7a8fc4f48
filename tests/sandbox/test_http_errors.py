"""Tests of the documented errors of API methods that read: their status, their code and their format."""

import httpx
import pytest
from defusedxml import ElementTree

from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import API, BASE
from tests.sandbox.sandbox_requests import BEARER, BEARER_ALL, assert_refused, most_flattred_ids


async def test_unknown_things_are_left_out_and_only_unknown_ones_are_not_found(
    http: httpx.AsyncClient, shared_world: World
) -> None:
    known = most_flattred_ids(shared_world, 1)[0]
    assert [thing["id"] for thing in (await http.get(f"things/1,{known},2")).json()] == [known]
    assert_refused(await http.get("things/1,2"), 404, "not_found")


async def test_a_comma_between_ids_is_refused_when_it_is_encoded(http: httpx.AsyncClient, shared_world: World) -> None:
    first, second = most_flattred_ids(shared_world, 2)
    for comma in ("%2C", "%2c"):
        request = http.build_request("GET", httpx.URL(f"{API}things/{first}{comma}{second}"))
        assert comma.encode() in request.url.raw_path
        assert_refused(await http.send(request), 400, "invalid_parameters")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("users/no-such-user", 404, "not_found"),
        ("users/no-such-user/flattrs", 404, "not_found"),
        ("users/no-such-user/things", 404, "not_found"),
        ("users/no-such-user/activities.as", 404, "not_found"),
        ("things/nothing_here", 404, "not_found"),
        ("things/1", 404, "not_found"),
        ("things/99999999999999999999", 404, "not_found"),
        ("things/1/flattrs", 404, "not_found"),
        ("things/-1", 404, "not_found"),
        ("nothing", 404, "not_found"),
        ("users/ada/nothing", 404, "not_found"),
        ("things", 400, "invalid_parameters"),
        ("things?id=a,b", 400, "invalid_parameters"),
        ("things/" + ",".join(map(str, range(101))), 400, "invalid_parameters"),
        ("things/lookup", 400, "invalid_parameters"),
        ("things/lookup?url=nonsense", 400, "validation"),
        ("things/search?sort=best", 400, "invalid_parameters"),
        ("users/ada/flattrs?count=0", 400, "invalid_parameters"),
        ("users/ada/flattrs?count=-1", 400, "invalid_parameters"),
        ("users/ada/flattrs?count=many", 400, "invalid_parameters"),
        ("users/ada/flattrs?count=1.5", 400, "invalid_parameters"),
        ("users/ada/flattrs?page=0", 400, "invalid_parameters"),
        ("users/ada/activities?type=sideways", 400, "invalid_parameters"),
        ("categories?jsonp=alert(1)", 400, "invalid_parameters"),
        ("users/ada/activities.json", 406, "not_acceptable"),
        ("users/ada/activities.xml", 406, "not_acceptable"),
        ("users/ada.atom", 406, "not_acceptable"),
        ("categories.as", 406, "not_acceptable"),
        ("categories.csv", 406, "not_acceptable"),
        ("categories.JSON", 406, "not_acceptable"),
        ("categories.csv/", 406, "not_acceptable"),
        ("languages.html", 406, "not_acceptable"),
        ("rate_limit.txt", 406, "not_acceptable"),
        ("users/ada.txt", 406, "not_acceptable"),
        ("users/ada.", 404, "not_found"),
        ("users/nobody.txt", 404, "not_found"),
        ("users/ada/flattrs.rss", 406, "not_acceptable"),
        ("users/ada/things.csv", 406, "not_acceptable"),
        ("users/ada/activities.rss", 406, "not_acceptable"),
        ("user.txt", 406, "not_acceptable"),
        ("user/subscriptions.txt", 406, "not_acceptable"),
        ("things/search.txt?query=a", 406, "not_acceptable"),
        ("things/lookup.txt?url=http://x.example/", 406, "not_acceptable"),
        ("things/1.txt", 406, "not_acceptable"),
        ("things/1,2.txt", 406, "not_acceptable"),
        ("things/1.txt/flattrs", 406, "not_acceptable"),
        ("nothing.txt", 404, "not_found"),
        ("user", 401, "unauthorized"),
        ("user/flattrs", 401, "unauthorized"),
        ("user/things", 401, "unauthorized"),
        ("user/activities", 401, "unauthorized"),
        ("user/subscriptions", 401, "unauthorized"),
    ],
)
async def test_wrong_requests_get_the_documented_error(
    http: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await http.get(path)
    if answer.headers["content-type"].startswith("text/xml"):
        assert ElementTree.fromstring(answer.content).findtext("error") == code
        assert answer.status_code == status
    else:
        assert_refused(answer, status, code)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_unknown_token_is_unauthorized_everywhere(http: httpx.AsyncClient) -> None:
    answer = await http.get("categories", headers={"Authorization": "Bearer wrong"})
    assert_refused(answer, 401, "unauthorized")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_client_may_send_its_credentials_where_no_token_is_needed(http: httpx.AsyncClient) -> None:
    # flattr/php-flattr-client and smgt/flattr do this before they have a token.
    assert (await http.get("categories", auth=("flattr-tui", "sandbox"))).status_code == 200
    assert_refused(await http.get("user", auth=("flattr-tui", "sandbox")), 401, "unauthorized")


async def test_subscriptions_need_the_scope(http: httpx.AsyncClient) -> None:
    assert_refused(await http.get("user/subscriptions", headers=BEARER), 403, "insufficient_scope")
    assert (await http.get("user/subscriptions", headers=BEARER_ALL)).status_code == 200


async def test_a_lookup_for_another_owner_is_refused(http: httpx.AsyncClient, shared_world: World) -> None:
    row = shared_world.thing(most_flattred_ids(shared_world, 1)[0])
    assert row is not None
    auto = f"http://flattr.com/submit/auto?url={row.url}&user_id=somebody"
    assert_refused(await http.get("things/lookup", params={"url": auto}), 400, "validation")


async def test_errors_come_in_the_format_that_was_asked_for(http: httpx.AsyncClient) -> None:
    answer = await http.get("users/no-such-user.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert ElementTree.fromstring(answer.content).findtext("error") == "not_found"


async def test_outside_of_the_api_errors_are_json_as_well(http: httpx.AsyncClient) -> None:
    assert_refused(await http.get(f"{BASE}/nothing"), 404, "not_found")
    answer = await http.get(f"{BASE}/oauth/token")
    assert_refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]
