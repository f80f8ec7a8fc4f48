"""Login with OAuth 2: the authorization code grant with `state` and PKCE, by Authlib's protocol functions.

    pending = start_login(config, redirect_uri)   # open pending.authorize_url in a browser
    code = pending.read_code(redirected)          # the address that the browser was redirected to
    token = await endpoint.exchange(pending, code)

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'; RFC 6749 (4.1, 5, 6), RFC 7636. The
service is older than PKCE and ignores the challenge; `state` is always checked.
"""

import asyncio
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlsplit

from flattr_tui.api.client import DEADLINE, make_transport
from flattr_tui.api.errors import LoginError, ServerFailedError, WrongStateError
from flattr_tui.api.request_log import make_logger
from flattr_tui.api.token_store import Token, check_token
from flattr_tui.model import record_reader
from flattr_tui.model.data_source import is_loopback
from flattr_tui.model.entities import NotFlattrError
from flattr_tui.model.pasted_address import clean_address
from flattr_tui.model.response_body_parser import find_error, parse_body
from flattr_tui.model.text_sanitizer import single_line

if TYPE_CHECKING:
    from flattr_tui.api.http_transport import AsgiApp, HttpTransport, RawResponse

LOG = make_logger(__name__)
MAX_TOKEN_BYTES = 65_536
_FORM = re.compile(rb"\s*(?:\w+=[^&<>\s]*&)*(?:access_token|error)=[^<>\s]*\s*\Z", re.ASCII)
_CLIENT = re.compile(rb"invalid_client|client_id|client_secret")
"""Occurs in the response of a token endpoint that does not see or accept the client's credentials."""
_FOREVER = 1e10
"""Lifetime in seconds that no token has, about 300 years: such a token counts as one that never expires."""
_LONGEST = 8_192
"""Maximum number of characters of a redirect address."""

_WORDS = {
    "access_denied": "it was declined on the service's page.",
    "invalid_client": "the server does not know this program. Check the client id and secret in the settings.",
    "unauthorized_client": "the server does not let this program log in this way. Check the client id in the settings.",
    "invalid_scope": "the server does not know a requested scope. Check `scopes` in the settings.",
    "invalid_grant": "the code has been used or has expired. Log in again.",
    "server_error": "the server failed. Try again in a while.",
    "temporarily_unavailable": "the server is busy. Try again in a while.",
}

_PASSING = {"server_error", "temporarily_unavailable"}
"""OAuth errors after which the same request may succeed later."""


