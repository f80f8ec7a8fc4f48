"""Measures work with saved data: sorting, filtering, searching, a sync, and a rebuild of the catalogue."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flattr_tui.cli.library_factory import LibraryServices
from flattr_tui.library.query.list_feed import Sort, View
from flattr_tui.library.sync import Targets
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.model.query_language import QuerySyntaxError, parse_query
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from flattr_tui.settings import Settings
from tests.benchmarks.bare_sync import sync_flattrs
from tests.benchmarks.homes import COLLECTOR, Home, fetch, make_saved_home
from tests.benchmarks.measurement import Result, Sizes, median_ms, time_call
from tests.benchmarks.varied_home import make_varied_home

COMPARED = 10_000
"""Number of flattrs that the program and, for comparison, the bare loop sync."""
SCREEN = 40
"""Number of rows on one screen."""
TYPED = ("data", "open source", "zzzz", "a")
"""Searches that are typed letter by letter: a frequent word, two words, a word without a match, a single letter."""
QUERIES = (*TYPED, "2012", "year:2012 -data", "flattrs:>2 tag:opensource", "owner:nobody")
"""The searches of `TYPED`, and some with conditions. Only texts that are valid queries are measured while typing."""

FILTERS_ONLY: tuple[dict[str, str], ...] = (
    {},
    {"sort": "flattrs"},
    {"sort": "trend"},
    {"category": "software", "language": "de_DE"},
    {"tags": "! opensource"},
)
"""Searches without words, only with filters that match very many things."""


@contextmanager
def _open_saved_library(sizes: Sizes) -> Iterator[tuple[LibraryServices, asyncio.Runner]]:
    home = make_saved_home(sizes.saved).home
    with asyncio.Runner() as runner:
        library = runner.run(_open_library(home))
        try:
            yield library, runner
        finally:
            runner.run(library.aclose())


async def _open_library(home: Home) -> LibraryServices:
    return home.library()


def measure_sort(sizes: Sizes) -> Iterator[Result]:
    """Measure the time until the first rows of a long list are read, in each sort order."""
    with _open_saved_library(sizes) as (library, runner):
        for sort in Sort:
            if sort is not Sort.SERVER:
                views = [View(sort=sort, descending=bool(turn % 2)) for turn in range(sizes.runs)]
                taken = [runner.run(_time_first_rows(library, view)) for view in views]
                yield Result(f"sort: first rows by {sort} of {sizes.saved:,}", median_ms(taken), "ms", 25)


def measure_filter(sizes: Sizes) -> Iterator[Result]:
    """Measure each keystroke in the filter of a long list. Yields the slowest keystroke of each text."""
    with _open_saved_library(sizes) as (library, runner):
        for word in QUERIES:
            taken = [
                [runner.run(_time_first_rows(library, View(text=word[:stop]))) for _ in range(sizes.runs)]
                for stop in range(1, len(word) + 1)
                if _is_valid_query(word[:stop])
            ]
            worst = max(map(median_ms, taken))
            yield Result(f"filter: slowest letter of {word!r} in {sizes.saved:,}", worst, "ms", 25)


def _is_valid_query(text: str) -> bool:
    try:
        parse_query(text)
    except QuerySyntaxError:
        return False
    return True


async def _time_first_rows(library: LibraryServices, view: View) -> float:
    """Return the seconds until the first rows of a view are read."""
    changed = asyncio.Event()
    unsubscribe = library.subscribe(lambda _: changed.set())
    began = time.perf_counter()
    feed = library.feed(user_flattrs_request(COLLECTOR), view)
    while feed.status.sorting:
        await changed.wait()
        changed.clear()
        feed.reload()
    feed.rows(0, SCREEN)
    taken = time.perf_counter() - began
    unsubscribe()
    await library.wait_for_sorting()
    return taken


def measure_words(sizes: Sizes) -> Iterator[Result]:
    """Measure each keystroke of a search of saved things, and of a search in all saved texts."""
    with _open_saved_library(sizes) as (library, _):
        finder = library.search
        ways: dict[str, Callable[[str], object]] = {
            "search": lambda text: finder.search_things(ApiRequest.of("search", query=text)).rows(0, SCREEN),
            "find": finder.find_text,
        }
        for name, way in ways.items():
            for word in TYPED:
                taken = [
                    [time_call(lambda text=word[:stop], way=way: way(text)) for _ in range(sizes.runs)]  # type: ignore[misc]
                    for stop in range(1, len(word) + 1)
                ]
                worst = max(map(median_ms, taken))
                yield Result(f"words: slowest letter of {word!r}, {name}, at {sizes.saved:,}", worst, "ms", 25)


def measure_spread(sizes: Sizes) -> Iterator[Result]:
    """Measure searches in data in which each flattr is of a different thing, also searches with filters alone."""
    with asyncio.Runner() as runner:
        library = runner.run(_open_library(make_varied_home(sizes.saved)))
        finder, runs = library.search, max(1, sizes.runs // 2)
        try:
            for word in TYPED:
                taken = [
                    median_ms([time_call(lambda text=word[:stop]: finder.find_text(text)) for _ in range(runs)])  # type: ignore[misc]
                    for stop in range(1, len(word) + 1)
                ]
                yield Result(
                    f"spread: slowest letter of {word!r}, find, at {sizes.saved:,} things", max(taken), "ms", 25
                )
            for filters in FILTERS_ONLY:
                request = ApiRequest.of("search", filters)

                def search(request: ApiRequest = request) -> object:
                    return finder.search_things(request).rows(0, SCREEN)

                first = [time_call(search) for _ in range(runs)]
                label = " ".join(f"{name}={value}" for name, value in filters.items()) or "none"
                yield Result(f"spread: first rows, filters alone: {label}", median_ms(first), "ms", 200)
        finally:
            runner.run(library.aclose())


def measure_sync(sizes: Sizes) -> Iterator[Result]:
    """Measure how fast a long list is fetched, stored and added to the catalogue, and compare it with a bare loop."""
    done = make_saved_home(sizes.saved)
    each = sizes.saved / done.pages
    yield Result(f"sync: pages of {each:,.0f} flattrs, {sizes.saved:,} in all", done.pages / done.seconds, "pages/s")
    yield Result("  flattrs a second", sizes.saved / done.seconds, "/s")
    with World.open(Home.new().path / "world.sqlite", scale=COMPARED) as world, serving(create_app(world)) as root:
        bare, bare_seconds = sync_flattrs(root, Home.new().path)
        home = Home.new(Settings(source=f"{root}/rest/v2", rate_limit=0))
        progress, seconds = asyncio.run(fetch(home, Targets(users=(COLLECTOR,), things=False, activities=False)))
    yield Result(f"sync: {COMPARED:,} flattrs from a server on loopback", progress.pages / seconds, "pages/s")
    ratio = progress.pages / seconds * bare_seconds / bare
    yield Result("  beside a loop that fetches, decodes, stores and indexes", ratio, "×", 0.7, least=True)


def measure_rebuild(sizes: Sizes) -> Iterator[Result]:
    """Measure how long the catalogue takes to be rebuilt from the stored pages."""
    with _open_saved_library(sizes) as (library, _):
        pages = 0

        def rebuild() -> None:
            nonlocal pages
            pages = library.catalogue.rebuild()

        taken = [time_call(rebuild) for _ in range(max(1, sizes.runs // 4))]
        yield Result("rebuild: the catalogue, a thousand pages", statistics.median(taken) / pages * 1000, "s")
