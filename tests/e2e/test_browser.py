"""Tests of the consent page in a real browser without JavaScript, used by keyboard; its redirect ends the login."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.api.token_store import TokenStore
from flattr_tui.library.account.account_manager import AccountManager, login_config
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.e2e.browser import SECONDS, Browser, needs_chromium

pytestmark = needs_chromium


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(tmp_path / "chromium")
    yield browser
    browser.close()


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_user_logs_in_by_keyboard(browser: Browser, tmp_path: Path, decision: str) -> None:
    with World.open(None) as world, serving(create_app(world)) as root:
        source = parse_source(f"{root}/rest/v2")
        tokens = TokenStore(tmp_path / "tokens.json", use_keyring=False, environment={})
        accounts = AccountManager(source, login_config(source), tokens)

        def answer(address: str) -> str:
            browser.open(address)
            assert "This is a sandbox." in browser.text
            browser.press("Tab", 9)
            browser.type("melodia")
            for _ in range(1 if decision == "allow" else 2):
                browser.press("Tab", 9)
            browser.press("Enter", 13, "\r")
            browser.wait_for_load()
            return browser.text

        async with await accounts.start_login(browser=True) as attempt, asyncio.timeout(SECONDS):
            waiting = asyncio.create_task(attempt.wait())
            page = await asyncio.to_thread(answer, attempt.address)
            if decision == "allow":
                assert await waiting == "melodia"
                assert "Logged in" in page
            else:
                with pytest.raises(Exception, match="declined"):
                    await waiting
                assert "Not logged in" in page
        assert tokens.accounts(source.name) == (("melodia",) if decision == "allow" else ())
        await accounts.aclose()
