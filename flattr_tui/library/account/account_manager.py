"""Manages the accounts of a source: logs them in and out, switches between them, and loads and refreshes tokens.

`LoginFlow` is a login in progress: from the address that the user opens in a browser to the redirect with the server's
answer. Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization', and content/api/policy.md: a
program acts only with the user's consent, and offers to log out.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urlsplit

from flattr_tui.api.client import DEADLINE, Client, make_transport
from flattr_tui.api.errors import LoginError, TokenLeftError
from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.api.oauth_login import LoginConfig, LoginRequest, TokenEndpoint, start_login
from flattr_tui.api.token_store import Token, TokenStore
from flattr_tui.model.data_source import Source, SourceKind, is_loopback
from flattr_tui.model.entities import NotFlattrError, User
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.model.pasted_address import unescape_entities
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.settings import Login

if TYPE_CHECKING:
    from flattr_tui.api.http_transport import AsgiApp, HttpTransport, RawResponse
    from flattr_tui.api.loopback_server import LoopbackServer

WAIT_SECONDS = 300.0
"""Maximum time in seconds that the program waits for a person to log in with a browser."""
PASTED_PORT = 8976
"""The port in the redirect address if no browser is opened: the user pastes the address of the browser's error page."""
MAX_PAGE_BYTES = 4 * 1024 * 1024
_USER = re.compile(r'<option value="([^"]+)">')
"""Matches a user's name on the consent page of the sandbox, where users can log in without a browser."""
_UNSEEN = re.compile(r"<(style|title)\b.*?</\1>|<[^>]*>", re.DOTALL)


