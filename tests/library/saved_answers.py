"""Answers saved as if they had come from somewhere: any source, any account, any time."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.query.search import SavedSearch
from flattr_tui.model.api_request import Request
from flattr_tui.model.source import parse_source
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.library.library_fixtures import NOW

OPENED = ExitStack()
"""Closes what `finder` opened; a fixture does that after each test."""


def keep(folder: Path, source: str, account: str, request: Request, body: Any, at: float = NOW) -> None:
    """Save an answer as if it had come from somewhere."""
    method = BY_NAME[request.method]
    responses = ResponseStore.open(folder / "responses", notice=pytest.fail)
    catalogue = Catalogue.open(folder / "catalogue.sqlite", responses, notice=pytest.fail)
    stored = StoredResponse(
        source=source,
        account=account,
        request=request,
        format=method.default_format.value,
        answer=method.response_kind,
        body=json.dumps(body).encode(),
        fetched_at=at,
    )
    catalogue.ingest(responses.put(stored).stored)
    catalogue.close()
    responses.close()


def finder(folder: Path, source: str, account: str = "") -> SavedSearch:
    """Find in what is saved in a folder, until the end of the test."""
    responses = ResponseStore.open(folder / "responses", notice=pytest.fail)
    OPENED.callback(responses.close)
    catalogue = Catalogue.open(folder / "catalogue.sqlite", responses, notice=pytest.fail)
    OPENED.callback(catalogue.close)
    return SavedSearch(catalogue, parse_source(source), account)


def thing(number: int, title: str, owner: str = "melodia", **fields: Any) -> dict[str, Any]:
    made = {"type": "thing", "id": number, "title": title, "url": f"https://a.example/{number}", "hidden": False}
    return {**made, "owner": {"type": "user", "username": owner}, "created_at": 1_400_000_000 + number, **fields}


def flattr(who: str, what: dict[str, Any], at: int) -> dict[str, Any]:
    return {"type": "flattr", "thing": what, "owner": {"type": "user", "username": who}, "created_at": at}
