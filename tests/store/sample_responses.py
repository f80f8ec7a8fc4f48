"""Values for the tests of the store."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.model.api_request import Request
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse

ADA = Request.of("user-flattrs", username="ada")


def response(body: bytes = b"[]", *, page: int = 1, at: float = 1000.0, **more: Any) -> StoredResponse:
    """Make a response of page 1 of ada's flattrs, or another one."""
    fields: dict[str, Any] = {
        "source": "sandbox",
        "request": ADA,
        "page": page,
        "count": 30,
        "answer": ResponseKind.FLATTRS,
        "url": "http://sandbox.localhost/rest/v2/users/ada/flattrs?count=30",
        "fetched_at": at,
        "body": body,
        **more,
    }
    return StoredResponse(**fields)


def thing(number: int, title: str = "", owner: str = "melodia", **fields: Any) -> dict[str, Any]:
    """Make a thing as the service sends it."""
    made = {"type": "thing", "id": number, "title": title or f"Thing {number}", "url": f"https://a.example/{number}"}
    return {**made, "owner": {"type": "user", "username": owner}, "created_at": 1_400_000_000 + number, **fields}


def flattr(number: int, who: str = "ada", of: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make a flattr as the service sends it; the larger its number, the later it was."""
    owner = {"type": "user", "username": who}
    return {"type": "flattr", "thing": of or thing(number), "owner": owner, "created_at": 1_500_000_000 + number}


def body(items: Iterable[dict[str, Any]]) -> bytes:
    """Write a list as the service sends it."""
    return json.dumps(list(items)).encode()


@contextmanager
def opened(data: Path, told: list[str] | None = None) -> Iterator[tuple[ResponseStore, Catalogue]]:
    """Open the store and the catalogue in a folder; what they tell goes to `told`, else there is nothing to tell."""
    notice = pytest.fail if told is None else told.append
    responses = ResponseStore.open(data / "responses", notice=notice)
    catalogue = Catalogue.open(data / "catalogue.sqlite", responses, notice=notice)
    try:
        yield responses, catalogue
    finally:
        catalogue.close()
        responses.close()


def keep(data: Path, *came: StoredResponse) -> None:
    """Save responses, and take them into the catalogue."""
    with opened(data) as (responses, catalogue):
        for one in came:
            catalogue.ingest(responses.put(one).stored)
