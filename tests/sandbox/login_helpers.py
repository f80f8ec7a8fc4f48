"""What a client and a browser do to log in at the sandbox."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.sandbox.conftest import BASE

BACK = "http://127.0.0.1:53682/callback"
AUTHORIZE, TOKEN = f"{BASE}/oauth/authorize", f"{BASE}/oauth/token"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTH = ("flattr-tui", "sandbox")


def asking(**changes: str | None) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": "flattr-tui",
        "redirect_uri": BACK,
        "scope": "flattr",
        "state": "s t",
    }
    return {name: value for name, value in (asked | changes).items() if value is not None}


class Hidden(HTMLParser):
    """What a browser would send of a form besides what a person chooses."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.fields[named["name"] or ""] = named["value"] or ""


def fields_of(page: str) -> dict[str, str]:
    parser = Hidden()
    parser.feed(page)
    return parser.fields


async def decide(
    server: httpx.AsyncClient, asked: dict[str, str], decision: str = "allow", username: str = "ada"
) -> httpx.Response:
    page = await server.get(AUTHORIZE, params=asked)
    assert page.status_code == 200, page.text
    return await server.post(AUTHORIZE, data=fields_of(page.text) | {"username": username, "decision": decision})


def answer_of(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def code_for(server: httpx.AsyncClient, **changes: str | None) -> str:
    return answer_of(await decide(server, asking(**changes)))["code"]


async def exchange(server: httpx.AsyncClient, code: str, auth: Any = AUTH, **changes: str | None) -> httpx.Response:
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | changes
    return await server.post(TOKEN, data={k: v for k, v in body.items() if v is not None}, auth=auth)
