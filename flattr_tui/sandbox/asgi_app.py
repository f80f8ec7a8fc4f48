"""The sandbox as one ASGI application: the API, the OAuth endpoints, and pages about the sandbox, users and things.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Basics' (`/rest/v2`, `/oauth/authorize`, `/oauth/token`),
'Authenticate' and 'Request an access token'.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from flattr_tui.sandbox import html_pages
from flattr_tui.sandbox.api_call import SandboxRequest, parse_request
from flattr_tui.sandbox.api_responses import ERROR_URI, ApiError
from flattr_tui.sandbox.database import StorageError
from flattr_tui.sandbox.fault_injection import FaultMiddleware, Faults
from flattr_tui.sandbox.html_pages import SubmitPage
from flattr_tui.sandbox.models import BUILT_IN, SCOPES, Credentials
from flattr_tui.sandbox.rest_api import CORS, Api, RateLimiter, preflight
from flattr_tui.sandbox.routes import RESOURCES
from flattr_tui.sandbox.serializers import Addresses
from flattr_tui.sandbox.world import World

if TYPE_CHECKING:
    from flattr_tui.sandbox.authorization_server import SandboxAuthorizationServer

API_PATH = "/rest/v2"
OPENAPI_PATH, DOCS_PATH = f"{API_PATH}/openapi.json", "/docs"
AUTHORIZE_PATH, TOKEN_PATH, REVOKE_PATH = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
_FOR_PROGRAMS = (TOKEN_PATH, REVOKE_PATH, "/health")
CLOSE_SECONDS = 0.05
"""Seconds that `LazyWorld.close` waits while another thread is opening the sandbox's data."""
_DECIDING = ("username", "decision")
_BROKEN = "The authorization request is not valid"
_FRONT = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


class _WithoutSlash:
    """Middleware that answers requests for the API's own address, `/rest/v2`, without a slash at its end.

    A redirect to the address with a slash would lose the query, and would fail a CORS preflight.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._api({**scope, "root_path": scope.get("root_path", "") + API_PATH}, receive, send)


class _OriginForm:
    """Middleware that accepts absolute URLs as request targets, as clients send them to a proxy (RFC 9112, 3.2.2).

    So a client can keep the addresses of flattr.com, and use the sandbox as its proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (front := _FRONT.match(scope["path"])):
            raw = scope.get("raw_path", scope["path"].encode())
            path = scope["path"][front.end() :] or "/"
            scope = {**scope, "path": path, "raw_path": _FRONT.sub("", raw.decode("latin-1")).encode("latin-1") or b"/"}
        await self._app(scope, receive, send)


class LazyWorld:
    """Opens the sandbox's data (a `World`) when it is first used. Any thread may use it; the data is opened once."""

    def __init__(self, source: World | Callable[[], World]) -> None:
        self._lock = Lock()
        self._open = None if isinstance(source, World) else source
        self._world = source if isinstance(source, World) else None

    def __call__(self) -> World:
        """Return the sandbox's data. The first call opens it; other calls wait until it is open."""
        with self._lock:
            if self._world is None:
                assert self._open is not None  # noqa: S101 - one of the two is always there
                self._world = self._open()
            return self._world

    def close(self) -> None:
        """Close the sandbox's data if this object has opened it. Data that the caller had opened stays open.

        If another thread is just opening the data, which can take seconds, the data stays open until the process ends.
        """
        if not self._lock.acquire(timeout=CLOSE_SECONDS):
            return
        try:
            if self._open is not None and self._world is not None:
                self._world.close()
                self._world = None
        finally:
            self._lock.release()


