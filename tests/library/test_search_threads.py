"""Finding among very many: the newest flattrs first, nothing that nobody waits for, and an end at any time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from flattr_tui.library.query.search import SavedSearch
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Flattr
from flattr_tui.model.source import parse_source
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import SearchCancelledError, StoreError
from flattr_tui.store.responses import ResponseStore
from tests.library.saved_answers import finder, flattr, keep, thing

SANDBOX = parse_source("sandbox")
OTTERS = Request.of("search", query="otter")
NAMED = ("ada", "bo", "otterfan")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More flattrs than are gone through for a common word, of things with words that many, some and few have."""
    folder = tmp_path_factory.mktemp("many")
    things = [
        thing(number, " ".join(filter(None, ("otter", "sea" if number % 9 == 0 else "", "x" * (number % 400 == 7)))))
        for number in range(1, 900)
    ]
    made = [flattr(NAMED[number % 3], things[number % 899], 1_450_000_000 + number * 60) for number in range(2_400)]
    made += [flattr("quiet_ada", things[number], 1_440_000_000 + number) for number in range(5)]
    for who in (*NAMED, "quiet_ada"):
        request = Request.of("user-flattrs", username=who, full="1")
        keep(folder, "sandbox", "", request, [one for one in made if one["owner"]["username"] == who])
    return folder


@pytest.mark.parametrize(
    "text", ["otter", "ott", "sea", "x", "ada", "ada sea", "sea otter bo", "otterfan", "quiet", "quiet x", "ada none"]
)
@pytest.mark.parametrize("limit", [5, 100])
def test_of_flattrs_however_common_the_words_are_the_newest_come_first(many: Path, text: str, limit: int) -> None:
    """Each flattr has the words in its thing, or in the name, or one in the name and the others in the thing."""

    def has(said: str, sought: list[str]) -> bool:
        return all(any(word.startswith(one) for word in said.replace("_", " ").split()) for one in sought)

    def found(one: Flattr) -> bool:
        name, said = one.owner.username if one.owner else "", f"{one.thing.title} melodia"
        parted = [([word], sought[:at] + sought[at + 1 :]) for at, word in enumerate(sought)]
        return has(said, sought) or has(name, sought) or any(has(name, a) and has(said, b) for a, b in parted)

    look, sought = finder(many, "sandbox"), text.split()
    every = [hit.item for who in (*NAMED, "quiet") for hit in look.find_text(who, ["flattr"], 10_000)]
    flattrs = {one.key: one for one in every if isinstance(one, Flattr)}
    assert len(flattrs) == 2_405
    newest = sorted((one for one in flattrs.values() if found(one)), key=lambda one: -(one.created_at or 0))
    hits = look.find_text(text, ["flattr"], limit)
    assert [hit.item.key for hit in hits] == [one.key for one in newest[:limit]]


def test_a_search_that_nobody_waits_for_any_more_ends(many: Path) -> None:
    look = finder(many, "sandbox")

    def asked(way: Callable[[], object]) -> None:
        with pytest.raises(SearchCancelledError):
            way()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asked, lambda: look.find_text("otter", is_cancelled=lambda: True)).result()
        elsewhere.submit(asked, lambda: look.search_things(OTTERS, is_cancelled=lambda: True)).result()
        late = iter([False, False, True])
        elsewhere.submit(asked, lambda: look.find_text("otter", is_cancelled=lambda: next(late, True))).result()
        assert elsewhere.submit(look.find_text, "otter", is_cancelled=lambda: False).result()


def test_the_catalogue_is_closed_whatever_is_being_read_elsewhere(many: Path) -> None:
    responses = ResponseStore.open(many / "responses", notice=pytest.fail)
    catalogue = Catalogue.open(many / "catalogue.sqlite", responses, notice=pytest.fail)
    look, begun = SavedSearch(catalogue, SANDBOX), Event()

    def read() -> None:
        while True:
            look.find_text("otter sea ada", limit=1_000)
            begun.set()

    with ThreadPoolExecutor(1) as elsewhere:
        reading = elsewhere.submit(read)
        assert begun.wait(10)
        catalogue.close()
        with pytest.raises(StoreError):
            reading.result()
    responses.close()
