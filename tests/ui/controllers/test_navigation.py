"""Tests of the lookup controller without an app: it finds the thing that a typed text refers to."""

import pytest

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.ui.controllers.navigation import LookupController
from tests.library.library_fixtures import run_library, settle
from tests.ui.controllers.stand_in_host import StandInHost
from tests.ui.workspace import Workspace


def test_an_id_and_a_page_s_address_need_no_server(workspace: Workspace) -> None:
    host = StandInHost(workspace.library(offline=True))
    lookup = LookupController(host)
    lookup.open_thing(" 7 ")
    lookup.open_thing("https://flattr.com/thing/8/a-song")
    assert host.opened == [Thing(id=7), Thing(id=8)]


@pytest.mark.parametrize(
    ("is_known", "notices"), [(True, []), (False, ["There is no thing for https://example.org/nowhere."])]
)
async def test_the_server_knows_other_addresses(workspace: Workspace, is_known: bool, notices: list[str]) -> None:
    library, number = workspace.library(), workspace.find_untouched_thing()
    thing = workspace.world.thing(number)
    assert thing is not None
    address = thing.url if is_known else "https://example.org/nowhere"
    host = StandInHost(library)
    lookup = LookupController(host)
    async with run_library(library):
        lookup.open_thing(address)
        assert host.opened == []
        await settle(library)
        lookup.record_changed(ApiRequest.of("lookup", url="https://example.org/another"))
        assert host.opened == []
        lookup.record_changed(ApiRequest.of("lookup", url=address))
    assert host.opened == ([Thing(id=number)] if is_known else [])
    assert host.notices == notices


def test_offline_an_unknown_address_gets_a_notice(workspace: Workspace) -> None:
    host = StandInHost(workspace.library(offline=True))
    lookup = LookupController(host)
    lookup.open_thing("example.org/song")
    lookup.open_thing("ftp://example.org")
    assert host.opened == []
    assert [notice.partition(" ")[0] for notice in host.notices] == ["Offline:", "ftp://example.org"]
