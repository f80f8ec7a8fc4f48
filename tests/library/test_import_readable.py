"""Tests that imported responses are read under the source `saved`."""

from contextlib import aclosing
from pathlib import Path

import pytest

from flattr_tui.library.import_export.importer import import_files
from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import User
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import make_library
from tests.library.saved_files import DAY_SECONDS, decode_records, fetch_answers, write_har


@pytest.mark.parametrize("full", ["", "1"])
async def test_lists_and_objects(tmp_path: Path, shared_world: World, full: str) -> None:
    arguments = {"username": "ada", "count": "5", "full": full}
    found = await fetch_answers(
        shared_world,
        ("user", {"username": "ada"}),
        ("user-flattrs", arguments),
        ("user-flattrs", arguments | {"page": "2"}),
    )
    library = make_library(tmp_path, None, source="saved")
    async with aclosing(library):
        import_files(library.responses, [write_har(tmp_path / "x.har", found)])
        library.catalogue.ingestor.catch_up()
        record = library.record(ApiRequest.of("user", username="ada"))
        assert isinstance(record.entity, User)
        assert record.fetched_at == DAY_SECONDS
        served = [one["thing"]["id"] for answer in found[1:] for one in decode_records(answer.body)]
        for wanted in ("", "1"):
            feed = library.feed(ApiRequest.of("user-flattrs", username="ada", full=wanted))
            rows = feed.rows(0, len(feed))
            assert [row.item.thing.id for row in rows if isinstance(row, Row)] == served  # type: ignore[union-attr]
            assert isinstance(rows[-1], Gap)  # it is unknown whether the list has ended
            assert feed.status.fetched_at == DAY_SECONDS


async def test_an_older_import_is_not_placed_at_the_top(tmp_path: Path, shared_world: World) -> None:
    [new] = await fetch_answers(shared_world, ("user-flattrs", {"username": "ada", "count": "5"}))
    [old] = await fetch_answers(shared_world, ("user-flattrs", {"username": "ada", "count": "5", "page": "3"}))
    old = type(old)(old.url.replace("&page=3", ""), old.body, at="2012-01-01T00:00:00Z")
    library = make_library(tmp_path, None, source="saved")
    async with aclosing(library):
        for number, answer in enumerate((new, old)):
            import_files(library.responses, [write_har(tmp_path / f"{number}.har", [answer])])
            library.catalogue.ingestor.catch_up()
        feed = library.feed(ApiRequest.of("user-flattrs", username="ada"))
        rows = [row.item.thing.id if isinstance(row, Row) else None for row in feed.rows(0, len(feed))]  # type: ignore[union-attr]
        first, later = ([one["thing"]["id"] for one in decode_records(answer.body)] for answer in (new, old))
        assert rows == [*first, None, *later, None]
