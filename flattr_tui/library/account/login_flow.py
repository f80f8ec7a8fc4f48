"""A login in progress: from the address that the user opens in a browser to the redirect with the server's answer."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urlsplit

from flattr_tui.api.client import DEADLINE, make_transport
from flattr_tui.api.errors import LoginError
from flattr_tui.api.oauth_login import LoginConfig, LoginRequest, start_login
from flattr_tui.model.pasted_address import unescape_entities
from flattr_tui.model.text_sanitizer import single_line

if TYPE_CHECKING:
    from flattr_tui.api.http_transport import AsgiApp, HttpTransport, RawResponse
    from flattr_tui.api.loopback_server import LoopbackServer

WAIT_SECONDS = 300.0
"""Maximum time in seconds that the program waits for a person to log in with a browser."""
PASTED_PORT = 8976
"""The port in the redirect address if this program does not listen on a port.

After the login, the browser then shows an error page. The user pastes the address of that page.
"""
MAX_PAGE_BYTES = 4 * 1024 * 1024
_USER = re.compile(r'<option value="([^"]+)">')
"""Matches a user's name on the consent page of the sandbox, where users can log in without a browser."""
_UNSEEN = re.compile(r"<(style|title)\b.*?</\1>|<[^>]*>", re.DOTALL)


class LoginFlow:
    """A login in progress. `AccountManager.start_login` makes this object, and its caller must close it.

    `wait`, `paste` and `consent` are three ways to complete the login; each returns the account's name. If the redirect
    belongs to another login, `WrongStateError` is raised, and the login goes on: call one of them again. After any
    other `FlattrError`, the login has ended.
    """

    def __init__(
        self,
        config: LoginConfig,
        complete: Callable[[LoginRequest, str], Awaitable[str]],
        make_app: "Callable[[], AsgiApp] | None",
    ) -> None:
        self.problem = ""
        """A sentence that says why the browser can't be redirected to this program; "" if it can be.

        The user can log in nevertheless, by pasting the address to which the browser is redirected.
        """
        self._complete = complete
        self._config = config
        self._make_app = make_app
        self._listener: LoopbackServer | None = None
        self._http: HttpTransport | None = None
        self._pending: LoginRequest | None = None
        self._served: AbstractContextManager[str] | None = None

    async def open(self, *, browser: bool, serve: Callable[[], AbstractContextManager[str]] | None) -> None:
        """Prepare the address at which the user logs in.

        With `browser`, also listen on a port for the browser's redirect. If the source is the sandbox in this process,
        `serve` returns a context during which browsers can reach the sandbox on another port.
        """
        config = self._config
        redirect = f"http://127.0.0.1:{config.port or PASTED_PORT}/callback"
        if browser:
            from flattr_tui.api.loopback_server import LoopbackServer  # noqa: PLC0415 -- only a browser needs it

            try:
                self._listener = await LoopbackServer.open(config.port)
                redirect = self._listener.redirect_uri
            except LoginError as error:
                self.problem = str(error)
            if self._make_app is not None and serve is not None:
                served = serve()
                root = await asyncio.to_thread(served.__enter__)
                self._served = served
                config = replace(config, authorize_url=root + urlsplit(config.authorize_url).path)
        self._pending = await asyncio.to_thread(start_login, config, redirect)

    @property
    def pending(self) -> LoginRequest:
        """The OAuth request with which this login began. Raises `LoginError` if the login has ended."""
        if self._pending is None:
            raise LoginError("this login has ended. Start a new one.")
        return self._pending

    @property
    def address(self) -> str:
        """The address that the user opens in a browser to log in. Raises `LoginError` if the login has ended."""
        return self.pending.authorize_url

    @property
    def listening(self) -> bool:
        """Whether this program listens for the browser's redirect."""
        return self._listener is not None

    async def wait(self, timeout: float = WAIT_SECONDS) -> str:  # noqa: ASYNC109 -- the listener reports it in words
        """Wait at most `timeout` seconds for the browser's redirect, complete the login, and return the account's name.

        Raises `LoginError` if the time is over, or if this program does not listen for the redirect.
        """
        if self._listener is None:
            raise LoginError(self.problem or "no login is waiting for a browser.")
        return await self._complete(self.pending, await self._listener.wait(self.pending, timeout))

    async def paste(self, redirected: str) -> str:
        """Complete the login with the address that the browser was redirected to, and return the account's name."""
        return await self._complete(self.pending, self.pending.read_code(redirected))

    async def users(self) -> tuple[str, ...]:
        """Return the names of the users that can be chosen for a login to the sandbox in this process.

        Raises `LoginError` if the sandbox's consent page lists no users.
        """
        answered = await self._send("GET")
        users = _USER.findall(answered.body.decode("utf-8", errors="replace"))
        if answered.status != 200 or not users:
            raise _refusal(answered)
        return tuple(single_line(unescape_entities(name)) for name in users)

    async def consent(self, username: str, *, allow: bool = True) -> str:
        """Log in to the sandbox in this process as `username`, without a browser, and return the account's name.

        If `allow` is False, the user denies the login, and `LoginError` is raised.
        """
        return await self.paste(await self.decide(username, allow=allow))

    async def decide(self, username: str, *, allow: bool = True) -> str:
        """Send the form of the sandbox's consent page, which allows or denies a login as `username`.

        Returns the address to which a browser would be redirected. Raises `LoginError` if there is no redirect.
        """
        answered = await self._send("POST", {"username": username, "decision": "allow" if allow else "deny"})
        location = answered.headers.get("location", "")
        if not 300 <= answered.status < 400 or not location:
            raise _refusal(answered)
        return location

    async def _send(self, verb: str, form: Mapping[str, str] | None = None) -> "RawResponse":
        if self._make_app is None:
            raise LoginError("this server asks in a browser.")
        if self._http is None:
            self._http = await asyncio.to_thread(make_transport, self._make_app, "127.0.0.1", DEADLINE, MAX_PAGE_BYTES)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        return await self._http.send(verb, self.address, headers, urlencode(form).encode() if form else None)

    async def aclose(self) -> None:
        """Stop listening for the browser's redirect, and stop serving the sandbox on a port."""
        self._pending = None
        if self._listener is not None:
            await self._listener.aclose()
        if self._http is not None:
            await self._http.aclose()
        if self._served is not None:
            served, self._served = self._served, None
            await asyncio.to_thread(served.__exit__, None, None, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()


def _refusal(answered: "RawResponse") -> LoginError:
    text = single_line(unescape_entities(_UNSEEN.sub("", answered.body.decode("utf-8", errors="replace"))))
    return LoginError(f"the server's consent page answered {answered.status}: {text[:200]}.")