@dataclass(frozen=True, slots=True)
class LoginConfig:
    """What a login at a source needs: this program's client id and secret there, and the server's addresses."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    allow_http: bool = False
    """Whether addresses on other machines may be plain http. Those on this machine always may."""
    port: int = 0
    """Port of the loopback server, if the service requires a fixed redirect address; 0 for any free port."""

    def check(self) -> None:
        """Raise `LoginError` if the client id is missing, or if an address is invalid or not encrypted."""
        if not self.client_id:
            raise LoginError("There is no client id. Register a client at the service, and put it into the settings.")
        for url in (self.authorize_url, self.token_url):
            try:
                parts = urlsplit(url)
                host = parts.hostname or ""
            except ValueError as error:
                raise LoginError(f"{url!r} is not an address ({error}).") from error
            if parts.scheme not in {"http", "https"} or not host:
                raise LoginError(f"{url!r} is not an address that begins with https://.")
            if parts.scheme == "http" and not (self.allow_http or is_loopback(host)):
                raise LoginError(f"{url} is not encrypted: logging in needs https.")


@dataclass(slots=True)
class LoginRequest:
    """A login that waits for one answer, which comes as the address to which the browser is redirected."""

    authorize_url: str
    """The address to open in a browser."""
    redirect_uri: str
    """The address to which the service redirects the browser."""
    state: str = field(repr=False)
    """The random text that the answer must repeat."""
    verifier: str = field(repr=False)
    """The code verifier of PKCE."""
    _answered: bool = False

    def read_code(self, redirected: str) -> str:
        """Return the authorization code in the address to which the browser was redirected.

        `redirected` is that address, or only its query. Raises `WrongStateError` for the answer to another login; this
        login can then still be answered. Raises `LoginError` if the service refused or sent no code, or if this login
        was answered before.
        """
        query = _parse_redirect(redirected)
        if not secrets.compare_digest(query.get("state", "").encode(), self.state.encode()):
            raise WrongStateError("this answer belongs to another login. Paste the whole address of the last page.")
        if self._answered:
            raise LoginError("this login is already complete. Start a new one.")
        self._answered = True
        if "error" in query:
            code, description = single_line(query["error"]), single_line(query.get("error_description", ""))
            raise LoginError(_error_sentence(code, description))
        if not query.get("code"):
            raise LoginError("the server sent no code. Log in again.")
        return query["code"]


def start_login(config: LoginConfig, redirect_uri: str) -> LoginRequest:
    """Return a new login at the source that `config` describes. Nothing is sent yet.

    The login ends with a redirect of the browser to `redirect_uri`. Raises `LoginError` if the client id is missing, or
    if an address of the server is invalid or not encrypted.
    """
    config.check()
    # Only Authlib's functions are used: its integrations import HTTP libraries, and warn about them.
    from authlib.common.security import generate_token  # noqa: PLC0415 -- only a login needs Authlib
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    state, verifier = generate_token(32), generate_token(64)
    url = prepare_grant_uri(
        config.authorize_url,
        config.client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=" ".join(config.scopes) or None,
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return LoginRequest(url, redirect_uri, state, verifier)


class TokenEndpoint:
    """The server's token endpoint: exchanges authorization codes and refresh tokens for access tokens.

    `make_app` creates a server that runs in this process; with None, the server is on the network. `deadline` is in
    seconds, `clock` returns Unix seconds. Redirects are never followed. The constructor raises `LoginError` for an
    invalid `config`.
    """

    def __init__(
        self,
        config: LoginConfig,
        *,
        make_app: "Callable[[], AsgiApp] | None" = None,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        config.check()
        self._config = config
        self._make_app = make_app
        self._deadline = deadline
        self._clock = clock
        self._http: HttpTransport | None = None
        self._opening = asyncio.Lock()
        self._refreshing: dict[str, asyncio.Task[Token]] = {}

    async def exchange(self, pending: LoginRequest, code: str) -> Token:
        """Return the token for an authorization code, which is the answer to the login `pending`.

        Raises `LoginError` if the server refuses, `ServerFailedError` if it failed, and `NetworkError` if no response
        came.
        """
        return await self._request_token(
            "authorization_code",
            code=code,
            redirect_uri=pending.redirect_uri,
            code_verifier=pending.verifier,
        )

    async def refresh(self, token: Token) -> Token:
        """Return a new token for an expired one (RFC 6749, section 6); simultaneous calls share one request.

        The new token keeps the old refresh token and scopes unless the server sends others. Raises `LoginError` if the
        server refuses or `token` has no refresh token, `ServerFailedError` if the server failed, and `NetworkError` if
        no response came.
        """
        old = token.refresh_token
        if old is None:
            raise LoginError("the login has expired. Log in again.")
        task = self._refreshing.get(old)
        if task is None:
            task = asyncio.create_task(self._request_token("refresh_token", old=token, refresh_token=old))
            self._refreshing[old] = task
            task.add_done_callback(lambda done: self._end_refresh(old, done))
        return await asyncio.shield(task)

    def _end_refresh(self, old: str, task: asyncio.Task[Token]) -> None:
        del self._refreshing[old]
        if not task.cancelled():
            task.exception()  # otherwise asyncio would report an error that no caller waited for

    async def aclose(self) -> None:
        """Close all connections."""
        for task in list(self._refreshing.values()):
            task.cancel()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _request_token(self, grant: str, *, old: Token | None = None, **fields: str) -> Token:
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415

        config = self._config
        async with self._opening:
            if self._http is None:
                host = urlsplit(config.token_url).hostname or ""
                self._http = await asyncio.to_thread(
                    make_transport, self._make_app, host, self._deadline, MAX_TOKEN_BYTES
                )
        accepted = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        for headers, extra in _client_credentials(config.client_id, config.client_secret):
            body: str = prepare_token_request(grant, **fields, **extra)
            response = await self._http.send("POST", config.token_url, {**accepted, **headers}, body.encode())
            if not _refuses_client(response.status, response.body):
                break
        LOG.info("token endpoint, %s: %d", grant, response.status)
        return _parse_token(response, self._clock(), old or Token("", config.scopes))


def _refuses_client(status: int, body: bytes) -> bool:
    """Whether a token endpoint does not see or accept the client's credentials, but may accept them in another form.

    A refused grant is not sent again: a code that comes twice can end the login (RFC 6749, 4.1.2).
    """
    about_client = status == 401 or (400 <= status < 500 and _CLIENT.search(body) is not None)
    return about_client and b"invalid_grant" not in body


def _client_credentials(client_id: str, secret: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Yield the ways to send a client's credentials, as headers and fields of the form, in the order to try them.

    RFC 6749, 2.3.1 encodes both for HTTP Basic as in a form. Servers that don't decode need all characters but `%` as
    they are. Servers that don't know HTTP Basic need both in the form.
    """
    encoders: tuple[Callable[[str], str], ...] = (lambda text: text.replace("%", "%25"), quote_plus)
    for text in dict.fromkeys(f"{encode(client_id)}:{encode(secret)}" for encode in encoders):
        yield {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}, {}
    yield {}, {"client_id": client_id, "client_secret": secret}


