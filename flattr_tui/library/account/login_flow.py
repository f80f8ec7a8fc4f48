"""One login under way, from its address to its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from flattr_tui.api.errors import LoginError
from flattr_tui.api.login import LoginConfig, Pending, begin

if TYPE_CHECKING:
    from flattr_tui.api.http import AsgiApp
    from flattr_tui.api.in_process_consent import Consent
    from flattr_tui.api.loopback_server import Listener

WAIT_SECONDS = 300.0
"""How long a person may take."""
PASTED_PORT = 8976
"""Named in the address to come back to where nobody listens: what is pasted came from there."""


class Attempt:
    """One login under way, good for one answer, however it comes; made by `Accounts.begin`, to be closed.

    Every way gives the account's name, and raises `WrongStateError` for another login's answer, which changes
    nothing, and other `FlattrError`s for an answer that ends it.
    """

    def __init__(
        self,
        config: LoginConfig,
        take: Callable[[Pending, str], Awaitable[str]],
        app: "Callable[[], AsgiApp] | None",
    ) -> None:
        self.problem = ""
        """Why no browser's answer can come by itself, as a sentence; pasting it goes all the same."""
        self._take = take
        self._config = config
        self._app = app
        self._listener: Listener | None = None
        self._consent: Consent | None = None
        self._pending: Pending | None = None
        self._served: AbstractContextManager[str] | None = None

    async def open(self, *, browser: bool, serve: Callable[[], AbstractContextManager[str]] | None) -> None:
        """Listen for the browser's answer, put the server where a browser finds it, and make the address."""
        config = self._config
        redirect = f"http://127.0.0.1:{config.port or PASTED_PORT}/callback"
        if browser:
            from flattr_tui.api.loopback_server import Listener  # noqa: PLC0415 -- only a browser needs it

            try:
                self._listener = await Listener.open(config.port)
                redirect = self._listener.redirect_uri
            except LoginError as error:
                self.problem = str(error)
            if self._app is not None and serve is not None:
                served = serve()
                root = await asyncio.to_thread(served.__enter__)
                self._served = served
                config = replace(config, authorize_url=root + urlsplit(config.authorize_url).path)
        self._pending = await asyncio.to_thread(begin, config, redirect)

    @property
    def pending(self) -> Pending:
        """The login that waits."""
        if self._pending is None:
            raise LoginError("this login has ended. Begin a new one.")
        return self._pending

    @property
    def address(self) -> str:
        """What a browser is to open."""
        return self.pending.authorize_url

    @property
    def listening(self) -> bool:
        """Whether the browser's answer comes by itself."""
        return self._listener is not None

    async def wait(self, timeout: float = WAIT_SECONDS) -> str:  # noqa: ASYNC109 -- a person's, in words
        """Wait for the browser to come back."""
        if self._listener is None:
            raise LoginError(self.problem or "nobody waits for a browser.")
        return await self._take(self.pending, await self._listener.wait(self.pending, timeout))

    async def paste(self, redirected: str) -> str:
        """Take the address that a browser was sent back to."""
        return await self._take(self.pending, self.pending.finish(redirected))

    async def users(self) -> tuple[str, ...]:
        """Return who the consent page of the server in this process offers to be."""
        return await self._page().users()

    async def consent(self, username: str, *, allow: bool = True) -> str:
        """Answer the consent page of the server in this process."""
        return await self.paste(await self._page().decide(username, allow=allow))

    def _page(self) -> "Consent":
        if self._app is None:
            raise LoginError("this server asks in a browser.")
        if self._consent is None:
            from flattr_tui.api.in_process_consent import Consent  # noqa: PLC0415

            self._consent = Consent(self._app, self.pending)
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
