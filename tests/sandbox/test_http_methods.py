"""Every method of the client's table is served, in every format that the table says it has, and in no other."""

import httpx
import pytest
import yaml
from defusedxml import ElementTree

from flattr_tui.api.methods import CONTENT_TYPES, METHODS, Format, Method
from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World

STATUS = {"lookup": 302, "create-thing": 201, "delete-thing": 204, "unsubscribe": 204}


def request_of(method: Method, world: World) -> tuple[str, dict[str, str]]:
    """The path of a call that works, and what goes into its query or body."""
    others = [row.id for row in world.search(ThingSearch(user="melodia"), count=100, page=1)[1]]
    held = world.has_flattred("ada", others) | world.has_subscribed("ada", others)
    fresh = next(thing_id for thing_id in others if thing_id not in held)
    own = world.things_of("ada", count=1, page=1)[0]
    if method.name in {"toggle-subscription", "unsubscribe"}:
        world.subscribe("ada", fresh)
    thing_id = str(own.id if method.name in {"update-thing", "delete-thing"} else fresh)
    if method.name == "things":
        thing_id = f"{fresh},{own.id}"
    path = method.path.replace(":username", "ada").replace(":id", thing_id)
    row = world.thing(fresh)
    assert row is not None
    url = "http://new.example/" if method.name == "create-thing" else row.url
    return path, {"url": url} if any(parameter.name == "url" for parameter in method.parameters) else {}


@pytest.mark.parametrize("fmt", Format)
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_a_method_is_served_in_its_formats(
    site: httpx.AsyncClient, world: World, method: Method, fmt: Format
) -> None:
    path, values = request_of(method, world)
    sent = {"params": values} if method.verb == "GET" else {"json": values}
    if method.name == "search":
        sent = {"params": {"query": "a"}}
    headers = {"Authorization": "Bearer all"}
    answer = await site.request(method.verb, f"{path[1:]}.{fmt}", headers=headers, **sent)  # type: ignore[arg-type]
    expected = STATUS.get(method.name, 200)
    if expected == 204:
        assert (answer.status_code, answer.content) == (204, b"")
        return
    if fmt not in method.formats:
        assert answer.status_code == 406
        return
    assert answer.status_code == expected, answer.text
    assert answer.headers["content-type"] == f"{CONTENT_TYPES[fmt]}; charset=utf-8"
    if fmt in {Format.XML, Format.ATOM}:
        ElementTree.fromstring(answer.content)
    else:
        # JSON is YAML, so this reads all three.
        assert yaml.safe_load(answer.content)


@pytest.mark.parametrize("method", [method for method in METHODS if method.private], ids=lambda method: method.name)
async def test_what_needs_a_token_is_refused_without(site: httpx.AsyncClient, world: World, method: Method) -> None:
    path, values = request_of(method, world)
    answer = await site.request(method.verb, path[1:], json=values)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
