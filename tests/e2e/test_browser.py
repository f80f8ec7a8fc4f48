"""The consent page in a real browser without JavaScript, answered by keyboard; the browser comes back by itself."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.tokens import TokenStore
from flattr_tui.library.account.accounts import Accounts, login_config
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: apt-get install chromium")
SECONDS = 30


class Browser:
    """Chromium without a window, driven through a pair of pipes (the DevTools protocol)."""

    def __init__(self, folder: Path) -> None:
        there, self._to = os.pipe()
        self._from, here = os.pipe()
        self._process = subprocess.Popen(
            [
                "bash", "-c", f'exec "$@" 3<&{there} 4>&{here}', "bash", CHROMIUM,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={folder}",
                "about:blank",
            ],
            pass_fds=(there, here), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(there)
        os.close(here)
        self._read = b""
        self._number = 0
        self._session = ""
        target = next(t for t in self("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self("Emulation.setScriptExecutionDisabled", value=True)
        self("Page.enable")

    def __call__(self, method: str, **parameters: Any) -> Any:
        """Send a command, and return its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> Any:
        while b"\0" not in self._read:
            came = os.read(self._from, 65_536)
            assert came, "Chromium ended"
            self._read += came
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def open(self, address: str) -> None:
        """Go to a page, and wait until it is there."""
        self("Page.navigate", url=address)
        self.loaded()

    def loaded(self) -> None:
        """Wait until a page is there."""
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            told = {"text": text} if text and kind == "keyDown" else {}
            self("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **told)

    def type(self, text: str) -> None:
        """Type a text."""
        for character in text:
            self.press(character, ord(character.upper()), character)

    @property
    def text(self) -> str:
        """What the page says."""
        nodes = self("DOMSnapshot.captureSnapshot", computedStyles=[])
        return " ".join(nodes["strings"])

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(SECONDS)
        os.close(self._to)
        os.close(self._from)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(tmp_path / "chromium")
    yield browser
    browser.close()


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_person_with_a_browser_logs_in_by_keyboard(browser: Browser, tmp_path: Path, decision: str) -> None:
    with World.open(None) as world, serving(create_app(world)) as root:
        source = parse_source(f"{root}/rest/v2")
        tokens = TokenStore(tmp_path / "tokens.json", use_keyring=False, environment={})
        accounts = Accounts(source, login_config(source), tokens)

        def answer(address: str) -> str:
            browser.open(address)
            assert "This is a sandbox." in browser.text
            browser.press("Tab", 9)
            browser.type("melodia")
            for _ in range(1 if decision == "allow" else 2):
                browser.press("Tab", 9)
            browser.press("Enter", 13, "\r")
            browser.loaded()
            return browser.text

        async with await accounts.begin(browser=True) as attempt, asyncio.timeout(SECONDS):
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
