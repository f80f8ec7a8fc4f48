"""A home in which every saved flattr is of another thing: the most words, titles and tags that so many flattrs have."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.sandbox import seed_words
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.benchmarks.homes import COLLECTOR, Home

PAGE = 500
"""Flattrs of one answer."""
LAST = 1_514_764_799
"""When the newest flattr was made (Unix seconds)."""
EVERY = 2_400
"""Seconds between two of them."""
NAMESAKES = 400
"""Owners of the same first name."""


@cache
def varied(flattrs: int) -> Home:
    """Save so many flattrs of the collector, each of another thing, once for all benchmarks."""
    home = Home.new()
    home.paths.responses.mkdir(parents=True)
    responses = ResponseStore.open(home.paths.responses, notice=print)
    for stored in _answers(flattrs):
        responses.put(stored)
    catalogue = Catalogue.open(home.paths.catalogue, responses, notice=lambda _: None)
    catalogue.rebuild()
    catalogue.close()
    responses.close()
    return home


def _answers(flattrs: int) -> Iterator[StoredResponse]:
    request = user_flattrs_request(COLLECTOR)
    method, draw = BY_NAME[request.method], random.Random(1)
    pages = -(-flattrs // PAGE)
    for page in range(1, pages + 1):
        first = (page - 1) * PAGE
        made = [_flattr(number, draw) for number in range(first, min(flattrs, first + PAGE))]
        yield StoredResponse(
            source="sandbox",
            request=request,
            page=page,
            count=PAGE,
            format=method.default_format.value,
            answer=method.response_kind,
            body=json.dumps(made).encode(),
            fetched_at=float(LAST + page),
        )


def _flattr(number: int, draw: random.Random) -> dict[str, Any]:
    return {
        "type": "flattr",
        "created_at": LAST - number * EVERY,
        "owner": {"type": "user", "username": COLLECTOR},
        "thing": _thing(number, draw),
    }


def _thing(number: int, draw: random.Random) -> dict[str, Any]:
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
        "created_at": LAST - number * EVERY - draw.randrange(1, 86_400 * 200),
        "flattrs": int(min(draw.paretovariate(1.0), 4_000)),
        "hidden": draw.random() < 0.015,
        "owner": {"type": "user", "username": f"{name.lower().split()[0]}{int(draw.random() ** 2 * NAMESAKES)}"},
    }
