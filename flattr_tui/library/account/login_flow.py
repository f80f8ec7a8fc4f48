"""One login in progress, from the address to open to the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from flattr_tui.api.errors import LoginError
from flattr_tui.api.login import LoginConfig, LoginRequest, start_login

if TYPE_CHECKING:
    from flattr_tui.api.http import AsgiApp
    from flattr_tui.api.in_process_consent import InProcessConsent
    from flattr_tui.api.loopback_server import LoopbackServer

WAIT_SECONDS = 300.0
"""How long a person may take."""
PASTED_PORT = 8976
"""Named in the address to come back to where nobody listens: what is pasted came from there."""


class LoginFlow:
    """One login in progress; it accepts one answer. Made by `Accounts.start_login`; must be closed.

    `wait`, `paste` and `consent` return the account's name. A `WrongStateError` (the answer to another login) changes
    nothing; other `FlattrError`s end the login.
    """

    def __init__(
        self,
        config: LoginConfig,
        complete: Callable[[LoginRequest, str], Awaitable[str]],
        app: "Callable[[], AsgiApp] | None",
    ) -> None:
        self.problem = ""
        """Why the browser can't be redirected here, as a sentence; pasting the address still works."""
        self._complete = complete
        self._config = config
        self._app = app
        self._listener: LoopbackServer | None = None
        self._consent: InProcessConsent | None = None
        self._pending: LoginRequest | None = None
        self._served: AbstractContextManager[str] | None = None

    async def open(self, *, browser: bool, serve: Callable[[], AbstractContextManager[str]] | None) -> None:
        """Make the address to open. With `browser`, listen for its redirect, and put an in-process server on a port."""
        config = self._config
        redirect = f"http://127.0.0.1:{config.port or PASTED_PORT}/callback"
        if browser:
            from flattr_tui.api.loopback_server import LoopbackServer  # noqa: PLC0415 -- only a browser needs it

            try:
                self._listener = await LoopbackServer.open(config.port)
                redirect = self._listener.redirect_uri
            except LoginError as error:
                self.problem = str(error)
            if self._app is not None and serve is not None:
                served = serve()
                root = await asyncio.to_thread(served.__enter__)
                self._served = served
                config = replace(config, authorize_url=root + urlsplit(config.authorize_url).path)
        self._pending = await asyncio.to_thread(start_login, config, redirect)

    @property
    def pending(self) -> LoginRequest:
        """The login request."""
        if self._pending is None:
            raise LoginError("this login has ended. Begin a new one.")
        return self._pending

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        return self.pending.authorize_url

    @property
    def listening(self) -> bool:
        """Whether the browser is redirected here."""
        return self._listener is not None

    async def wait(self, timeout: float = WAIT_SECONDS) -> str:  # noqa: ASYNC109 -- a person's, in words
        """Wait for the browser's redirect."""
        if self._listener is None:
            raise LoginError(self.problem or "no login is waiting for a browser.")
        return await self._complete(self.pending, await self._listener.wait(self.pending, timeout))

    async def paste(self, redirected: str) -> str:
        """Accept the address that the browser was redirected to."""
        return await self._complete(self.pending, self.pending.read_code(redirected))

    async def users(self) -> tuple[str, ...]:
        """Return the users that the in-process server's consent page offers."""
        return await self._page().users()

    async def consent(self, username: str, *, allow: bool = True) -> str:
        """Answer the in-process server's consent page."""
        return await self.paste(await self._page().decide(username, allow=allow))

    def _page(self) -> "InProcessConsent":
        if self._app is None:
            raise LoginError("this server asks in a browser.")
        if self._consent is None:
            from flattr_tui.api.in_process_consent import InProcessConsent  # noqa: PLC0415

            self._consent = InProcessConsent(self._app, self.pending)
        return self._consent

    async def aclose(self) -> None:
        """Stop listening, and take the server off its port."""
        self._pending = None
        if self._listener is not None:
            await self._listener.aclose()
        if self._consent is not None:
            await self._consent.aclose()
        if self._served is not None:
            served, self._served = self._served, None
            await asyncio.to_thread(served.__exit__, None, None, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()
