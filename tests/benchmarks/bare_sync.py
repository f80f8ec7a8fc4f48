"""The least that a sync has to do: fetch pages one by one, decode them, store their bytes, and index their words."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import diskcache
import httpx
import msgspec

from flattr_tui.model.entities import Flattr
from tests.benchmarks.homes import COLLECTOR

PAGE_SIZE = 100
SCHEMA = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE item (id INTEGER PRIMARY KEY, time INTEGER, owner TEXT, entity BLOB);
    CREATE VIRTUAL TABLE words USING fts5(title, description, tags, content='', prefix='2 3');
"""


def sync_flattrs(root: str, folder: Path) -> tuple[int, float]:
    """Fetch all flattrs of the collector from the server at `root`. Returns the number of pages, and the seconds."""
    encode, decode = msgspec.msgpack.encode, msgspec.json.Decoder(list[Flattr], strict=False).decode
    began, page = time.perf_counter(), 0
    with (
        httpx.Client() as client,
        diskcache.Cache(str(folder / "responses")) as responses,
        closing(sqlite3.connect(folder / "catalogue.sqlite")) as catalogue,
    ):
        catalogue.executescript(SCHEMA)
        flattrs: list[Flattr] = []
        while not page or len(flattrs) == PAGE_SIZE:
            page += 1
            asked = {"count": PAGE_SIZE, "page": page, "full": 1}
            body = client.get(f"{root}/rest/v2/users/{COLLECTOR}/flattrs", params=asked).content
            flattrs = decode(body)
            responses.set(page, body)
            things = [flattr.thing for flattr in flattrs]
            with catalogue:
                catalogue.executemany(
                    "INSERT INTO item (time, owner, entity) VALUES (?, ?, ?)",
                    [(one.created_at, one.thing.owner and one.thing.owner.username, encode(one)) for one in flattrs],
                )
                catalogue.executemany(
                    "INSERT INTO words (title, description, tags) VALUES (?, ?, ?)",
                    [(thing.title, thing.description, " ".join(thing.tags or ())) for thing in things],
                )
    return page, time.perf_counter() - began
