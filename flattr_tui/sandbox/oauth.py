"""The authorization server: Authlib's grants over the world's codes and tokens.

Imported at the first request under `/oauth`, since Authlib costs more than the rest of the server.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'; RFC 6749, RFC 7636 (PKCE), RFC 7009
(revocation). `smgt/flattr` parts scopes by commas, the WordPress plugin by plus signs, `antics/node-flattr` sends JSON
and names no `redirect_uri` before the token request; the implicit grant goes by `response_type=access_token` in the
documentation, and by `token` in the standard.
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

from flattr_tui.sandbox.choices import SCOPES
from flattr_tui.sandbox.errors import ERROR_URI
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.oauth_clients import Credentials, is_loopback
from flattr_tui.sandbox.world import World

CODE_LIFETIME = 600
"""Seconds; RFC 6749, section 4.1.2 recommends ten minutes at most."""
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_SPENT = "spent:"
_ENCODED = re.compile(r"https?%3A(?:/|%2F){2}", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_UNSAYABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
"""What an error description may not hold (RFC 6749, section 5.2), and so what Authlib must not be given to quote."""
_JSON = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Access-Control-Allow-Origin": "*",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A known client, as Authlib's grants ask about it."""

    known: Credentials
    code_page: str
    """Where a code is shown to a person, when it cannot be sent anywhere."""

    @property
    def client_id(self) -> str:
        """Its id."""
        return self.known.client_id

    def get_client_id(self) -> str:
        """Its id."""
        return self.known.client_id

    def get_default_redirect_uri(self) -> str:
        """Where an answer goes when the request does not say."""
        return self.known.callback or self.code_page

    def get_allowed_scope(self, scope: str | None) -> str:
        """Every client may ask for everything; asking for nothing is a token that reads."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether an address is the client's own, or on this machine (RFC 8252, section 7.3: any port)."""
        return redirect_uri in {self.known.callback, OUT_OF_BAND, self.code_page} or is_loopback(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is right."""
        return secrets.compare_digest(client_secret.encode(), self.known.secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Every way; the code grant offers only those with a secret."""
        return True

    def check_response_type(self, response_type: str) -> bool:
        """Whether the documented ones."""
        return response_type in {"code", "token"}

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the documented one; there are no refresh tokens."""
        return grant_type in {"authorization_code", "implicit"}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was spent, with what it was granted for."""

    code: str
    fields: Mapping[str, str]

    def get_redirect_uri(self) -> str:
        """What the token request must repeat if it names one; empty when none was named."""
        return self.fields["redirect_uri"]

    def get_scope(self) -> str:
        """The scopes granted."""
        return self.fields["scope"]

    @property
    def code_challenge(self) -> str | None:
        """The PKCE challenge, if one was sent."""
        return self.fields.get("code_challenge")

    @property
    def code_challenge_method(self) -> str | None:
        """How the challenge was made."""
        return self.fields.get("code_challenge_method")


def _tidied(name: str, value: str) -> str:
    """Make a parameter what it was meant to be."""
    if name == "scope":
        return " ".join(re.split(r"[\s,+]+", value.strip()))
    if name in {"response_type", "grant_type"}:
        value = _UNSAYABLE.sub("?", value)
        return "token" if (name, value) == ("response_type", "access_token") else value
    return _once(value) if name == "redirect_uri" else value


def _once(address: str) -> str:
    """Return an address as a header carries it.

    An address that was encoded twice is decoded: the WordPress plugin `flattr` encodes it itself, and its HTTP client
    does so again. Characters beyond ASCII are encoded: a client that puts an address with `%C3%BC` into a query as it
    is has its `ü` decoded on the way (RFC 3987, section 3.1).
    """
    decoded = unquote(address) if _ENCODED.match(address) else address
    return _NOT_ASCII.sub(lambda found: quote(found[0], errors="surrogatepass"), decoded)


class Payload(BasicOAuth2Payload):  # type: ignore[misc]
    """A request's parameters, made to be what Authlib expects."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        lists: dict[str, list[str]] = {}
        for name, value in pairs:
            lists.setdefault(name, []).append(_tidied(name, value))
        super().__init__({name: values[0] for name, values in lists.items()})
        self._datalist = lists


class Asking(OAuth2Request):  # type: ignore[misc]
    """A request to the authorization server, free of any framework."""

    def __init__(self, method: str, pairs: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> None:
        # The scheme is loopback's business (uvicorn binds nothing else), so Authlib's check of it is satisfied.
        super().__init__(method, "https://sandbox.invalid/oauth", headers=headers)
        self.payload = Payload(pairs)

    @property
    def args(self) -> Mapping[str, str]:
        """The parameters."""
        return self.payload.data  # type: ignore[no-any-return]

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters."""
        return self.payload.data  # type: ignore[no-any-return]


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """The authorization code grant: a code is good once, for ten minutes, and a replay ends what came of it."""

    AUTHORIZATION_CODE_LENGTH = 32

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep a code that was granted."""
        data = request.payload.data
        fields = {
            "client_id": request.client.client_id,
            "redirect_uri": request.payload.redirect_uri or "",
            "scope": request.scope,
            "username": request.user,
            "expires": str(int(self.server.clock()) + CODE_LIFETIME),
        }
        challenge = {name: data[name] for name in ("code_challenge", "code_challenge_method") if data.get(name)}
        self.server.world.keep_code(code, fields | challenge)

    def validate_token_request(self) -> None:
        """Validate as Authlib does; a code that was taken for a request that is refused is put back."""
        self._taken: Code | None = None
        try:
            super().validate_token_request()
        except OAuth2Error:
            self._put_back()
            raise

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Take a code: of two requests at once, one gets it."""
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
            self._put_back()
            return None
        if not self.request.payload.redirect_uri:
            # RFC 6749, section 4.1.3 wants it repeated; `smgt/flattr`, by an author of the service, and
            # `youtify/youtify` never did, and got their tokens. Another address than before is refused all the same.
            return Code(code, {**fields, "redirect_uri": ""})
        return self._taken

    def _put_back(self) -> None:
        if self._taken is not None:
            self.server.world.keep_code(self._taken.code, dict(self._taken.fields))
            self._taken = None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Remember what came of a code; taking it was its end."""
        token = {"token": self.request.credential}
        self.server.world.keep_code(_SPENT + authorization_code.code, token)

    def authenticate_user(self, authorization_code: Code) -> str | None:
        """Say who granted it, if that user still is."""
        user = self.server.world.user(authorization_code.fields["username"])
        return user.username if user else None


class TokenGrant(ImplicitGrant):  # type: ignore[misc]
    """The implicit grant: `response_type=token` is documented, though nobody should use it any more (RFC 9700)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A token that is to be revoked."""

    token: Token

    def check_client(self, client: Client) -> bool:
        """Whether it was granted to this client."""
        return self.token.client_id == client.client_id


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009: logging out."""

    CLIENT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """Find the token."""
        token = self.server.world.token(token_string)
        return Held(token) if token else None

    def revoke_token(self, token: Held, request: Any) -> None:
        """End it."""
        self.server.world.revoke_token(token.token.token)


class Server(AuthorizationServer):  # type: ignore[misc]
    """The authorization server for one world, at one address."""

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
        """Find a client by its id."""
        known = self._clients.get(client_id)
        return Client(known, self.code_page) if known else None

    def save_token(self, token: Mapping[str, str], request: Any) -> None:
        """Keep a token that was granted."""
        code = request.authorization_code
        scopes = code.get_scope() if code else request.scope
        granted = Token(token["access_token"], request.user, request.client.client_id, frozenset(scopes.split()))
        self.world.keep_token(granted)
        request.credential = token["access_token"]

    def create_token_response(self, request: Asking | None = None) -> Response:
        """Answer a token request; one that names no grant is not valid, and not of an unknown kind (RFC 6749, 5.2)."""
        if request is not None and not request.payload.grant_type:
            error = InvalidRequestError("Missing 'grant_type' in request.")
            return self.handle_error_response(request, error)  # type: ignore[no-any-return]
        return super().create_token_response(request)  # type: ignore[no-any-return]

    def create_oauth2_request(self, request: Asking) -> Asking:
        """Take what was prepared."""
        return request

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def get_error_uri(self, request: Any, error: Any) -> str:
        """Where errors are explained."""
        return ERROR_URI

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Response:
        """Make the response: JSON, or a redirect. An answer for nobody's address goes to the page that shows it."""
        named = dict(headers)
        challenge = named.get("WWW-Authenticate", "")
        if challenge.startswith("Basic ") and "realm=" not in challenge:
            # RFC 7617, section 2: clients that wait to be asked for their secret know a challenge by its realm.
            named["WWW-Authenticate"] = 'Basic realm="flattr"'
        location = named.get("Location")
        if location is not None:
            shown = self._whole(location.replace(OUT_OF_BAND, self.code_page, 1))
            return Response(status_code=status, headers={"Location": shown, "Cache-Control": "no-store"})
        data = dict(body) if body else {}
        if "error" in data:
            data.setdefault("error_description", str(data["error"]).replace("_", " "))
        return Response(json.dumps(data), status, named | _JSON)

    def _whole(self, location: str) -> str:
        """Give a callback that is a scheme alone, as `knufficastoauth://`, its slashes back, which Authlib drops.

        An address without them has no query that Android's `Uri` would read.
        """
        for known in self._clients.values():
            scheme, slashes, rest = known.callback.partition("//")
            if slashes and not rest and location.startswith((f"{scheme}?", f"{scheme}#")):
                return known.callback + location.removeprefix(scheme)
        return location


def _new_token(**_: object) -> dict[str, str]:
    return {"access_token": secrets.token_hex(20), "token_type": "bearer"}


def sayable(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the redirect address is one that an error may quote and a header may carry."""
    return not any(name == "redirect_uri" and _UNSAYABLE.search(_once(value)) for name, value in pairs)
