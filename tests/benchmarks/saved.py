"""What is done with what is saved: orders, filters, full text, a sync, the catalogue made anew."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flattr_tui.cli.composition import LibraryServices
from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.query.feed import Sort, View
from flattr_tui.model.api_request import Request
from flattr_tui.model.query import QuerySyntaxError, parse_query
from tests.benchmarks.homes import COLLECTOR, Home, saved
from tests.benchmarks.measuring import Result, Sizes, milliseconds, timed
from tests.benchmarks.varied import varied

SCREEN = 40
"""Rows that are drawn at once."""
TYPED = ("data", "open source", "zzzz", "a")
"""What is typed, letter by letter: words that many have, two of them, one that nobody has, a single letter."""
QUERIES = (*TYPED, "2012", "year:2012 -data", "flattrs:>2 tag:opensource", "owner:nobody")
"""The same with conditions, which are tried as soon as they can be read."""

ALONE: tuple[dict[str, str], ...] = (
    {},
    {"sort": "flattrs"},
    {"sort": "trend"},
    {"category": "software", "language": "de_DE"},
    {"tags": "! opensource"},
)
"""Filters by which a search finds very many things without a word."""


@contextmanager
def _opened(sizes: Sizes) -> Iterator[tuple[LibraryServices, asyncio.Runner]]:
    home = saved(sizes.saved).home
    with asyncio.Runner() as runner:
        library = runner.run(_library(home))
        try:
            yield library, runner
        finally:
            runner.run(library.aclose())


async def _library(home: Home) -> LibraryServices:
    return home.library()


def sorts(sizes: Sizes) -> Iterator[Result]:
    """The first rows of each order of a long list."""
    with _opened(sizes) as (library, runner):
        for sort in Sort:
            if sort is not Sort.SERVER:
                views = [View(sort=sort, descending=bool(turn % 2)) for turn in range(sizes.runs)]
                taken = [runner.run(_read(library, view)) for view in views]
                yield Result(f"sort: first rows by {sort} of {sizes.saved:,}", milliseconds(taken), "ms", 25)


def filters(sizes: Sizes) -> Iterator[Result]:
    """Each keystroke in the filter of a long list."""
    with _opened(sizes) as (library, runner):
        for word in QUERIES:
            taken = [
                [runner.run(_read(library, View(text=word[:stop]))) for _ in range(sizes.runs)]
                for stop in range(1, len(word) + 1)
                if _is_readable(word[:stop])
            ]
            worst = max(map(milliseconds, taken))
            yield Result(f"filter: slowest letter of {word!r} in {sizes.saved:,}", worst, "ms", 25)


def _is_readable(text: str) -> bool:
    try:
        parse_query(text)
    except QuerySyntaxError:
        return False
    return True


async def _read(library: LibraryServices, view: View) -> float:
    """The seconds until a view's first rows are read."""
    told = asyncio.Event()
    end = library.subscribe(lambda _: told.set())
    began = time.perf_counter()
    feed = library.feed(user_flattrs_request(COLLECTOR), view)
    while feed.status.sorting:
        await told.wait()
        told.clear()
        feed.reload()
    feed.rows(0, SCREEN)
    taken = time.perf_counter() - began
    end()
    await library.wait_for_sorting()
    return taken


def words(sizes: Sizes) -> Iterator[Result]:
    """Each keystroke of a search of what is saved, and of words in everything saved."""
    with _opened(sizes) as (library, _):
        finder = library.search
        ways: dict[str, Callable[[str], object]] = {
            "search": lambda text: finder.search_things(Request.of("search", query=text)).rows(0, SCREEN),
            "find": finder.find_text,
        }
        for name, way in ways.items():
            for word in TYPED:
                taken = [
                    [timed(lambda text=word[:stop], way=way: way(text)) for _ in range(sizes.runs)]  # type: ignore[misc]
                    for stop in range(1, len(word) + 1)
                ]
                worst = max(map(milliseconds, taken))
                yield Result(f"words: slowest letter of {word!r}, {name}, at {sizes.saved:,}", worst, "ms", 25)


def spread(sizes: Sizes) -> Iterator[Result]:
    """The same where each flattr is of another thing: words in everything, and the search by filters alone."""
    with asyncio.Runner() as runner:
        library = runner.run(_library(varied(sizes.saved)))
        finder, runs = library.search, max(1, sizes.runs // 2)
        try:
            for word in TYPED:
                taken = [
                    milliseconds([timed(lambda text=word[:stop]: finder.find_text(text)) for _ in range(runs)])  # type: ignore[misc]
                    for stop in range(1, len(word) + 1)
                ]
                yield Result(
                    f"spread: slowest letter of {word!r}, find, at {sizes.saved:,} things", max(taken), "ms", 25
                )
            for filters in ALONE:
                request = Request.of("search", filters)
                first = [timed(lambda asked=request: finder.search_things(asked).rows(0, SCREEN)) for _ in range(runs)]  # type: ignore[misc]
                told = " ".join(f"{name}={value}" for name, value in filters.items()) or "none"
                yield Result(f"spread: first rows, filters alone: {told}", milliseconds(first), "ms", 200)
        finally:
            runner.run(library.aclose())


def sync(sizes: Sizes) -> Iterator[Result]:
    """A whole long list from a server in this process: asked for, stored, taken into the catalogue."""
    done = saved(sizes.saved)
    each = sizes.saved / done.pages
    yield Result(f"sync: pages of {each:,.0f} flattrs, {sizes.saved:,} in all", done.pages / done.seconds, "pages/s")
    yield Result("  flattrs a second", sizes.saved / done.seconds, "/s")


def rebuild(sizes: Sizes) -> Iterator[Result]:
    """The catalogue made anew from the stored pages."""
    with _opened(sizes) as (library, _):
        pages = 0

        def made() -> None:
            nonlocal pages
            pages = library.catalogue.rebuild()

        taken = [timed(made) for _ in range(max(1, sizes.runs // 4))]
        yield Result("rebuild: the catalogue, a thousand pages", statistics.median(taken) / pages * 1000, "s")