class OAuthEndpoints:
    """The endpoints under `/oauth` of one sandbox.

    `world` returns the sandbox's data, and `root` the server's own address for a request. `clients` may log in, in
    addition to the built-in client. `clock` returns the current time in Unix seconds.
    """

    def __init__(
        self,
        world: Callable[[], World],
        clients: Iterable[Credentials],
        root: Callable[[Request], str],
        clock: Callable[[], float],
    ) -> None:
        self._world = world
        self._clients = {client.client_id: client for client in (BUILT_IN, *clients)}
        self._root = root
        self._clock = clock

    def _server(self, root: str) -> "SandboxAuthorizationServer":
        from flattr_tui.sandbox.authorization_server import SandboxAuthorizationServer  # noqa: PLC0415 - Authlib, only when it is needed

        return SandboxAuthorizationServer(self._world(), self._clients, root, self._clock)

    async def authorize(self, raw: Request) -> Response:
        """Handle `/oauth/authorize`: `GET` shows the consent page, `POST` receives its form."""
        request, root = await parse_request(raw), self._root(raw)
        if request.method == "POST" and request.headers.get("origin", root) != root:
            return html_pages.error_page("Not from here", "The form was sent from another site.", 403)
        try:
            return await asyncio.to_thread(self._authorize, request, root)
        except UnicodeEncodeError:
            return html_pages.error_page(_BROKEN, "The link contains text that can't be part of an address.")

    def _authorize(self, request: SandboxRequest, root: str) -> Response:
        from authlib.oauth2.rfc6749 import OAuth2Error  # noqa: PLC0415

        from flattr_tui.sandbox.authorization_server import AuthorizationRequest, is_printable_address  # noqa: PLC0415

        server = self._server(root)
        try:
            answered = {name: str(value) for name, value in request.fields.items()} if request.method == "POST" else {}
        except ApiError as error:
            return html_pages.error_page(_BROKEN, error.description)
        sent = parse_qsl(request.raw_query, keep_blank_values=True)
        pairs = [*((name, value) for name, value in answered.items() if name not in _DECIDING)]
        pairs += [(name, value) for name, value in sent if name not in answered]
        if not is_printable_address(pairs):
            return html_pages.error_page(_BROKEN, "The redirect_uri is not an address.")
        try:
            grant = server.get_consent_grant(AuthorizationRequest(request.method, pairs, request.headers))
        except OAuth2Error as error:
            # RFC 6749, section 4.1.2.1: an error goes to the client only where its address is beyond doubt.
            if error.redirect_uri:
                return server.handle_error_response(None, error)  # type: ignore[no-any-return]
            return html_pages.error_page(_BROKEN, error.description or error.error)
        users = server.world.usernames()
        if request.method != "POST":
            wanted = {name: SCOPES[name] for name in grant.request.scope.split()}
            return html_pages.consent_page(grant.request.client.client_id, wanted, users, dict(pairs))
        username, decision = answered.get("username", ""), answered.get("decision", "")
        if decision not in {"allow", "deny"}:
            return html_pages.error_page("No decision", "The decision is to allow or to deny.")
        if decision == "allow" and username not in users:
            return html_pages.error_page("Nobody chosen", "There is no such user in this sandbox.")
        user = username if decision == "allow" else None
        return server.create_authorization_response(grant.request, grant_user=user, grant=grant)  # type: ignore[no-any-return]

    async def token(self, request: Request) -> Response:
        """Exchange an authorization code for a token (`POST /oauth/token`)."""
        return await self._respond_to_form(request, lambda server, asking: server.create_token_response(asking))

    async def revoke(self, request: Request) -> Response:
        """Revoke a token (`POST /oauth/revoke`)."""
        return await self._respond_to_form(
            request, lambda server, asking: server.create_endpoint_response("revocation", asking)
        )

    async def _respond_to_form(
        self, raw: Request, act: Callable[["SandboxAuthorizationServer", Any], Response]
    ) -> Response:
        if raw.method == "OPTIONS":
            return preflight(raw.headers)
        request, root = await parse_request(raw), self._root(raw)
        return await asyncio.to_thread(self._process_form, request, root, act)

    def _process_form(
        self, request: SandboxRequest, root: str, act: Callable[["SandboxAuthorizationServer", Any], Response]
    ) -> Response:
        from flattr_tui.sandbox.authorization_server import AuthorizationRequest  # noqa: PLC0415

        try:
            pairs = [(name, str(value)) for name, value in request.fields.items()]
            return act(self._server(root), AuthorizationRequest("POST", pairs, request.headers))
        except (ApiError, ValueError) as error:
            # Authlib raises ValueError for credentials that are malformed or not UTF-8.
            text = error.description if isinstance(error, ApiError) else "The request cannot be read"
            body = ApiError("invalid_request", text).body
            return JSONResponse(body, 400, CORS | {"Cache-Control": "no-store"})

    async def code(self, request: Request) -> Response:
        """Respond to `GET /oauth/code` with a page that shows the code, for clients without a redirect address."""
        return html_pages.code_page(request.query_params)


