"""Responses, items and opened stores for the tests of the store."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse

ADA = ApiRequest.of("user-flattrs", username="ada")


def response(body: bytes = b"[]", *, page: int = 1, at: float = 1000.0, **more: Any) -> StoredResponse:
    """Return a response to store, which was fetched at the time `at` (Unix seconds).

    It is a page of ada's flattrs, unless `more` sets other fields.
    """
    fields: dict[str, Any] = {
        "source": "sandbox",
        "request": ADA,
        "page": page,
        "count": 30,
        "response_kind": ResponseKind.FLATTRS,
        "url": "http://sandbox.localhost/rest/v2/users/ada/flattrs?count=30",
        "fetched_at": at,
        "body": body,
        **more,
    }
    return StoredResponse(**fields)


def thing(number: int, title: str = "", owner: str = "melodia", **fields: Any) -> dict[str, Any]:
    """Return a thing as the server sends it."""
    fields_sent = {
        "type": "thing",
        "id": number,
        "title": title or f"Thing {number}",
        "url": f"https://a.example/{number}",
    }
    return {**fields_sent, "owner": {"type": "user", "username": owner}, "created_at": 1_400_000_000 + number, **fields}


def flattr(number: int, who: str = "ada", of: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a flattr as the server sends it, made at 1,500,000,000 + `number` (Unix seconds).

    `of` is the flattred thing; None is the thing with the id `number`.
    """
    owner = {"type": "user", "username": who}
    return {"type": "flattr", "thing": of or thing(number), "owner": owner, "created_at": 1_500_000_000 + number}


def body(items: Iterable[dict[str, Any]]) -> bytes:
    """Return the JSON body of a response with these items."""
    return json.dumps(list(items)).encode()


@contextmanager
def open_stores(data: Path, notices: list[str] | None = None) -> Iterator[tuple[ResponseStore, Catalogue]]:
    """Open the response store and the catalogue of a folder.

    Their notices are appended to `notices`; with None, a notice fails the test.
    """
    notice = pytest.fail if notices is None else notices.append
    responses = ResponseStore.open(data / "responses", notice=notice)
    catalogue = Catalogue.open(data / "catalogue.sqlite", responses, notice=notice)
    try:
        yield responses, catalogue
    finally:
        catalogue.close()
        responses.close()


def save_responses(data: Path, *stored: StoredResponse) -> None:
    """Save responses in the stores of a folder, and ingest them into its catalogue."""
    with open_stores(data) as (responses, catalogue):
        for item in stored:
            catalogue.ingestor.ingest(responses.put(item).stored)
