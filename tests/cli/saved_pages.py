"""API pages to save in the data folder, and functions that read the data saved there."""

import random
from pathlib import Path

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.stored_response import StoredResponse
from tests.store.sample_responses import ADA, body, open_stores, response, thing
from tests.store.sample_responses import flattr as make_flattr

BO = ApiRequest.of("user-flattrs", username="bo")
LARGE = random.Random(1).randbytes(40_000).hex()
"""A description of 80,000 characters, which makes the largest file of the store."""
NOW = 1_790_000_000.0
DAY = 86_400.0


def pages() -> list[StoredResponse]:
    """Return responses to save, five API pages of lists.

    Two are public, one is a later version of the first, one is private to ada, and a large one is of another source.
    """
    return [
        response(body(make_flattr(number) for number in range(60, 30, -1)), at=NOW - 90 * DAY),
        response(body(make_flattr(number) for number in range(30, 5, -1)), page=2, at=NOW - 60 * DAY),
        response(body(make_flattr(number) for number in range(61, 31, -1)), at=NOW - DAY),
        response(body([make_flattr(500, "bo")]), request=BO, account="ada", at=NOW - 50 * DAY),
        response(
            body([make_flattr(700, "bo", of=thing(700, "Otter", description=LARGE))]),
            request=BO,
            source="https://other.example/rest/v2",
            at=NOW - 40 * DAY,
        ),
    ]


def count_responses(data: Path) -> list[tuple[str, str, int]]:
    """Return a triple for each account with saved responses: source, account, and number of responses."""
    with open_stores(data) as (responses, _):
        return [(size.source, size.account, size.responses) for size in responses.account_sizes()]


ALL_COUNTS = [("https://other.example/rest/v2", "", 1), ("sandbox", "", 3), ("sandbox", "ada", 1)]


def read_keys(data: Path, request: ApiRequest = ADA, scope: Scope = Scope("sandbox")) -> list[str]:  # noqa: B008
    """Return the keys of the rows of a saved list, with `?` for each gap."""
    with open_stores(data) as (_, catalogue):
        facts = catalogue.list_stats(scope, request)
        found = catalogue.read_rows(facts.id, facts.low, facts.high + 1)
        return [entry.key if entry.item else "?" for entry in found]


def rebuild_lists(data: Path) -> tuple[list[str], list[str], list[str]]:
    """Rebuild the catalogue from the responses, and return the keys in three of its lists (`read_lists`)."""
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()
    with open_stores(data, notices=[]) as (_, catalogue):
        catalogue.ingestor.catch_up()
    return read_lists(data)


def read_lists(data: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the keys in the three lists of `pages`: ada's flattrs, and bo's flattrs of two sources."""
    other = Scope("https://other.example/rest/v2")
    return read_keys(data), read_keys(data, BO, Scope("sandbox", "ada")), read_keys(data, BO, other)