class LoginFlow:
    """A login in progress. `AccountManager.start_login` makes this object, and its caller must close it.

    To complete the login, call `wait`, `paste` or `consent`; each returns the account's name. If the redirect belongs
    to another login, they raise `WrongStateError`, and this login goes on: call any of them again. After any other
    `FlattrError`, this login has ended.
    """

    def __init__(
        self,
        config: LoginConfig,
        complete: Callable[[LoginRequest, str], Awaitable[str]],
        make_app: "Callable[[], AsgiApp] | None",
    ) -> None:
        self.problem = ""
        """Why the browser can't be redirected to this program, so that the user must paste; "" if it can be."""
        self._complete = complete
        self._config = config
        self._make_app = make_app
        self._listener: LoopbackServer | None = None
        self._http: HttpTransport | None = None
        self._pending: LoginRequest | None = None
        self._served = ExitStack()

    async def open(self, *, browser: bool, serve: Callable[[], AbstractContextManager[str]] | None) -> None:
        """Prepare the login, so that `address` has a result. With `browser`, also listen for the browser's redirect.

        `serve` returns a context during which browsers can reach the sandbox in this process; None for other sources.
        Raises `LoginError` if the client id is missing, or if an address of the server is invalid.
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
                root = await asyncio.to_thread(self._served.enter_context, serve())
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
        """Complete the login with the address to which the browser was redirected; return the account's name."""
        return await self._complete(self.pending, self.pending.read_code(redirected))

    async def users(self) -> tuple[str, ...]:
        """Return the names of the users that can be chosen for a login to the sandbox in this process.

        Raises `LoginError` if the sandbox's consent page lists no users.
        """
        answered = await self._send("GET")
        users = _USER.findall(answered.body.decode("utf-8", errors="replace"))
        if answered.status != 200 or not users:
            raise _consent_error(answered)
        return tuple(single_line(unescape_entities(name)) for name in users)

    async def consent(self, username: str, *, allow: bool = True) -> str:
        """Log in to the sandbox in this process as `username`, without a browser, and return the account's name.

        If `allow` is False, the user denies the login, and `LoginError` is raised.
        """
        return await self.paste(await self.decide(username, allow=allow))

    async def decide(self, username: str, *, allow: bool = True) -> str:
        """Send the form on the sandbox's consent page, as a browser would: `username` allows or denies the login.

        Returns the address to which a browser would be redirected. Raises `LoginError` if there is no redirect.
        """
        answered = await self._send("POST", {"username": username, "decision": "allow" if allow else "deny"})
        location = answered.headers.get("location", "")
        if not 300 <= answered.status < 400 or not location:
            raise _consent_error(answered)
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
        await asyncio.to_thread(self._served.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()


def _consent_error(answered: "RawResponse") -> LoginError:
    text = single_line(unescape_entities(_UNSEEN.sub(" ", answered.body.decode("utf-8", errors="replace"))))
    return LoginError(f"the server's consent page answered {answered.status}: {text[:200].strip(' .')}.")


SANDBOX_CLIENT = ("flattr-tui", "sandbox")
"""The client id and the client secret that every sandbox accepts, whether in this process or served on a port."""
_API = "/rest/v2"
_NO_SERVER = "The source `saved` has no server to log in to. Choose another source."
_NOT_KEPT = "the token comes from the environment or from a command in the settings, so it is not kept here."
_OFFLINE = "logging in needs the server, and the program is offline."
_SERVICE, _SERVICE_SITE = "api.flattr.com", "https://flattr.com"


def login_config(source: Source, given: Login | None = None, *, allow_http: bool = False) -> LoginConfig:
    """Return how to log in at a source: client id, client secret, addresses, scopes.

    `given` are the values from the settings; None if there are none. In place of an empty value, a default for the
    source's address is used. `allow_http` permits addresses on other machines without encryption. Raises `LoginError`
    for a source without a server.
    """
    if source.kind is SourceKind.SAVED:
        raise LoginError(_NO_SERVER)
    given = given or Login()
    parts = urlsplit(source.base)
    root = _SERVICE_SITE if parts.hostname == _SERVICE else source.base.removesuffix(_API)
    ready = SANDBOX_CLIENT if is_loopback(parts.hostname or "") else ("", "")
    return LoginConfig(
        client_id=given.client_id or ready[0],
        client_secret=given.client_secret or (ready[1] if not given.client_id else ""),
        authorize_url=given.authorize_url or f"{root}/oauth/authorize",
        token_url=given.token_url or f"{root}/oauth/token",
        scopes=given.scopes,
        allow_http=allow_http,
        port=given.port,
    )


class AccountManager:
    """Manages the accounts of one source, and knows which account is in use.

    `config` says how to log in; None if no connection is ever opened. `account` is the account in use; "" for none.
    `make_app` makes the sandbox's server in this process, and `serve` returns a context during which browsers can reach
    it; both are None for other sources. `forget` is called in a thread with the name of an account. It removes the
    responses that only this account may see, and returns their number.
    """

    def __init__(
        self,
        source: Source,
        config: LoginConfig | None,
        tokens: TokenStore,
        *,
        account: str = "",
        make_app: "Callable[[], AsgiApp] | None" = None,
        serve: Callable[[], AbstractContextManager[str]] | None = None,
        forget: Callable[[str], int] | None = None,
        offline: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.source = source
        self.account = account
        self.offline = offline or config is None
        """Whether nobody can log in, because no connection is ever opened."""
        self._config = config
        self._tokens = tokens
        self._make_app = make_app
        self._serve = serve
        self._forget = forget
        self._clock = clock
        self._token: Token | None = None
        self._replaced = ""  # the access token that the last renewal replaced
        self._given = self._loaded = False
        self._stamp: tuple[int, int] | None = None
        self._loading = asyncio.Lock()
        self._endpoint: TokenEndpoint | None = None

    def token(self, method: Method) -> str | None:
        """Return the access token of the account in use, the same for each `method`; None if there is none."""
        return self._token.access_token if self._token is not None else None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the access token allows; `()` if the scopes are unknown, or if nobody is logged in."""
        return self._token.scopes if self._token is not None else ()

    async def ready(self) -> None:
        """Load the access token of the account in use, and refresh it if it has expired.

        `Client` awaits this before a call. The token is also loaded again if another program has changed the stored
        accounts, such as by logging out. Raises `LoginError` if the keyring is locked, or if the token in the
        environment or settings belongs to another account; `NetworkError` if the server could not be reached.
        """
        async with self._loading:
            await self._get_ready()
            while not self._loaded:  # the account was switched meanwhile
                await self._get_ready()

    async def _get_ready(self) -> None:
        if not self._loaded or (not self._given and self._stamp != self._tokens.stamp()):
            await self._load()
        token = self._token
        if token is not None and token.expired(self._clock()) and token.refresh_token is not None:
            await asyncio.shield(self._renew(token))  # a new token that is not stored would be lost

    async def renew(self, refused: str) -> bool:
        """Refresh the token `refused` by the server. Returns whether the same account has a new one now."""
        async with self._loading:
            if (token := self._token) is not None and token.access_token == refused and token.refresh_token:
                await asyncio.shield(self._renew(token))
            return self._token is not None and self._replaced == refused

    async def _load(self) -> None:
        """Load the access token of the account in use. If the account was switched meanwhile, discard the token."""
        account, stamp = self.account, self._tokens.stamp()
        given = await asyncio.to_thread(self._tokens.token_from_environment)
        is_given = given is not None
        if given is not None:
            whose = await self._fetch_username(given)
            if whose != account and account == self.account:
                self._given = True
                raise LoginError(f"the given token is {whose}'s. Start again with --account {whose}.")
        elif account:
            given = await asyncio.to_thread(self._tokens.load, self.source.name, account)
        if account == self.account:
            self._token, self._given, self._loaded, self._stamp = given, is_given, True, stamp

    async def _renew(self, token: Token) -> None:
        """Refresh `token` and store the new one, unless another program has done so since `token` was loaded.

        Many servers accept a refresh token once, and end the login if it comes twice (RFC 9700, section 4.14.2).
        """
        account, renewed = self.account, None
        with ExitStack() as locked:
            await asyncio.to_thread(locked.enter_context, self._tokens.lock_renewal())
            stored = await asyncio.to_thread(self._tokens.load, self.source.name, account)
            if stored is not None and stored != token and not stored.expired(self._clock()):
                renewed = stored
            elif stored is not None:
                with suppress(LoginError):  # the server will refuse requests, and the user will be asked to log in
                    renewed = await self._get_endpoint().refresh(stored)
                if renewed is not None:
                    await asyncio.to_thread(self._tokens.save, self.source.name, account, renewed)
            if self._token is token:
                self._token, self._replaced = renewed, token.access_token

    async def identify(self) -> str:
        """Ask the server who owns the token in the environment or settings, and return the user name.

        Returns "" if neither contains a token, or if the program is offline. Raises `FlattrError` if the server does
        not name the token's owner.
        """
        if self.offline:
            return ""
        given = await asyncio.to_thread(self._tokens.token_from_environment)
        return await self._fetch_username(given) if given is not None else ""

    async def logged_in(self) -> bool:
        """Load the access token of the account in use, and return whether there is a token.

        Raises `LoginError` or `NetworkError` if the token can't be loaded or refreshed.
        """
        await self.ready()
        return self._token is not None

    async def names(self) -> tuple[str, ...]:
        """Return the names of the accounts that are logged in at this source, in the order of their logins."""
        return await asyncio.to_thread(self._tokens.accounts, self.source.name)

    def switch_to(self, account: str) -> None:
        """Use another account in this run of the program; "" for none. The account's token is loaded when needed."""
        self.account = account
        self._token, self._given, self._loaded, self._replaced = None, False, False, ""

    async def select(self, account: str) -> None:
        """Store which account to use at this source from the next start on; "" for none.

        Raises `LoginError` if the account is not logged in.
        """
        if account and account not in await self.names():
            raise LoginError(f"{account} is not logged in at {self.source.label}. Log in first.")
        await asyncio.to_thread(self._tokens.select, self.source.name, account)

    async def log_out(self, account: str, *, remove_private: bool = False) -> int:
        """Delete an account's token and, with `remove_private`, the saved responses that only the account may see.

        Returns the number of removed responses. Raises `LoginError` if the token is not stored by this program, but
        comes from the environment or settings. Raises `TokenLeftError`, after everything else is done, if a keyring
        still has the token.
        """
        if self._given and account == self.account:
            raise LoginError(_NOT_KEPT)
        async with self._loading:  # otherwise a token that is being refreshed would be saved after its removal
            left: TokenLeftError | None = None
            try:
                await asyncio.to_thread(self._tokens.remove, self.source.name, account)
            except TokenLeftError as error:
                left = error
            if account == self.account:
                self._token, self._stamp = None, self._tokens.stamp()
        removed = await asyncio.to_thread(self._forget, account) if remove_private and self._forget is not None else 0
        if left is not None:
            raise left
        return removed

    @property
    def requested_scopes(self) -> tuple[str, ...]:
        """The scopes that a login at this source requests; `()` if nobody can log in."""
        return self._config.scopes if self._config is not None else ()

    @property
    def can_serve(self) -> bool:
        """Whether the sandbox in this process can be served on a port, so that a browser can reach it."""
        return self._serve is not None

    @property
    def in_process(self) -> bool:
        """Whether the source is the sandbox in this process, where users can log in without a browser."""
        return self._make_app is not None

    async def start_login(self, *, browser: bool = False) -> LoginFlow:
        """Start a login, and return it. The caller must close it.

        With `browser`, the program listens on a port, so that the browser can be redirected to it after the login.
        Raises `LoginError` if the source has no server, or if the program is offline.
        """
        if self.source.kind is SourceKind.SAVED:
            raise LoginError(_NO_SERVER)
        if self._config is None or self.offline:
            raise LoginError(_OFFLINE)
        attempt = LoginFlow(self._config, self.complete_login, self._make_app)
        try:
            await attempt.open(browser=browser, serve=self._serve)
        except BaseException:
            await attempt.aclose()
            raise
        return attempt

    async def complete_login(self, pending: LoginRequest, code: str) -> str:
        """Exchange the authorization `code` of a login for a token, store the token, and return the account's name.

        `pending` is the OAuth request of the login. The server is asked for the account's name. The next start of the
        program uses this account, too. Raises `FlattrError` if the server grants no token or does not name its owner,
        or if the token can't be stored.
        """
        token = await self._get_endpoint().exchange(pending, code)
        name = await self._fetch_username(token)
        async with self._loading:  # a token that is loaded or renewed meanwhile is older
            await asyncio.to_thread(self._tokens.save, self.source.name, name, token)
            await asyncio.to_thread(self._tokens.select, self.source.name, name)
            if name == self.account:
                self._token, self._loaded, self._given = token, True, False
        return name

    async def _fetch_username(self, token: Token) -> str:
        client = Client(self.source, make_app=self._make_app, token=lambda _: token.access_token, clock=self._clock)
        method = BY_NAME["me"]
        try:
            response = await client.call(method, {})
            entities = decode_page(method.response_kind, response.body, response.content_type).entities
        except NotFlattrError as error:
            raise LoginError(f"the server does not say who the token belongs to ({error}).") from error
        finally:
            await client.aclose()
        if not entities or not isinstance(entities[0], User):
            raise LoginError("the server does not say who the token belongs to.")
        return entities[0].username

    def _get_endpoint(self) -> TokenEndpoint:
        if self._config is None:
            raise LoginError(_OFFLINE)
        if self._endpoint is None:
            self._endpoint = TokenEndpoint(self._config, make_app=self._make_app, clock=self._clock)
        return self._endpoint

    async def aclose(self) -> None:
        """Close the connections to the server's token endpoint."""
        if self._endpoint is not None:
            await self._endpoint.aclose()
            self._endpoint = None
