"""The steps of a login at the sandbox, by an OAuth client and a browser: consent, submitted form, exchanged code."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.sandbox.conftest import BASE

REDIRECT_URI = "http://127.0.0.1:53682/callback"
AUTHORIZE, TOKEN = f"{BASE}/oauth/authorize", f"{BASE}/oauth/token"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTH = ("flattr-tui", "sandbox")


def authorize_params(**changes: str | None) -> dict[str, str]:
    """Return the parameters of an authorization request with `changes` made; None leaves a parameter out."""
    params = {
        "response_type": "code",
        "client_id": "flattr-tui",
        "redirect_uri": REDIRECT_URI,
        "scope": "flattr",
        "state": "s t",
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


class HiddenFieldParser(HTMLParser):
    """Collects the hidden fields of a form, which a browser sends back unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.fields[named["name"] or ""] = named["value"] or ""


def read_hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page, by name."""
    parser = HiddenFieldParser()
    parser.feed(page)
    return parser.fields


async def submit_decision(
    server: httpx.AsyncClient, params: dict[str, str], decision: str = "allow", username: str = "ada"
) -> httpx.Response:
    """Open the consent page, submit its form, and return the response.

    `decision` is `allow` or `deny`. `username` is the user as whom to log in.
    """
    page = await server.get(AUTHORIZE, params=params)
    assert page.status_code == 200, page.text
    return await server.post(
        AUTHORIZE, data=read_hidden_fields(page.text) | {"username": username, "decision": decision}
    )


def redirect_params(response: httpx.Response) -> dict[str, str]:
    """Return the parameters of the address that a response redirects to."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def get_code(server: httpx.AsyncClient, **changes: str | None) -> str:
    """Give consent as ada, and return the authorization code. The request has the parameters in `changes` changed."""
    return redirect_params(await submit_decision(server, authorize_params(**changes)))["code"]


async def exchange_code(
    server: httpx.AsyncClient, code: str, auth: Any = AUTH, **changes: str | None
) -> httpx.Response:
    """Send an authorization code to the token endpoint, and return the response.

    `auth` are the client's credentials. The form has the fields in `changes` changed; None leaves a field out.
    """
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI} | changes
    return await server.post(TOKEN, data={k: v for k, v in body.items() if v is not None}, auth=auth)
