"""A home where every saved flattr is of a different thing, so that the catalogue holds as many texts as possible."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.model.api_request import user_flattrs_request
from flattr_tui.sandbox import seed_words
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.benchmarks.homes import COLLECTOR, Home

PAGE_SIZE = 500
"""Number of flattrs in one response."""
NEWEST = 1_514_764_799
"""Time of the newest flattr, in Unix seconds."""
INTERVAL = 2_400
"""Seconds between the times of two flattrs."""
NAMESAKES = 400
"""Number of owners with the same first name."""


@cache
def make_varied_home(flattrs: int) -> Home:
    """Return a home with `flattrs` saved flattrs of the collector, each of a different thing. Made once for all."""
    home = Home.new()
    home.paths.responses.mkdir(parents=True)
    responses = ResponseStore.open(home.paths.responses, notice=print)
    for stored in _responses(flattrs):
        responses.put(stored)
    catalogue = Catalogue.open(home.paths.catalogue, responses, notice=lambda _: None)
    catalogue.rebuild()
    catalogue.close()
    responses.close()
    return home


def _responses(flattrs: int) -> Iterator[StoredResponse]:
    request = user_flattrs_request(COLLECTOR)
    method, draw = BY_NAME[request.method], random.Random(1)
    pages = -(-flattrs // PAGE_SIZE)
    for page in range(1, pages + 1):
        first = (page - 1) * PAGE_SIZE
        made = [_make_flattr(number, draw) for number in range(first, min(flattrs, first + PAGE_SIZE))]
        yield StoredResponse(
            source="sandbox",
            request=request,
            page=page,
            count=PAGE_SIZE,
            format=method.default_format.value,
            response_kind=method.response_kind,
            body=json.dumps(made).encode(),
            fetched_at=float(NEWEST + page),
        )


def _make_flattr(number: int, draw: random.Random) -> dict[str, Any]:
    return {
        "type": "flattr",
        "created_at": NEWEST - number * INTERVAL,
        "owner": {"type": "user", "username": COLLECTOR},
        "thing": _make_thing(number, draw),
    }


def _make_thing(number: int, draw: random.Random) -> dict[str, Any]:
    category = draw.choice(list(seed_words.TITLES))
    topic, name = draw.choice(seed_words.TOPICS[category]), draw.choice(seed_words.NAMES)
    place = draw.choice([city for *_, places, _ in seed_words.PEOPLE.values() for city, _ in places])
    fills = {"t": topic, "T": topic[:1].upper() + topic[1:], "N": name, "n": name.lower(), "k": number, "c": place}
    fills["v"] = f"{number % 7}.{number % 11}"
    sentences = draw.sample(seed_words.SENTENCES, draw.randrange(0, 5))
    return {
        "type": "thing",
        "id": number + 1,
        "url": f"https://things.example/{category}/{number}",
        "title": draw.choice(seed_words.TITLES[category]).format(**fills),
        "description": " ".join(sentence.format(**fills) for sentence in sentences),
        "tags": [*draw.sample(seed_words.TAGS[category], draw.randrange(0, 4)), topic],
        "language": draw.choice(("en_GB", "de_DE", "sv_SE", "es_ES", "fr_FR")),
        "category": category,
        "created_at": NEWEST - number * INTERVAL - draw.randrange(1, 86_400 * 200),
        "flattrs": int(min(draw.paretovariate(1.0), 4_000)),
        "hidden": draw.random() < 0.015,
        "owner": {"type": "user", "username": f"{name.lower().split()[0]}{int(draw.random() ** 2 * NAMESAKES)}"},
    }
