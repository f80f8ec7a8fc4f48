"""Tests of requests of unusual form but clear meaning: unusual paths, bodies and headers that must work."""

from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE

TOKEN = {"Authorization": "Bearer all"}


@pytest.mark.parametrize("path", ["users/ada%2Fflattrs", "users%2Fada", "users/ada%2fthings", "things/1%2Fflattrs"])
async def test_an_encoded_slash_is_part_of_a_name(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_a_double_slash_after_the_api_root_is_accepted(
    http: httpx.AsyncClient,
) -> None:
    plain = await http.get(f"{BASE}/rest/v2/users/ada")
    assert (await http.get(f"{BASE}/rest/v2//users/ada")).json() == plain.json()
    assert (await http.get(f"{BASE}/rest/v2//user")).status_code == 401


async def test_the_address_of_the_api_is_the_same_without_its_slash(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{BASE}/rest/v2?jsonp=page.show")
    assert answer.text.startswith('page.show({"message":"hello_world"')
    preflight = await http.options(f"{BASE}/rest/v2")
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")


@pytest.mark.parametrize("page", ["9" * 30, "9" * 5000])
async def test_a_list_has_ended_however_large_the_page(http: httpx.AsyncClient, page: str) -> None:
    answer = await http.get(f"users/ada/flattrs?page={page}")
    assert (answer.status_code, answer.json()) == (200, [])
    assert (await http.get(f"users/ada/flattrs?count={page}")).status_code == 200
    assert (await http.get(f"users/ada/flattrs?count={'0' * len(page)}")).status_code == 400


@pytest.mark.parametrize("accept", ["text/javascript", "application/javascript;q=0.9", "text/json"])
async def test_jsonp_matches_the_media_types_of_scripts(http: httpx.AsyncClient, accept: str) -> None:
    answer = await http.get("categories?jsonp=show", headers={"Accept": accept})
    assert (answer.status_code, answer.text[:6]) == (200, "show([")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/vnd.api+json", ""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
async def test_a_json_object_is_read_whatever_its_content_type(site: httpx.AsyncClient, kind: str, mark: bytes) -> None:
    headers = TOKEN | ({"Content-Type": kind} if kind else {})
    body = mark + '{"url": "http://new.example/", "title": "Ü"}'.encode()
    made = await site.post("things", content=body, headers=headers)
    assert made.status_code == 201, made.text
    assert (await site.get(f"things/{made.json()['id']}")).json()["title"] == "Ü"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=ISO-8859-1", b"url=http://new.example/&title=%DC"),
        ("application/x-www-form-urlencoded;charset=windows-1252", b"url=http://new.example/&title=\xdc"),
        ('application/json; charset="iso-8859-1"', b'{"url": "http://new.example/", "title": "\xdc"}'),
        ("application/json", '{"url": "http://new.example/", "title": "Ü"}'.encode("utf-16")),
        ("application/json; charset=iso-8859-1", '{"url": "http://new.example/", "title": "Ü"}'.encode()),
        ("application/x-www-form-urlencoded; charset=no-such", b"url=http://new.example/&title=%C3%9C"),
    ],
)
async def test_a_body_is_read_in_the_encoding_that_it_is_in(site: httpx.AsyncClient, kind: str, body: bytes) -> None:
    made = await site.post("things", content=body, headers=TOKEN | {"Content-Type": kind})
    assert made.status_code == 201, made.text
    assert (await site.get(f"things/{made.json()['id']}")).json()["title"] == "Ü"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"url=http://new.example/&title=%DC"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"url=http://new.example/&title=\xdc"),
        ("application/json", b'{"url": "http://new.example/", "title": "\xdc"}'),
        ("application/json", b'{"url": "http://new.example/", "title": NaN}'),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"no part of it"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="url"; filename="f"\r\n\r\n'),
    ],
)
async def test_an_unreadable_body_is_refused_and_creates_nothing(
    site: httpx.AsyncClient, kind: str, body: bytes
) -> None:
    answer = await site.post("things", content=body, headers=TOKEN | {"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await site.get("things/lookup?url=http://new.example/")).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"code": "x"}, {"grant_type": ""}])
async def test_a_missing_grant_type_is_an_invalid_request(site: httpx.AsyncClient, fields: dict[str, str]) -> None:
    answer = await site.post(f"{BASE}/oauth/token", data=fields, auth=("flattr-tui", "sandbox"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "grant_type" in answer.json()["error_description"]


@pytest.mark.parametrize("front", ["", "http://api.flattr.com", "HTTPS://api.flattr.com:443"])
@pytest.mark.parametrize("target", ["/rest/v2/users/ada?full=1", "/rest/v2//users/a%64a", "/"])
def test_an_absolute_request_target_is_served_by_its_path(shared_world: World, front: str, target: str) -> None:
    with serving(create_app(shared_world, rate_limit=0)) as root:
        connection = HTTPConnection(root.removeprefix("http://"), timeout=5)
        with closing(connection):
            connection.request("GET", front + target)
            answer = connection.getresponse()
            body = answer.read()
    assert answer.status == 200
    assert (b'"username":"ada"' in body) is ("users" in target)