def create_app(
    world: World | Callable[[], World],
    *,
    rate_limit: int = 1000,
    base: str | None = None,
    clock: Callable[[], float] = time.time,
    faults: Faults | None = None,
    page_cap: int = 100,
    clients: Iterable[Credentials] = (),
    description: Callable[[str], Mapping[str, Any]] | None = None,
) -> Starlette:
    """Return the whole server as an ASGI application.

    - `world` is the sandbox's data, or a function that opens it. The function is called once, in a worker thread, at
      the first request. `app.state.world` is the `LazyWorld`: call it to get the data.
    - `rate_limit` is the number of requests per hour for each token or client address; 0 for no limit.
    - `base` is the beginning of the addresses in `resource` and `link`, such as `https://flattr.com` (which stands for
      its two hosts). With None, it is the address to which each request was sent.
    - `clock` returns the current time in Unix seconds.
    - `faults` are injected into responses.
    - `page_cap` is the maximum number of items on an API page.
    - `clients` may log in, in addition to the built-in client.
    - `description` returns the API's OpenAPI description for an address of the server. With None, the pages about it
      are left out.
    """
    lazy_world, clients = LazyWorld(world), tuple(clients)
    fixed = Addresses.at(base) if base else None

    def addresses(request: Request) -> Addresses:
        return fixed or Addresses.at(root_of(request))

    api = Api(lazy_world, RESOURCES, RateLimiter(rate_limit, clock), addresses, page_cap)
    login = OAuthEndpoints(lazy_world, clients, root_of, clock)
    described = [*_routes(OPENAPI_PATH, _openapi, ["GET"]), *_routes(DOCS_PATH, _docs, ["GET"])] if description else []
    app = Starlette(
        routes=[
            *described,
            Route(API_PATH, _WithoutSlash(api)),
            Mount(API_PATH, app=api),
            *_routes(AUTHORIZE_PATH, login.authorize, ["GET", "POST"]),
            *_routes(TOKEN_PATH, login.token, ["POST", "OPTIONS"]),
            *_routes(REVOKE_PATH, login.revoke, ["POST", "OPTIONS"]),
            *_routes("/.well-known/oauth-authorization-server", _metadata, ["GET"]),
            *_routes("/health", _health, ["GET"]),
            *_routes("/oauth/code", login.code, ["GET"]),
            *_routes("/submit/auto", SubmitPage(lazy_world, root_of).respond, ["GET", "POST"]),
            Route("/", _index),
            *_routes("/profile/{username}", _profile, ["GET"]),
            *_routes("/thing/{id:int}", _thing, ["GET"]),
            Route("/thing/{id:int}/{title:path}", _thing),
        ],
        exception_handlers={
            HTTPException: _http_error,
            StorageError: _storage_error,
            Exception: _server_error,
        },
    )
    app.router.redirect_slashes = False
    app.state.world = lazy_world
    app.state.clients = clients
    app.state.description = description
    if faults is not None:
        app.add_middleware(FaultMiddleware, faults=faults, world=lazy_world)
    app.add_middleware(_OriginForm)
    return app


def describe_server(root: str, clients: Iterable[Credentials] = (), *, has_description: bool = False) -> dict[str, str]:
    """Return what a client needs to connect to the server at `root`, as labels and texts (`Client id`: `flattr-tui`).

    `clients` are the clients besides the built-in one. With `has_description`, the server has an OpenAPI description,
    and its addresses are included.
    """
    pages = {"OpenAPI": f"{root}{OPENAPI_PATH}", "Methods": f"{root}{DOCS_PATH}"} if has_description else {}
    others = "; ".join(f"{client.client_id} ({client.callback or 'any loopback address'})" for client in clients)
    return {
        "API": f"{root}{API_PATH}",
        "Authorization": f"{root}{AUTHORIZE_PATH}",
        "Token": f"{root}{TOKEN_PATH}",
        "Client id": BUILT_IN.client_id,
        "Client secret": BUILT_IN.secret,
        "Scopes": " ".join(SCOPES),
        **({"Other clients": others} if others else {}),
        **pages,
    }