def _parse_redirect(redirected: str) -> dict[str, str]:
    """Return the parameters in a redirect address, by name. A parameter that occurs twice is left out.

    Raises `WrongStateError` if the text is not an address.
    """
    text = clean_address(redirected)
    if len(text) > _LONGEST:
        raise WrongStateError("that is too long to be the address of the last page.")
    try:
        query = urlsplit(text).query if "?" in text else text
        found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise WrongStateError("that is not an address. Paste the whole address of the last page.") from error
    # RFC 6749, 3.1: a parameter must not occur twice. One that does counts as missing.
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _read_fields(response: "RawResponse") -> dict[str, Any] | None:
    """Return the fields of a token response; None if it is neither JSON nor (in early drafts of OAuth 2) a form."""
    try:
        body = parse_body(response.body, response.headers.get("content-type", ""))
    except NotFlattrError:
        body = None  # the caller reports it, with the status
    if isinstance(body, dict):
        return body
    if not _FORM.match(response.body):
        return None
    return dict(parse_qsl(response.body.decode("utf-8", errors="replace").strip(), max_num_fields=50))


def _error_sentence(code: str, description: str) -> str:
    """Return a sentence for the user about an OAuth error with this `code`.

    For a code that this program does not know, the sentence is the server's `description`; if that is "", the sentence
    names the code. For a code with many causes, the description is added.
    """
    words = _WORDS.get(code) or description or f"the server says {code}"
    if code in {"invalid_grant", "invalid_client"} and description:  # both have many causes
        words = f"{words} The server says: {description}"
    return words if words.endswith(".") else f"{words}."


def _parse_token(response: "RawResponse", now: float, old: Token) -> Token:
    """Return the token in the response of a token endpoint. `now` is in Unix seconds.

    Values that the response may leave out are taken from the token `old`. Raises `ServerFailedError` if the server
    failed and may answer later, and `LoginError` if it refused or sent something else.
    """
    if 300 <= response.status < 400:
        raise LoginError("the token endpoint redirects, which was not followed. Check the address in the settings.")
    passes = response.status >= 500 or response.status == 429
    body = _read_fields(response)
    refusal = find_error(body)
    if refusal is not None and (refusal.code or refusal.description):
        error = ServerFailedError if passes or refusal.code in _PASSING else LoginError
        raise error(_error_sentence(refusal.code, refusal.description))
    if not 200 <= response.status < 300 or body is None:
        todo = "Try again in a while" if passes else "Check it in the settings"
        error = ServerFailedError if passes else LoginError
        raise error(f"the token endpoint answered {response.status}, and no token. {todo}.")
    kind, access, refresh = (body.get(name) for name in ("token_type", "access_token", "refresh_token"))
    if not isinstance(access, str):
        raise LoginError("the server's response contains no access token.")
    if kind is not None and str(kind).strip().lower() != "bearer":
        raise LoginError(f"the server's token is of the kind {single_line(str(kind))[:40]!r}, not a bearer token.")
    lasts, scope = _to_seconds(body.get("expires_in")), record_reader.to_line(body.get("scope"))
    return Token(
        access_token=check_token(access),
        scopes=tuple(scope.replace(",", " ").split()) if scope else old.scopes,
        refresh_token=check_token(refresh) if isinstance(refresh, str) and refresh else old.refresh_token,
        expires_at=now + lasts if lasts else None,
    )


def _to_seconds(lifetime: object) -> float | None:
    """Return a token's lifetime in seconds, which some servers send as text or with a fraction; None if unknown."""
    try:
        seconds = float(str(lifetime))
    except ValueError:
        return None
    return seconds if 0 < seconds < _FOREVER else None
