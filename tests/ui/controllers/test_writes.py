"""Tests of the writes controller without an app: its questions, the writes that it sends, and its notices."""

import pytest

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Subscription, Thing, User
from flattr_tui.ui.controllers.accounts import AccountsController
from flattr_tui.ui.controllers.bookmarks import BookmarksController
from flattr_tui.ui.controllers.writes import WritesController
from flattr_tui.ui.screens.login_dialogs import ConsentDialog
from flattr_tui.ui.screens.thing_form_dialog import ThingFormDialog
from flattr_tui.ui.widgets.dialogs import ConfirmDialog
from tests.ui.controllers.stand_in_host import StandInHost, StandInPage
from tests.ui.workspace import Workspace


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    workspace.grant()
    return StandInHost(workspace.library("ada"))


def make_writes(host: StandInHost) -> WritesController:
    return WritesController(host, AccountsController(host), BookmarksController(host))


def thing(number: int, owner: str = "melodia") -> Thing:
    return Thing(id=number, title="A song", owner=User(username=owner))


async def test_a_flattr_is_confirmed_sent_and_notified(host: StandInHost, workspace: Workspace) -> None:
    writes, number = make_writes(host), workspace.find_untouched_thing()
    host.page = StandInPage(thing(number))
    writes.flattr()
    assert isinstance(host.dialogs[-1][0], ConfirmDialog)
    assert not workspace.world.has_flattred("ada", [number])
    await host.answer(True)
    assert workspace.world.has_flattred("ada", [number])
    assert [notice.startswith("Flattred") for notice in host.notices] == [True]
    assert "items" in host.redrawn


async def test_a_flattr_that_is_not_confirmed_is_not_sent(host: StandInHost, workspace: Workspace) -> None:
    writes, number = make_writes(host), workspace.find_untouched_thing()
    host.page = StandInPage(thing(number))
    writes.flattr()
    await host.answer(False)
    assert not workspace.world.has_flattred("ada", [number])
    assert host.notices == []


async def test_an_own_thing_is_refused_before_anything_is_asked(host: StandInHost) -> None:
    writes = make_writes(host)
    host.page = StandInPage(thing(1, "Ada"))
    for action in ("flattr", "subscribe"):
        assert not writes.checks[action]()
        writes.explain_refusal(action)
        assert "your own things" in host.notices[-1]
    assert host.dialogs == []


async def test_without_a_login_the_write_waits_for_one(workspace: Workspace) -> None:
    host, number = StandInHost(workspace.library()), workspace.find_untouched_thing()
    accounts = AccountsController(host)
    writes = WritesController(host, accounts, BookmarksController(host))
    host.page = StandInPage(thing(number))
    writes.flattr()
    await host.answer(True)
    assert isinstance(host.dialogs[-1][0], ConsentDialog)
    accounts.answer("ada")
    await host.settle()
    assert workspace.world.has_flattred("ada", [number])


async def test_a_subscription_under_the_cursor_is_paused_or_resumed(host: StandInHost, workspace: Workspace) -> None:
    writes = make_writes(host)
    host.page = StandInPage(Subscription(thing=thing(workspace.find_untouched_thing()), active=False))
    writes.subscribe()
    dialog = host.dialogs[-1][0]
    assert isinstance(dialog, ConfirmDialog)
    assert "esume" in dialog._question


def test_keys_work_where_there_is_something_to_act_on(host: StandInHost) -> None:
    checks = make_writes(host).checks

    def usable_actions() -> set[str]:
        return {action for action, check in checks.items() if check()}

    host.page = None
    assert usable_actions() == {"create"}
    host.page = StandInPage(thing(1))
    assert usable_actions() == {"create", "flattr", "subscribe", "unsubscribe"}
    host.page = StandInPage(thing(1, "ada"))
    assert usable_actions() == {"create", "unsubscribe", "edit", "delete"}
    host.page = StandInPage(Thing(id=1), ApiRequest.of("my-things"))  # here the service leaves out the owner
    assert "edit" in usable_actions()
    host.library.writes = None
    assert usable_actions() == set()


async def test_a_thing_that_is_not_confirmed_goes_back_to_its_form(host: StandInHost) -> None:
    make_writes(host).create()
    assert isinstance(host.dialogs[-1][0], ThingFormDialog)
    await host.answer({"url": "https://example.org/song"})
    assert isinstance(host.dialogs[-1][0], ConfirmDialog)
    await host.answer(False)
    assert isinstance(host.dialogs[-1][0], ThingFormDialog)


async def test_an_address_without_a_scheme_is_not_flattred(host: StandInHost) -> None:
    make_writes(host).flattr_address("nowhere")
    assert host.dialogs == []
    assert "https://" in host.notices[0]