def root_of(request: Request) -> str:
    """Return the server's address, as the client wrote it in the request, without a slash at its end."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('app_root_path', '')}"


def _routes(path: str, endpoint: Callable[[Request], Awaitable[Response]], methods: list[str]) -> list[Route]:
    """Return the routes of a path with and without a slash at its end. A redirect would lose a form that was sent."""
    return [Route(form, endpoint, methods=methods) for form in (path, f"{path}/")]


async def _index(request: Request) -> Response:
    state = request.app.state
    return html_pages.index_page(
        describe_server(root_of(request), state.clients, has_description=state.description is not None)
    )


async def _openapi(request: Request) -> Response:
    return JSONResponse(request.app.state.description(root_of(request)), headers=CORS)


async def _docs(request: Request) -> Response:
    return html_pages.methods_page(request.app.state.description(root_of(request)))


async def _metadata(request: Request) -> Response:
    """Return the description of the authorization server (RFC 8414)."""
    root = root_of(request)
    ways = ["client_secret_basic", "client_secret_post"]
    return JSONResponse(
        {
            "issuer": root,
            "authorization_endpoint": f"{root}{AUTHORIZE_PATH}",
            "token_endpoint": f"{root}{TOKEN_PATH}",
            "token_endpoint_auth_methods_supported": ways,
            "revocation_endpoint": f"{root}{REVOKE_PATH}",
            "revocation_endpoint_auth_methods_supported": ways,
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code", "token"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "implicit"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "service_documentation": ERROR_URI,
        },
        headers=CORS,
    )


async def _health(request: Request) -> Response:
    """Return 200 if the data can be read. If not, `_storage_error` makes the response."""
    world: LazyWorld = request.app.state.world
    await asyncio.to_thread(lambda: world().token(""))
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"} | CORS)


async def _profile(request: Request) -> Response:
    world: LazyWorld = request.app.state.world
    row = await asyncio.to_thread(lambda: world().user(request.path_params["username"]))
    return (
        html_pages.user_page(row)
        if row
        else html_pages.error_page("Nobody", "There is no such user in this sandbox.", 404)
    )


async def _thing(request: Request) -> Response:
    world: LazyWorld = request.app.state.world
    row = await asyncio.to_thread(lambda: world().thing(request.path_params["id"]))
    return (
        html_pages.thing_page(row)
        if row
        else html_pages.error_page("Nothing", "There is no such thing in this sandbox.", 404)
    )


async def _http_error(request: Request, error: Exception) -> Response:
    """Return the response to an unknown path (404) or method (405), as an error of the API."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    status, code = (405, "method_not_allowed") if error.status_code == 405 else (404, "not_found")
    body = ApiError(code, "The resource was not found" if status == 404 else "The method is not allowed here").body
    return JSONResponse(body, status, dict(error.headers or {}) | CORS)


async def _storage_error(request: Request, error: Exception) -> Response:
    """Return the response if the data can't be read or written: an API error for programs, a page for people."""
    assert isinstance(error, StorageError)  # noqa: S101 - what the handler is registered for
    answer = ApiError.of_storage(error)
    if request.url.path.startswith(_FOR_PROGRAMS):
        return JSONResponse(answer.body, answer.status, CORS | {"Cache-Control": "no-store"})
    return html_pages.error_page("The sandbox's data is out of reach", answer.description, answer.status)


async def _server_error(request: Request, error: Exception) -> Response:
    """Return the response to an unexpected exception, as an error of the API.

    Starlette then raises the exception again, so that it is logged.
    """
    return JSONResponse(ApiError("server_error", "Something is technically wrong").body, 500, CORS)
