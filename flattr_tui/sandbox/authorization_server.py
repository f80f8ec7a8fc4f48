"""The authorization server: Authlib's grants, with codes and tokens stored in the sandbox's data.

This module is imported at the first request under `/oauth`, since Authlib takes longer to import than the rest of the
server. Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'; RFC 6749, RFC 7636 (PKCE), RFC
7009 (revocation).

Requests of known clients are accepted, although they differ from the standard. `smgt/flattr` separates scopes by
commas, and the WordPress plugin by plus signs. `antics/node-flattr` sends JSON, and names no `redirect_uri` before the
token request. The documentation names the implicit grant `response_type=access_token`, the standard `token`.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ImplicitGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from starlette.responses import Response

from flattr_tui.sandbox.api_responses import ERROR_URI
from flattr_tui.sandbox.models import SCOPES, Credentials, Token
from flattr_tui.sandbox.trusted_hosts import is_loopback
from flattr_tui.sandbox.world import World

CODE_LIFETIME = 600
"""Seconds for which a code is valid; RFC 6749, section 4.1.2 recommends at most ten minutes."""
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_SPENT = "spent:"
_ENCODED = re.compile(r"https?%3A(?:/|%2F){2}", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_UNPRINTABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
"""Matches what an error description must not contain (RFC 6749, section 5.2), so Authlib must not quote it."""
_JSON = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Access-Control-Allow-Origin": "*",
}


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client, with the interface that Authlib expects."""

    known: Credentials
    code_page: str
    """The address of the page that shows the code to the user, for clients without a redirect address."""

    @property
    def client_id(self) -> str:
        """The id by which the client names itself in requests."""
        return self.known.client_id

    def get_client_id(self) -> str:
        """Return the id by which the client names itself in requests."""
        return self.known.client_id

    def get_default_redirect_uri(self) -> str:
        """Return the redirect address of a request that has no `redirect_uri`."""
        return self.known.callback or self.code_page

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return `scope` unchanged: every client may request every scope. A token without scopes can only read."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether a redirect address is allowed: a registered one, or any on this machine (any port: RFC 8252, 7.3)."""
        return redirect_uri in {self.known.callback, OUT_OF_BAND, self.code_page} or is_loopback(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is correct."""
        return secrets.compare_digest(client_secret.encode(), self.known.secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Return True: no authentication method is refused. The code grant offers only methods that need a secret."""
        return True

    def check_response_type(self, response_type: str) -> bool:
        """Whether `response_type` is documented: `code` or `token`."""
        return response_type in {"code", "token"}

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether `grant_type` is documented: `authorization_code` or `implicit`. There are no refresh tokens."""
        return grant_type in {"authorization_code", "implicit"}


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that a client exchanges for a token, and the details of its grant."""

    code: str
    fields: Mapping[str, str]

    def get_redirect_uri(self) -> str:
        """Return the redirect address in the request for the code; "" if it had none.

        If the token request has a redirect address, it must be the same.
        """
        return self.fields["redirect_uri"]

    def get_scope(self) -> str:
        """Return the granted scopes."""
        return self.fields["scope"]

    @property
    def code_challenge(self) -> str | None:
        """The PKCE challenge; None if the client sent none."""
        return self.fields.get("code_challenge")

    @property
    def code_challenge_method(self) -> str | None:
        """`S256` or `plain`; None if the client did not say."""
        return self.fields.get("code_challenge_method")


def _correct_value(name: str, value: str) -> str:
    """Return the value of the parameter `name` in the standard's form: known clients write some values differently."""
    if name == "scope":
        return " ".join(re.split(r"[\s,+]+", value.strip()))
    if name in {"response_type", "grant_type"}:
        value = _UNPRINTABLE.sub("?", value)
        return "token" if (name, value) == ("response_type", "access_token") else value
    return _decode_once(value) if name == "redirect_uri" else value


def _decode_once(address: str) -> str:
    """Return a redirect address in the form for a header: percent-encoded only once, and in ASCII.

    An address that was encoded twice is decoded once. For example, the WordPress plugin `flattr` encodes its address,
    and then its HTTP client encodes the address again. Characters beyond ASCII, such as `ü`, are encoded. They occur if
    a client does not encode an address with `%C3%BC` for the query: reading the query then decodes `%C3%BC` to `ü` (RFC
    3987, section 3.1).
    """
    decoded = unquote(address) if _ENCODED.match(address) else address
    return _NOT_ASCII.sub(lambda found: quote(found[0], errors="surrogatepass"), decoded)


class RequestParameters(BasicOAuth2Payload):  # type: ignore[misc]
    """The parameters of a request, corrected to the form that Authlib expects."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        lists: dict[str, list[str]] = {}
        for name, value in pairs:
            lists.setdefault(name, []).append(_correct_value(name, value))
        super().__init__({name: values[0] for name, values in lists.items()})
        self._datalist = lists


class AuthorizationRequest(OAuth2Request):  # type: ignore[misc]
    """A request to the authorization server, in the form that Authlib expects."""

    def __init__(self, method: str, pairs: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> None:
        # Only loopback is served by default, where http is safe, so Authlib's check of the scheme is satisfied.
        super().__init__(method, "https://sandbox.invalid/oauth", headers=headers)
        self.payload = RequestParameters(pairs)

    @property
    def args(self) -> Mapping[str, str]:
        """All parameters of the request, from its address and from a form. Authlib reads those of the address here."""
        return self.payload.data  # type: ignore[no-any-return]

    @property
    def form(self) -> Mapping[str, str]:
        """All parameters of the request, from its address and from a form. Authlib reads those of a form here."""
        return self.payload.data  # type: ignore[no-any-return]


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """The authorization code grant. A code is valid once, for ten minutes. Using it again revokes the token."""

    AUTHORIZATION_CODE_LENGTH = 32

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Store a code that was just granted for `request`."""
        data = request.payload.data
        fields = {
            "client_id": request.client.client_id,
            "redirect_uri": request.payload.redirect_uri or "",
            "scope": request.scope,
            "username": request.user,
            "expires": str(int(self.server.clock()) + CODE_LIFETIME),
        }
        challenge = {name: data[name] for name in ("code_challenge", "code_challenge_method") if data.get(name)}
        self.server.world.store_code(code, fields | challenge)

    def validate_token_request(self) -> None:
        """Validate a token request as Authlib does. If it is refused, its code stays valid."""
        self._taken: Code | None = None
        try:
            super().validate_token_request()
        except OAuth2Error:
            self._restore_code()
            raise

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Return an authorization code, and delete it: if two requests send the same code, only one of them gets it.

        Returns None if the code is unknown, used or expired, or if it was granted to another client.
        """
        fields = self.server.world.spend_code(code)
        if fields is None:
            replayed = self.server.world.spend_code(_SPENT + code)
            if replayed is not None:
                self.server.world.revoke_token(replayed["token"])
            return None
        if "expires" not in fields or self.server.clock() >= int(fields["expires"]):
            return None
        self._taken = Code(code, fields)
        if fields["client_id"] != client.client_id:
            self._restore_code()
            return None
        if not self.request.payload.redirect_uri:
            # RFC 6749, section 4.1.3 wants it repeated; `smgt/flattr`, by an author of the service, and
            # `youtify/youtify` never did, and got their tokens. Another address than before is refused all the same.
            return Code(code, {**fields, "redirect_uri": ""})
        return self._taken

    def _restore_code(self) -> None:
        if self._taken is not None:
            self.server.world.store_code(self._taken.code, dict(self._taken.fields))
            self._taken = None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Store the token for which a code was exchanged, so that the token is revoked if the code is used again.

        Authlib calls this to delete the code, but `query_authorization_code` has deleted it already.
        """
        token = {"token": self.request.credential}
        self.server.world.store_code(_SPENT + authorization_code.code, token)

    def authenticate_user(self, authorization_code: Code) -> str | None:
        """Return the user who granted the code; None if the account no longer exists."""
        user = self.server.world.user(authorization_code.fields["username"])
        return user.username if user else None


class TokenGrant(ImplicitGrant):  # type: ignore[misc]
    """The implicit grant (`response_type=token`). Flattr documents it; RFC 9700 discourages it today."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A stored token that is about to be revoked."""

    token: Token

    def check_client(self, client: Client) -> bool:
        """Whether the token was granted to `client`."""
        return self.token.client_id == client.client_id


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Token revocation (RFC 7009), by which a client logs out."""

    CLIENT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> StoredToken | None:
        """Return the stored token with the text `token_string`; None if it is unknown. `token_type_hint` is ignored."""
        token = self.server.world.token(token_string)
        return StoredToken(token) if token else None

    def revoke_token(self, token: StoredToken, request: Any) -> None:
        """Delete the token."""
        self.server.world.revoke_token(token.token.token)


class SandboxAuthorizationServer(AuthorizationServer):  # type: ignore[misc]
    """The authorization server of one sandbox at one address."""

    def __init__(self, world: World, clients: Mapping[str, Credentials], root: str, clock: Callable[[], float]) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.world = world
        self.clock = clock
        self.code_page = f"{root}/oauth/code"
        self._clients = clients
        self.register_token_generator("default", _new_token)
        self.register_grant(CodeGrant, [CodeChallenge(required=False)])
        self.register_grant(TokenGrant)
        self.register_endpoint(Revocation)

    def query_client(self, client_id: str) -> Client | None:
        """Return a client by its id; None if it is unknown."""
        known = self._clients.get(client_id)
        return Client(known, self.code_page) if known else None

    def save_token(self, token: Mapping[str, str], request: Any) -> None:
        """Store a granted token."""
        code = request.authorization_code
        scopes = code.get_scope() if code else request.scope
        granted = Token(token["access_token"], request.user, request.client.client_id, frozenset(scopes.split()))
        self.world.store_token(granted)
        request.credential = token["access_token"]

    def create_token_response(self, request: AuthorizationRequest | None = None) -> Response:
        """Return the response to a token request. A request without a grant type is invalid (RFC 6749, 5.2)."""
        if request is not None and not request.payload.grant_type:
            error = InvalidRequestError("Missing 'grant_type' in request.")
            return self.handle_error_response(request, error)  # type: ignore[no-any-return]
        return super().create_token_response(request)  # type: ignore[no-any-return]

    def create_oauth2_request(self, request: AuthorizationRequest) -> AuthorizationRequest:
        """Return the request unchanged, because it already has the form that Authlib expects."""
        return request

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Do nothing. Authlib calls this to send signals, but nobody listens to them."""

    def get_error_uri(self, request: Any, error: Any) -> str:
        """Return the address of the documentation of the API's errors."""
        return ERROR_URI

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Response:
        """Return the HTTP response to a request: a redirect if `headers` has a `Location`, otherwise JSON with `body`.

        If the client has no redirect address, the redirect leads to the server's own page that shows the code to the
        user.
        """
        named = dict(headers)
        challenge = named.get("WWW-Authenticate", "")
        if challenge.startswith("Basic ") and "realm=" not in challenge:
            # RFC 7617, section 2: clients that wait to be asked for their secret know a challenge by its realm.
            named["WWW-Authenticate"] = 'Basic realm="flattr"'
        location = named.get("Location")
        if location is not None:
            shown = self._restore_slashes(location.replace(OUT_OF_BAND, self.code_page, 1))
            return Response(status_code=status, headers={"Location": shown, "Cache-Control": "no-store"})
        data = dict(body) if body else {}
        if "error" in data:
            data.setdefault("error_description", str(data["error"]).replace("_", " "))
        return Response(json.dumps(data), status, named | _JSON)

    def _restore_slashes(self, location: str) -> str:
        """Return the redirect address `location`, with the slashes after the scheme that Authlib has removed.

        Authlib removes them if a client's callback is only a scheme and slashes, such as `knufficastoauth://`. Without
        them, Android's `Uri` would not find the query of the address. Other addresses are returned unchanged.
        """
        for known in self._clients.values():
            scheme, slashes, rest = known.callback.partition("//")
            if slashes and not rest and location.startswith((f"{scheme}?", f"{scheme}#")):
                return known.callback + location.removeprefix(scheme)
        return location


def _new_token(**_: object) -> dict[str, str]:
    return {"access_token": secrets.token_hex(20), "token_type": "bearer"}


def is_printable_address(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the `redirect_uri` of a request has only characters that an error or a header may contain.

    `pairs` are the names and values of the request's parameters. Returns True if there is no `redirect_uri`.
    """
    return not any(name == "redirect_uri" and _UNPRINTABLE.search(_decode_once(value)) for name, value in pairs)
