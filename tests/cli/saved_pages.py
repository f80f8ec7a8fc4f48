"""Some pages saved in the standard folder, and what of them is left."""

import random
from pathlib import Path

from flattr_tui.model.api_request import Request
from flattr_tui.store.stored_response import StoredResponse
from flattr_tui.store.types import Scope
from tests.store.sample_responses import ADA, body, open_stores, response, thing
from tests.store.sample_responses import flattr as sent

BO = Request.of("user-flattrs", username="bo")
LARGE = random.Random(1).randbytes(40_000).hex()
"""So long a description that the response is kept in a file of its own."""
NOW = 1_790_000_000.0
DAY = 86_400.0


def pages() -> list[StoredResponse]:
    """Two pages and a later version of the first one for nobody, one for ada, one from elsewhere in a file."""
    return [
        response(body(sent(number) for number in range(60, 30, -1)), at=NOW - 90 * DAY),
        response(body(sent(number) for number in range(30, 5, -1)), page=2, at=NOW - 60 * DAY),
        response(body(sent(number) for number in range(61, 31, -1)), at=NOW - DAY),
        response(body([sent(500, "bo")]), request=BO, account="ada", at=NOW - 50 * DAY),
        response(
            body([sent(700, "bo", of=thing(700, "Otter", description=LARGE))]),
            request=BO,
            source="https://other.example/rest/v2",
            at=NOW - 40 * DAY,
        ),
    ]


def saved(data: Path) -> list[tuple[str, str, int]]:
    with open_stores(data) as (responses, _):
        return [(size.source, size.account, size.responses) for size in responses.account_sizes()]


ALL = [("https://other.example/rest/v2", "", 1), ("sandbox", "", 3), ("sandbox", "ada", 1)]


def rows(data: Path, request: Request = ADA, scope: Scope = Scope("sandbox")) -> list[str]:  # noqa: B008
    """The keys of a list's rows, holes as `?`."""
    with open_stores(data) as (_, catalogue):
        facts = catalogue.list_stats(scope, request)
        found = catalogue.read_rows(facts.id, facts.low, facts.high + 1)
        return [entry.key if entry.item else "?" for entry in found]


def made_anew(data: Path) -> tuple[list[str], list[str], list[str]]:
    """What the catalogue shows when it is made from the responses alone."""
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()
    with open_stores(data, notices=[]) as (_, catalogue):
        catalogue.catch_up()
    return shown(data)


def shown(data: Path) -> tuple[list[str], list[str], list[str]]:
    return rows(data), rows(data, BO, Scope("sandbox", "ada")), rows(data, BO, Scope("https://other.example/rest/v2"))
