"""Functions that save responses of any source, account and time, and open a search in them."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import parse_source
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.library.library_fixtures import NOW

OPENED = ExitStack()
"""The stores that `open_search` opened. A fixture closes them after each test."""


def save_response(folder: Path, source: str, account: str, request: ApiRequest, body: Any, at: float = NOW) -> None:
    """Save a response with this JSON body, as if `account` had fetched it from `source` at the time `at`."""
    method = BY_NAME[request.method]
    responses = ResponseStore.open(folder / "responses", notice=pytest.fail)
    catalogue = Catalogue.open(folder / "catalogue.sqlite", responses, notice=pytest.fail)
    stored = StoredResponse(
        source=source,
        account=account,
        request=request,
        format=method.default_format.value,
        response_kind=method.response_kind,
        body=json.dumps(body).encode(),
        fetched_at=at,
    )
    catalogue.ingestor.ingest(responses.put(stored).stored)
    catalogue.close()
    responses.close()


def open_search(folder: Path, source: str, account: str = "") -> OfflineSearch:
    """Open a search in the data that is saved in a folder. A fixture closes the search after the test."""
    responses = ResponseStore.open(folder / "responses", notice=pytest.fail)
    OPENED.callback(responses.close)
    catalogue = Catalogue.open(folder / "catalogue.sqlite", responses, notice=pytest.fail)
    OPENED.callback(catalogue.close)
    return OfflineSearch(catalogue, parse_source(source), account)


def make_thing(number: int, title: str, owner: str = "melodia", **fields: Any) -> dict[str, Any]:
    record = {"type": "thing", "id": number, "title": title, "url": f"https://a.example/{number}", "hidden": False}
    return {**record, "owner": {"type": "user", "username": owner}, "created_at": 1_400_000_000 + number, **fields}


def make_flattr(username: str, thing: dict[str, Any], at: int) -> dict[str, Any]:
    return {"type": "flattr", "thing": thing, "owner": {"type": "user", "username": username}, "created_at": at}
