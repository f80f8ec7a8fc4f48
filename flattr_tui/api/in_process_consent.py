"""Answers the consent page of an in-process server without a browser, by sending the form that the page contains.

This is done only for a server that is part of this program. The user answers a real service's page in a browser.
"""

import asyncio
import importlib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flattr_tui.api.errors import LoginError
from flattr_tui.api.login import LoginRequest
from flattr_tui.model.sanitizer import single_line

if TYPE_CHECKING:
    from flattr_tui.api.http import AsgiApp, HttpTransport, RawResponse

MAX_PAGE_BYTES = 4 * 1024 * 1024


class InProcessConsent:
    """Reads and answers one consent page of the server that `app` makes."""

    def __init__(self, app: "Callable[[], AsgiApp]", pending: LoginRequest) -> None:
        self._app = app
        self._pending = pending
        self._http: HttpTransport | None = None
        self._hidden: dict[str, str] = {}

    async def users(self) -> tuple[str, ...]:
        """Return the users that the page offers. Raises `LoginError` if it has no form."""
        answered = await self._send("GET", self._pending.authorize_url)
        form = _ConsentForm()
        form.feed(answered.body.decode("utf-8", errors="replace"))
        if answered.status != 200 or not form.users:
            raise LoginError(f"the server's consent page answered {answered.status}: {single_line(form.text)[:200]}.")
        self._hidden = form.hidden
        return tuple(single_line(name) for name in form.users)

    async def decide(self, username: str, *, allow: bool = True) -> str:
        """Submit the form as `username`, and return the address that a browser would be redirected to.

        Raises `LoginError` if the server does not redirect.
        """
        fields = self._hidden | {"username": username, "decision": "allow" if allow else "deny"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answered = await self._send("POST", self._pending.authorize_url, headers, urlencode(fields).encode())
        location = answered.headers.get("location", "")
        if not 300 <= answered.status < 400 or not location:
            form = _ConsentForm()
            form.feed(answered.body.decode("utf-8", errors="replace"))
            raise LoginError(f"the server's consent page answered {answered.status}: {single_line(form.text)[:200]}.")
        return location

    async def aclose(self) -> None:
        """Close the connection to the server."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _send(
        self, verb: str, url: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> "RawResponse":
        if self._http is None:
            self._http = await asyncio.to_thread(self._make)
        return await self._http.send(verb, url, headers or {}, body)

    def _make(self) -> "HttpTransport":
        http = importlib.import_module("flattr_tui.api.http")
        made: HttpTransport = http.HttpTransport(self._app(), loopback=True, max_bytes=MAX_PAGE_BYTES)
        return made


class _ConsentForm(HTMLParser):
    """Collects the page's visible text and form fields."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.users: list[str] = []
        self.text = ""
        self._choosing = False
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record a form field."""
        named = {name: value or "" for name, value in attrs}
        self._unseen += tag in {"style", "title"}
        if tag == "input" and named.get("type") == "hidden" and "name" in named:
            self.hidden[named["name"]] = named.get("value", "")
        elif tag == "select":
            self._choosing = named.get("name") == "username"
        elif tag == "option" and self._choosing and named.get("value"):
            self.users.append(named["value"])

    def handle_endtag(self, tag: str) -> None:
        """Note that a field ends."""
        self._unseen -= tag in {"style", "title"}
        if tag == "select":
            self._choosing = False

    def handle_data(self, data: str) -> None:
        """Record visible text."""
        if not self._unseen:
            self.text += data
