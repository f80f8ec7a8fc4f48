"""Tests of fault injection: each fault makes the sandbox fail in its own way, as often as it is configured."""

import json
import time

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, ConnectionCut, Fault, Faults, parse_faults
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import make_client


def make_faulty_client(world: World, *faults: Fault) -> tuple[httpx.AsyncClient, Faults]:
    script = Faults(faults)
    return make_client(create_app(world, rate_limit=0, faults=script)), script


async def test_faults_are_injected_in_order_and_then_requests_work(shared_world: World) -> None:
    client, faults = make_faulty_client(shared_world, Fault.fail(502), Fault.portal(), Fault.garbage())
    async with client:
        assert (await client.get("categories")).status_code == 502
        page = await client.get("categories")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        with pytest.raises(json.JSONDecodeError):
            (await client.get("categories")).json()
        assert faults.remaining == 0
        assert (await client.get("categories")).json()[0]["id"] == "text"
    assert faults.seen == ["GET /rest/v2/categories"] * 4


async def test_a_fault_waits_for_its_path_method_and_number(shared_world: World) -> None:
    client, faults = make_faulty_client(shared_world, Fault.fail(path="/rest/v2/users", method="GET", times=2))
    async with client:
        assert (await client.get("categories")).status_code == 200
        assert (await client.post("users/ada")).status_code == 405
        assert [(await client.get("users/ada")).status_code for _ in range(3)] == [503, 503, 200]
        faults.add(Fault.fail(times=FOREVER))
        assert [(await client.get("users/ada")).status_code for _ in range(3)] == [503] * 3
        faults.clear()
        assert (await client.get("users/ada")).status_code == 200


async def test_a_slow_response_is_late_and_correct(shared_world: World) -> None:
    client, _ = make_faulty_client(shared_world, Fault.slow(0.05))
    async with client:
        start = time.perf_counter()
        assert (await client.get("categories")).status_code == 200
        assert time.perf_counter() - start >= 0.05


async def test_a_cut_is_an_exception_in_process(shared_world: World) -> None:
    client, _ = make_faulty_client(shared_world, Fault.cut(10))
    async with client:
        with pytest.raises(ConnectionCut):
            await client.get("categories")
        assert (await client.get("categories")).status_code == 200


def test_a_cut_and_a_wrong_length_break_a_real_connection(shared_world: World) -> None:
    faults = Faults([Fault.cut(10), Fault.wrong_length(5), Fault.cut()])
    with serving(create_app(shared_world, faults=faults)) as root, httpx.Client() as client:
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(f"{root}/rest/v2/categories")
        assert client.get(f"{root}/rest/v2/categories").status_code == 200


async def test_records_are_put_into_lists_and_searches(shared_world: World) -> None:
    client, _ = make_faulty_client(
        shared_world, Fault.inject(None, {"type": "flattr"}), Fault.inject({"id": "x"}, at=1)
    )
    async with client:
        flattrs = (await client.get("users/ada/flattrs?count=2")).json()
        assert flattrs[:2] == [None, {"type": "flattr"}]
        assert len(flattrs) == 4
        things = (await client.get("things/search?count=2")).json()["things"]
        assert things[1] == {"id": "x"}


async def test_a_flood_has_the_given_length(shared_world: World) -> None:
    client, _ = make_faulty_client(shared_world, Fault.flood(200_000))
    async with client:
        answer = await client.get("users/ada/flattrs")
    assert (answer.status_code, len(answer.content)) == (200, 200_000)


async def test_a_redirect_leads_elsewhere(shared_world: World) -> None:
    client, _ = make_faulty_client(shared_world, Fault.redirect("http://elsewhere.example/"))
    async with client:
        answer = await client.get("categories")
    assert (answer.status_code, answer.headers["location"]) == (302, "http://elsewhere.example/")


async def test_the_world_changes_between_pages(world: World) -> None:
    thing = world.flattrs_of("melodia", count=1, page=1)[0].thing.id
    later = 2_000_000_000
    change = Fault.between(lambda changed: changed.insert_flattr("ada", thing, later))
    client, faults = make_faulty_client(world)
    async with client:
        first = (await client.get("users/ada/flattrs?count=2&page=1")).json()
        faults.add(change)
        second = (await client.get("users/ada/flattrs?count=2&page=2")).json()
    assert second[0] == first[1]


def test_a_fault_with_a_chance_of_half_happens_about_half_the_time() -> None:
    faults = parse_faults(["fail=0.5"])
    is_failing = [faults.take("GET", "/rest/v2/user") is not None for _ in range(200)]
    assert 60 < sum(is_failing) < 140
    assert faults.take("GET", "/oauth/authorize") is None


async def test_faults_of_the_command_line(world: World) -> None:
    for text, status in (("fail=1", 503), ("portal=1", 200), ("garbage=1", 200), ("change=1", 200), ("slow=0", 200)):
        async with make_client(create_app(world, faults=parse_faults([text]))) as client:
            assert (await client.get("users/ada/flattrs")).status_code == status


@pytest.mark.parametrize("text", ["", "slow", "slow=", "slow=-1", "fail=2", "fail=nan", "cut=x", "burn=1"])
def test_an_invalid_fault_is_explained_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_faults([text])
