"""Tests of the accounts controller without an app: logging in and out, and actions that wait for a login."""

import pytest

from flattr_tui.api.errors import TokenLeftError
from flattr_tui.api.token_store import TokenStore
from flattr_tui.ui.controllers.accounts import KEEP, LOG_IN, LOG_OUT, LOGGED_OUT, AccountsController
from flattr_tui.ui.screens.login_dialogs import BrowserLoginDialog, ConsentDialog
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, ConfirmDialog
from tests.ui.controllers.stand_in_host import StandInHost
from tests.ui.workspace import Workspace


async def test_an_action_that_waited_continues_after_the_login(workspace: Workspace) -> None:
    host, continued = StandInHost(workspace.library()), []
    accounts = AccountsController(host)
    accounts.log_in(lambda: continued.append(host.library.account), "Flattring needs a login.")
    await host.settle()
    assert isinstance(host.dialogs[-1][0], ConsentDialog)
    accounts.answer("ada")
    await host.settle()
    assert continued == ["ada"]
    assert host.notices == ["Flattring needs a login.", "Logged in as ada at sandbox."]
    assert host.redrawn == ["account"]


async def test_a_cancelled_login_runs_the_alternative(workspace: Workspace) -> None:
    host, done = StandInHost(workspace.library()), []
    accounts = AccountsController(host)
    accounts.log_in(lambda: done.append("after"), otherwise=lambda: done.append("otherwise"))
    await host.settle()
    accounts.cancel()
    await host.settle()
    assert done == ["otherwise"]
    assert host.library.account == ""


async def test_only_one_login_runs(workspace: Workspace) -> None:
    host = StandInHost(workspace.library())
    accounts = AccountsController(host)
    for _ in range(2):
        accounts.log_in()
        await host.settle()
    assert [type(dialog) for dialog, _ in host.dialogs] == [ConsentDialog]


@pytest.mark.parametrize("answer", ["ada", ""])
async def test_actions_that_wait_for_one_login_all_continue(workspace: Workspace, answer: str) -> None:
    host = StandInHost(workspace.library())
    done: list[str] = []

    def wait_for_login(name: str) -> None:
        accounts.log_in(lambda: done.append(f"after {name}"), otherwise=lambda: done.append(f"without {name}"))

    accounts = AccountsController(host)
    wait_for_login("1")
    wait_for_login("2")  # before the screen is shown
    await host.settle()
    wait_for_login("3")
    await host.settle()
    accounts.answer(answer) if answer else accounts.cancel()
    await host.settle()
    word = "after" if answer else "without"
    assert done == [f"{word} 1", f"{word} 2", f"{word} 3"]
    assert [type(dialog) for dialog, _ in host.dialogs] == [ConsentDialog]


async def test_a_denied_login_is_notified(workspace: Workspace) -> None:
    host = StandInHost(workspace.library())
    accounts = AccountsController(host)
    accounts.log_in()
    await host.settle()
    accounts.answer("ada", allow=False)
    await host.settle()
    assert host.library.account == ""
    assert host.notices[-1].startswith("Not logged in: ")


async def test_a_login_with_a_browser_opens_its_address(workspace: Workspace) -> None:
    host = StandInHost(workspace.library())
    accounts = AccountsController(host)
    accounts.log_in_with_browser()
    await host.settle(steps=2)  # the third step would wait for the browser
    assert isinstance(host.dialogs[-1][0], BrowserLoginDialog)
    assert "/oauth/authorize?" in str(host.opened[-1])
    accounts.cancel()
    await host.settle()


async def test_the_menu_offers_the_other_accounts(workspace: Workspace) -> None:
    workspace.grant("ada")
    workspace.grant("melodia")
    host = StandInHost(workspace.library("ada"))
    AccountsController(host).show_menu()
    await host.settle()
    dialog = host.dialogs[-1][0]
    assert isinstance(dialog, ChoiceDialog)
    assert [name for name, _ in dialog._answers] == ["be melodia", LOG_IN, LOGGED_OUT, LOG_OUT]
    await host.answer("be melodia")
    assert host.library.account == "melodia"
    assert host.notices == ["Logged in as melodia at sandbox."]


async def test_logging_out_asks_what_to_keep(workspace: Workspace) -> None:
    workspace.grant("ada")
    host = StandInHost(workspace.library("ada"))
    AccountsController(host).ask_log_out()
    await host.answer(KEEP)
    assert host.library.account == ""
    assert host.notices == ["ada is logged out."]
    assert workspace.removed == []


async def test_logging_out_says_where_a_token_is_left(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(store: TokenStore, source: str, account: str) -> None:
        raise TokenLeftError("the token of ada may still be in the keyring.")

    workspace.grant("ada")
    host = StandInHost(workspace.library("ada"))
    monkeypatch.setattr(TokenStore, "remove", refuse)
    AccountsController(host).ask_log_out()
    await host.answer(KEEP)
    assert host.library.account == ""
    assert host.notices == ["The token of ada may still be in the keyring."]


async def test_a_login_that_ended_is_offered_again_once(workspace: Workspace) -> None:
    workspace.grant("ada")
    host = StandInHost(workspace.library("ada"))
    accounts = AccountsController(host)
    accounts.offer_login()
    accounts.offer_login()
    assert [type(dialog) for dialog, _ in host.dialogs] == [ConfirmDialog]
    await host.answer(False)
    accounts.offer_login()
    assert len(host.dialogs) == 1


async def test_without_accounts_a_login_gets_a_notice(workspace: Workspace) -> None:
    host = StandInHost(workspace.library())
    host.library.accounts = None
    accounts = AccountsController(host)
    accounts.show_menu()
    accounts.log_in()
    assert len(host.notices) == 2
    assert host.dialogs == []
