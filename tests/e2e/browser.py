"""Headless Chromium, controlled through a pair of pipes."""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pty.screen import Screen

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: apt-get install chromium")
SECONDS = 30
"""Seconds to wait for Chromium, or for a process."""


class Browser:
    """Headless Chromium, controlled through a pair of pipes (the DevTools protocol)."""

    def __init__(self, folder: Path, *, scripts: bool = False) -> None:
        child_input, self._to = os.pipe()
        self._from, child_output = os.pipe()
        self._process = subprocess.Popen(
            [
                "bash", "-c", f'exec "$@" 3<&{child_input} 4>&{child_output}', "bash", CHROMIUM,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={folder}",
                "about:blank",
            ],
            pass_fds=(child_input, child_output),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(child_input)
        os.close(child_output)
        self._read = b""
        self._number = 0
        self._session = ""
        target = next(t for t in self("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self("Emulation.setScriptExecutionDisabled", value=not scripts)
        self("Page.enable")

    def __call__(self, method: str, **parameters: Any) -> Any:
        """Send a command of the DevTools protocol, and return its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while (message := self._read_message()).get("id") != self._number:
            pass
        assert "error" not in message, message
        return message["result"]

    def _read_message(self) -> Any:
        while b"\0" not in self._read:
            assert select.select([self._from], [], [], SECONDS)[0], f"no message from Chromium within {SECONDS} s"
            data = os.read(self._from, 65_536)
            assert data, "Chromium ended"
            self._read += data
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def open(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self("Page.navigate", url=address)
        self.wait_for_load()

    def wait_for_load(self) -> None:
        """Wait until a page is loaded."""
        while self._read_message().get("method") != "Page.loadEventFired":
            pass

    def press(self, key: str, code: int, text: str = "", *, control: bool = False) -> None:
        """Press and release a key with a DOM name and a key code. `text` is the text that the key types.

        With `control`, the control key is held down.
        """
        for kind in ("keyDown", "keyUp"):
            options: dict[str, Any] = {"text": text} if text and kind == "keyDown" else {}
            options |= {"modifiers": 2} if control else {}
            self("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **options)

    def type(self, text: str) -> None:
        """Type a text."""
        for character in text:
            self.press(character, ord(character.upper()), character)

    @property
    def text(self) -> str:
        """All texts of the page's document."""
        nodes = self("DOMSnapshot.captureSnapshot", computedStyles=[])
        return " ".join(nodes["strings"])

    def close(self) -> None:
        """End Chromium."""
        self._process.terminate()
        self._process.wait(SECONDS)
        os.close(self._to)
        os.close(self._from)


class TerminalPage(Browser):
    """A page with a terminal on a canvas. `screen` has the terminal's text, which is read from the page's WebSocket."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (1200, 800)) -> None:
        self.screen = Screen(1, 1)
        super().__init__(folder, scripts=True)
        self("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        self._size = size
        self("Network.enable")

    def _read_message(self) -> Any:
        message = super()._read_message()
        frame = message.get("params", {}).get("response", {})
        if message.get("method") == "Network.webSocketFrameReceived" and frame["opcode"] == 2:
            self.screen.feed(base64.b64decode(frame["payloadData"]))
        elif message.get("method") == "Network.webSocketFrameSent" and frame["payloadData"].startswith('["resize"'):
            size = json.loads(frame["payloadData"])[1]
            if (size["width"], size["height"]) != (self.screen.width, self.screen.height):
                self.screen.resize(size["width"], size["height"])
        return message

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Read messages until `done` returns True. Fail after `SECONDS` seconds."""
        deadline = time.monotonic() + SECONDS
        while not done():
            assert time.monotonic() < deadline, self.screen.text
            self._read_message()

    def wait_for_text(self, text: str) -> None:
        """Wait until a text is in the terminal."""
        self.wait_until(lambda: text in self.screen.text)

    @property
    def visible_text(self) -> str:
        """The visible text of the page outside the terminal."""
        return str(self("Runtime.evaluate", expression="document.body.innerText")["result"]["value"])

    def line_of(self, text: str) -> int:
        """Return the index of the first line of the terminal that contains a text; -1 if no line does."""
        return next((number for number, line in enumerate(self.screen.lines) if text in line), -1)

    def take_screenshot(self, line: int | None = None) -> bytes:
        """Return a screenshot (PNG) of the page; with `line`, only of this line of the terminal."""
        width, height = self._size
        line_height = height / self.screen.height
        clip = (
            {}
            if line is None
            else {"clip": {"x": 0, "y": line * line_height, "width": width, "height": line_height, "scale": 1}}
        )
        return base64.b64decode(self("Page.captureScreenshot", **clip)["data"])
