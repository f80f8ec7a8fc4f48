"""How long the event loop is held at a time, and by what, while the program is used over many saved flattrs.

A beat of two milliseconds is scheduled on the loop; a timer's signal looks every two milliseconds how late it is, and
where the loop is then (from another thread that would not be safe). The processor's time of the loop's thread tells
what worked from what only waited for its turn on a busy machine. Python's collecting garbage is told apart: it happens
to whoever is at work.
"""

import asyncio
import gc
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Self

from flattr_tui.cli.tui import on_ready
from flattr_tui.library.sync import Targets
from flattr_tui.ui.app import FlattrApp
from tests.benchmarks.homes import COLLECTOR, saved
from tests.benchmarks.measuring import Result, Sizes

BEAT = 0.002
LOOK = 0.002
HELD = 0.010
"""Seconds that the loop is never to be held for."""
KEY = 0.06
"""Seconds between two keys."""
REST = 0.6
"""Seconds in which what a step began behind the screen comes."""
WORST = 3
"""Holds of each step that are told apart: those in which our own code worked longest."""
SYNCED = ("melodia", "bluemarble", "quietloop")
UNKNOWN = "melodia"
"""Somebody of whom nothing is saved."""


TEXTUAL = "Textual's"
OURS = "ours"
DRAWS = frozenset({"_compositor_refresh"})
"""What is of ours, and only has Textual draw."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One time that the loop was held."""

    seconds: float
    cpu: float
    """Seconds that the loop's thread worked in it, without `garbage`."""
    garbage: float
    """Seconds that it collected garbage."""
    seen: "Counter[tuple[str, str]]"
    """Whose work was seen where, and how often."""

    @property
    def shares(self) -> str:
        """Say whose work it was: `40 % ours, 60 % Textual's`."""
        of: Counter[str] = Counter()
        for (whose, _), number in self.seen.items():
            of[whose] += number
        total = max(1, self.seen.total())
        return ", ".join(f"{number * 100 // total} % {whose}" for whose, number in of.most_common())

    @property
    def ours(self) -> float:
        """Seconds of it that our own code worked, as far as was seen."""
        seen = sum(number for (whose, _), number in self.seen.items() if whose == OURS)
        return self.cpu * seen / max(1, self.seen.total())

    @property
    def where(self) -> str:
        """Say where our own code was most often, else anybody's."""
        most = [where for (whose, where), _ in self.seen.most_common() if whose == OURS]
        return (most or [where for (_, where), _ in self.seen.most_common()] or ["?"])[0]


@dataclass
class Watch:
    """Watches the loop that it is begun on."""

    holds: list[Hold] = field(default_factory=list)
    _last: float = 0.0
    _cpu: float = 0.0
    _garbage: float = 0.0
    """Seconds of garbage since the last beat."""
    _collecting: float = 0.0
    """When collecting it began."""
    _seen: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    _ended: bool = False

    @classmethod
    @asynccontextmanager
    async def begin(cls) -> AsyncIterator[Self]:
        """Watch while the context is open."""
        watch = cls()
        watch._beat()
        gc.callbacks.append(watch._collect)
        before = signal.signal(signal.SIGALRM, watch._look)
        signal.setitimer(signal.ITIMER_REAL, LOOK, LOOK)
        try:
            yield watch
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
            gc.callbacks.remove(watch._collect)
            watch._ended = True

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        late = now - self._last - BEAT
        if self._last and late > HELD:
            self.holds.append(Hold(late, cpu - self._cpu - self._garbage, self._garbage, self._seen))
        self._seen, self._garbage = Counter(), 0.0
        self._last, self._cpu = now, cpu
        if not self._ended:
            asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _collect(self, phase: str, _: dict[str, int]) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._garbage += time.thread_time() - self._collecting

    def _look(self, number: int, frame: FrameType | None) -> None:
        if time.perf_counter() - self._last > BEAT + LOOK:
            self._seen[_where(frame)] += 1

    def take(self) -> list[Hold]:
        """Return the holds since the last time, the longest first."""
        taken, self.holds = self.holds, []
        return sorted(taken, key=lambda hold: hold.ours, reverse=True)


