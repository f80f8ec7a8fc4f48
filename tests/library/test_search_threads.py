"""Tests of text searches in many flattrs: the newest come first, and a search can be cancelled or closed any time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Flattr
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import SearchCancelledError, StoreError
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_responses import make_flattr, make_thing, open_search, save_response

SANDBOX = parse_source("sandbox")
OTTERS = ApiRequest.of("search", query="otter")
NAMED = ("ada", "bo", "otterfan")


@pytest.fixture(scope="module")
def many_flattrs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with more flattrs than a search for a common word reads. The titles contain common and rare words."""
    folder = tmp_path_factory.mktemp("many")
    things = [
        make_thing(
            number, " ".join(filter(None, ("otter", "sea" if number % 9 == 0 else "", "x" * (number % 400 == 7))))
        )
        for number in range(1, 900)
    ]
    flattrs = [
        make_flattr(NAMED[number % 3], things[number % 899], 1_450_000_000 + number * 60) for number in range(2_400)
    ]
    flattrs += [make_flattr("quiet_ada", things[number], 1_440_000_000 + number) for number in range(5)]
    for username in (*NAMED, "quiet_ada"):
        request = ApiRequest.of("user-flattrs", username=username, full="1")
        save_response(folder, "sandbox", "", request, [one for one in flattrs if one["owner"]["username"] == username])
    return folder


@pytest.mark.parametrize(
    "text", ["otter", "ott", "sea", "x", "ada", "ada sea", "sea otter bo", "otterfan", "quiet", "quiet x", "ada none"]
)
@pytest.mark.parametrize("limit", [5, 100])
def test_the_newest_flattrs_come_first_however_common_the_words_are(many_flattrs: Path, text: str, limit: int) -> None:
    """The words of the search may be in the thing, in the owner's name, or some in one and some in the other."""

    def has(text: str, sought: list[str]) -> bool:
        return all(any(word.startswith(one) for word in text.replace("_", " ").split()) for one in sought)

    def matches(one: Flattr) -> bool:
        name, title = one.owner.username if one.owner else "", f"{one.thing.title} melodia"
        splits = [([word], sought[:at] + sought[at + 1 :]) for at, word in enumerate(sought)]
        return has(title, sought) or has(name, sought) or any(has(name, a) and has(title, b) for a, b in splits)

    look, sought = open_search(many_flattrs, "sandbox"), text.split()
    every = [hit.item for username in (*NAMED, "quiet") for hit in look.find_text(username, ["flattr"], 10_000)]
    flattrs = {one.key: one for one in every if isinstance(one, Flattr)}
    assert len(flattrs) == 2_405
    newest = sorted((one for one in flattrs.values() if matches(one)), key=lambda one: -(one.created_at or 0))
    hits = look.find_text(text, ["flattr"], limit)
    assert [hit.item.key for hit in hits] == [one.key for one in newest[:limit]]


def test_a_cancelled_search_ends(many_flattrs: Path) -> None:
    look = open_search(many_flattrs, "sandbox")

    def expect_cancelled(search: Callable[[], object]) -> None:
        with pytest.raises(SearchCancelledError):
            search()

    with ThreadPoolExecutor(1) as executor:
        executor.submit(expect_cancelled, lambda: look.find_text("otter", is_cancelled=lambda: True)).result()
        executor.submit(expect_cancelled, lambda: look.search_things(OTTERS, is_cancelled=lambda: True)).result()
        late = iter([False, False, True])
        executor.submit(
            expect_cancelled, lambda: look.find_text("otter", is_cancelled=lambda: next(late, True))
        ).result()
        assert executor.submit(look.find_text, "otter", is_cancelled=lambda: False).result()


def test_the_catalogue_closes_while_another_thread_reads_it(many_flattrs: Path) -> None:
    responses = ResponseStore.open(many_flattrs / "responses", notice=pytest.fail)
    catalogue = Catalogue.open(many_flattrs / "catalogue.sqlite", responses, notice=pytest.fail)
    look, begun = OfflineSearch(catalogue, SANDBOX), Event()

    def read() -> None:
        while True:
            look.find_text("otter sea ada", limit=1_000)
            begun.set()

    with ThreadPoolExecutor(1) as executor:
        reading = executor.submit(read)
        assert begun.wait(10)
        catalogue.close()
        with pytest.raises(StoreError):
            reading.result()
    responses.close()
