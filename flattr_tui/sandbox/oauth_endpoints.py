"""The OAuth endpoints under `/oauth`: the consent page, and the requests for a token and for its revocation.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authenticate' and 'Request an access token'.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flattr_tui.sandbox import html_pages
from flattr_tui.sandbox.api_call import SandboxRequest, parse_request
from flattr_tui.sandbox.api_responses import ApiError
from flattr_tui.sandbox.models import BUILT_IN, SCOPES, Credentials
from flattr_tui.sandbox.rest_api import CORS, preflight
from flattr_tui.sandbox.world import World

if TYPE_CHECKING:
    from flattr_tui.sandbox.authorization_server import SandboxAuthorizationServer

_DECIDING = ("username", "decision")
_BROKEN = "The authorization request is not valid"


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
            return html_pages.error_page(_BROKEN, "It holds text that no address can carry.")

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