def _where(frame: FrameType | None) -> tuple[str, str]:
    """Say whose work a thread is at, and where: what is innermost, and what of ours called it."""
    named: list[str] = []
    whose = TEXTUAL
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if not named or (module.startswith("flattr_tui.") and name not in DRAWS):
            named.append(f"{module.removeprefix('flattr_tui.')}:{name}")
        if module.startswith("flattr_tui.") and name not in DRAWS and whose == TEXTUAL:
            whose = "the sandbox's" if module.startswith("flattr_tui.sandbox") else OURS
        frame = frame.f_back
    if named[:1] == ["selectors:select"]:
        whose = "nobody's"
    return whose, " < ".join(named[:4])


@dataclass
class Steps:
    """What a person does."""

    app: FlattrApp
    long: bool

    async def keys(self, *keys: str, times: int = 1) -> None:
        """Press keys, one after the other."""
        for key in keys * times:
            self.app.simulate_key(key)
            await asyncio.sleep(KEY)

    async def type(self, text: str) -> None:
        """Type letters."""
        await self.keys(*("space" if letter == " " else letter for letter in text))

    async def browse(self) -> None:
        """Go through a long list that is saved."""
        await self.keys("3")
        await self.keys("pagedown", times=12 if self.long else 3)
        await self.keys("G", "g", "down", "down")

    async def order(self) -> None:
        """Sort and filter it."""
        await self.keys("s", times=5)
        await self.keys("slash")
        await self.type("open so")
        await self.keys("escape", "escape")

    async def details(self) -> None:
        """Open what is told of some rows, and come back."""
        for _ in range(4 if self.long else 1):
            await self.keys("down", "enter")
            await asyncio.sleep(2 * KEY)
            await self.keys("escape")

    async def fetch(self) -> None:
        """Page through lists of which nothing is saved, as they are fetched."""
        self.app.show_user(UNKNOWN)
        await self.keys("2")
        await self.keys("pagedown", times=8 if self.long else 2)
        await self.keys("3")
        await self.keys("pagedown", times=8 if self.long else 2)
        self.app.show_user(COLLECTOR)

    async def sync(self) -> None:
        """Browse while thousands of flattrs are fetched behind the screen."""
        sync = self.app.library.sync
        assert sync is not None
        task = asyncio.create_task(sync.run(Targets(users=SYNCED)))
        await self.keys("3")
        while not task.done():
            await self.keys("pagedown", "down", "down")
        await task

    async def find(self) -> None:
        """Find words in everything."""
        await self.keys("ctrl+f")
        await self.type("open source")
        await self.keys("ctrl+f", "a", "down", "down", "escape")

    async def review(self) -> None:
        """See what is saved in numbers."""
        await self.keys("6")
        await asyncio.sleep(REST)
        await self.keys("down", "down", "down", "enter")
        await asyncio.sleep(REST)
        await self.keys("escape")

    async def search(self) -> None:
        """Search things."""
        await self.keys("5")
        await self.type("the sea")
        await self.keys("escape", "1")


def loop(sizes: Sizes) -> Iterator[Result]:
    """The longest times that the loop was held for, step by step, and where it was then."""
    home = saved(sizes.saved).home
    for name, held in asyncio.run(_used(home.library, sizes.saved > 10_000)):
        longest = max((hold.seconds for hold in held), default=0.0)
        yield Result(f"loop: held at most, {name}", longest * 1000, "ms")
        yield Result("  by our own work", max((hold.ours for hold in held), default=0.0) * 1000, "ms", HELD * 1000)
        yield Result("  by garbage", max((hold.garbage for hold in held), default=0.0) * 1000, "ms")
        for hold in held[:WORST]:
            told = f"  {hold.seconds * 1000:.0f} ms, {hold.cpu * 1000:.0f} of work: {hold.shares}; {hold.where}"
            yield Result(told, hold.ours * 1000, "ms")


async def _used(library: Callable[[], object], long: bool) -> list[tuple[str, list[Hold]]]:
    held = []
    app = FlattrApp(library(), user=COLLECTOR)  # type: ignore[arg-type]
    app.on_ready_callback = on_ready
    async with app.run_test(size=(120, 40)), Watch.begin() as watch:
        await asyncio.sleep(3 * REST)
        steps = Steps(app, long)
        held.append(("start", watch.take()))
        for step in (
            steps.browse,
            steps.order,
            steps.details,
            steps.fetch,
            steps.sync,
            steps.find,
            steps.review,
            steps.search,
        ):
            await step()
            await asyncio.sleep(REST)
            held.append((step.__name__, watch.take()))
    return held
