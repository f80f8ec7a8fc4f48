"""Tests that the sandbox serves every method of the client's table, only in the formats that the table lists."""

import httpx
import pytest
import yaml
from defusedxml import ElementTree

from flattr_tui.api.method_table import CONTENT_TYPES, METHODS, Format, Method
from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World

STATUS = {"lookup": 302, "create-thing": 201, "delete-thing": 204, "unsubscribe": 204}


def request_of(method: Method, world: World) -> tuple[str, dict[str, str]]:
    """Return the path, and the fields of the query or body, for a call of `method` that succeeds."""
    others = [row.id for row in world.search(ThingSearch(user="melodia"), count=100, page=1)[1]]
    touched = world.has_flattred("ada", others) | world.has_subscribed("ada", others)
    untouched_id = next(thing_id for thing_id in others if thing_id not in touched)
    own = world.things_of("ada", count=1, page=1)[0]
    if method.name in {"toggle-subscription", "unsubscribe"}:
        world.subscribe("ada", untouched_id)
    thing_id = str(own.id if method.name in {"update-thing", "delete-thing"} else untouched_id)
    if method.name == "things":
        thing_id = f"{untouched_id},{own.id}"
    path = method.path.replace(":username", "ada").replace(":id", thing_id)
    row = world.thing(untouched_id)
    assert row is not None
    url = "http://new.example/" if method.name == "create-thing" else row.url
    return path, {"url": url} if any(parameter.name == "url" for parameter in method.parameters) else {}


@pytest.mark.parametrize("fmt", Format)
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_a_method_is_served_in_its_formats(
    site: httpx.AsyncClient, world: World, method: Method, fmt: Format
) -> None:
    path, values = request_of(method, world)
    arguments = {"params": values} if method.verb == "GET" else {"json": values}
    if method.name == "search":
        arguments = {"params": {"query": "a"}}
    headers = {"Authorization": "Bearer all"}
    answer = await site.request(method.verb, f"{path[1:]}.{fmt}", headers=headers, **arguments)  # type: ignore[arg-type]
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
        # YAML includes JSON: this parses JSON, YAML and activity streams.
        assert yaml.safe_load(answer.content)


@pytest.mark.parametrize("method", [method for method in METHODS if method.private], ids=lambda method: method.name)
async def test_private_methods_are_refused_without_a_token(
    site: httpx.AsyncClient, world: World, method: Method
) -> None:
    path, values = request_of(method, world)
    answer = await site.request(method.verb, path[1:], json=values)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
