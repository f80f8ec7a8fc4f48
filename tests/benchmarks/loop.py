"""Measures how long the event loop is blocked, and by which code, while the program shows many saved flattrs.

The loop runs a callback (a beat) every two milliseconds. Five times as often, the handler of a timer's signal checks
whether the beat is late, and which function runs then; another thread could not read the stack safely. The CPU time of
the loop's thread separates work from waiting for a busy processor. Garbage collection is counted separately, because it
can interrupt any code.
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

from flattr_tui.cli.app_start import on_ready
from flattr_tui.library.sync import Targets
from flattr_tui.ui.app import FlattrApp
from tests.benchmarks.homes import COLLECTOR, make_saved_home
from tests.benchmarks.measurement import Result, Sizes

BEAT = 0.002
"""Seconds between two beats."""
SAMPLE = 0.0004
"""Seconds between two samples of the running function. With 2 ms, a block had about four samples, which was too few to
tell whose work it was."""
BLOCK_AIM = 0.008
"""Maximum number of seconds for which anything should block the loop."""
KEY = 0.06
"""Seconds between two key presses."""
REST = 0.6
"""Seconds to wait after a step, in which its background work ends."""
RUNS = 3
"""How often the steps are run over long lists."""
WORST = 3
"""Maximum number of blocks that are printed for each step: those in which our own code worked longest."""
SYNCED = ("melodia", "bluemarble", "quietloop")
UNKNOWN = "melodia"
"""A user of whom nothing is saved."""


TEXTUAL = "Textual's"
OURS = "ours"
WRAPPERS = frozenset({"_compositor_refresh", "reflow_once", "render_lines", "apply"})
"""Methods of ours that Textual calls to draw and style. Code of Textual that they call counts as Textual's."""


@dataclass(frozen=True, slots=True)
class Block:
    """A period in which the loop was blocked."""

    seconds: float
    cpu: float
    """CPU seconds of the loop's thread, without those of garbage collection."""
    garbage: float
    """CPU seconds of garbage collection."""
    samples: "Counter[tuple[str, str]]"
    """The number of samples by the owner of the running code (such as `ours`) and its place."""

    @property
    def shares(self) -> str:
        """Whose code ran, in words: `40 % ours, 60 % Textual's`."""
        owners: Counter[str] = Counter()
        for (owner, _), number in self.samples.items():
            owners[owner] += number
        total = max(1, self.samples.total())
        return ", ".join(f"{number * 100 // total} % {owner}" for owner, number in owners.most_common())

    @property
    def ours(self) -> float:
        """CPU seconds of our own code, estimated from the samples."""
        ours = sum(number for (owner, _), number in self.samples.items() if owner == OURS)
        return self.cpu * ours / max(1, self.samples.total())

    @property
    def where(self) -> str:
        """The place in our code that was sampled most often; without one, a place in other code or `?`."""
        ours = [where for (owner, where), _ in self.samples.most_common() if owner == OURS]
        return (ours or [where for (_, where), _ in self.samples.most_common()] or ["?"])[0]


@dataclass
class LoopWatch:
    """Records the periods in which the running event loop was blocked."""

    blocks: list[Block] = field(default_factory=list)
    _last: float = 0.0
    _cpu: float = 0.0
    _garbage: float = 0.0
    """CPU seconds of garbage collection since the last beat."""
    _collecting: float = 0.0
    """CPU time of the thread when the running garbage collection began."""
    _samples: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    _ended: bool = False

    @classmethod
    @asynccontextmanager
    async def begin(cls) -> AsyncIterator[Self]:
        """A context manager that yields a watch. The watch records until the `with` block ends."""
        watch = cls()
        watch._beat()
        gc.callbacks.append(watch._collect)
        before = signal.signal(signal.SIGALRM, watch._take_sample)
        signal.setitimer(signal.ITIMER_REAL, SAMPLE, SAMPLE)
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
        if self._last and late > BLOCK_AIM:
            self.blocks.append(Block(late, cpu - self._cpu - self._garbage, self._garbage, self._samples))
        self._samples, self._garbage = Counter(), 0.0
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

    def _take_sample(self, number: int, frame: FrameType | None) -> None:
        if time.perf_counter() - self._last > BEAT + SAMPLE:
            self._samples[_owner_and_place(frame)] += 1

    def pop_blocks(self) -> list[Block]:
        """Return the blocks since the last call. The blocks with the most work of our own code come first."""
        blocks, self.blocks = self.blocks, []
        return sorted(blocks, key=lambda block: block.ours, reverse=True)


def _owner_and_place(frame: FrameType | None) -> tuple[str, str]:
    """Return whose code is running (`Textual's`), and where: the innermost function, and its callers that are ours."""
    names: list[str] = []
    owner = TEXTUAL
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        is_ours = module.startswith("flattr_tui.") and (name not in WRAPPERS or not names)
        if is_ours or not names:
            names.append(f"{module.removeprefix('flattr_tui.')}:{name}")
        if is_ours and owner == TEXTUAL:
            owner = "the sandbox's" if module.startswith("flattr_tui.sandbox") else OURS
        frame = frame.f_back
    if names[:1] == ["selectors:select"]:
        owner = "nobody's"
    return owner, " < ".join(names[:4])


@dataclass
class Steps:
    """The steps that are measured: what a user does in the program."""

    app: FlattrApp
    long: bool
    """Whether the saved lists are long enough to page through many pages."""

    async def keys(self, *keys: str, times: int = 1) -> None:
        """Press keys, `times` times, with a pause after each."""
        for key in keys * times:
            self.app.simulate_key(key)
            await asyncio.sleep(KEY)

    async def type(self, text: str) -> None:
        """Type a text, a letter at a time."""
        await self.keys(*("space" if letter == " " else letter for letter in text))

    async def browse(self) -> None:
        """Page through a long saved list."""
        await self.keys("3")
        await self.keys("pagedown", times=12 if self.long else 3)
        await self.keys("G", "g", "down", "down")

    async def order(self) -> None:
        """Sort and filter the list."""
        await self.keys("s", times=5)
        await self.keys("slash")
        await self.type("open so")
        await self.keys("escape", "escape")

    async def details(self) -> None:
        """Open the pages of some rows, and close them again."""
        for _ in range(4 if self.long else 1):
            await self.keys("down", "enter")
            await asyncio.sleep(2 * KEY)
            await self.keys("escape")

    async def fetch(self) -> None:
        """Page through lists that are not saved, while they are fetched."""
        self.app.show_user(UNKNOWN)
        await self.keys("2")
        await self.keys("pagedown", times=8 if self.long else 2)
        await self.keys("3")
        await self.keys("pagedown", times=8 if self.long else 2)
        self.app.show_user(COLLECTOR)

    async def sync(self) -> None:
        """Browse while a sync fetches thousands of flattrs in the background."""
        sync = self.app.library.sync
        assert sync is not None
        task = asyncio.create_task(sync.run(Targets(users=SYNCED)))
        await self.keys("3")
        while not task.done():
            await self.keys("pagedown", "down", "down")
        await task

    async def find(self) -> None:
        """Search all saved texts."""
        await self.keys("ctrl+f")
        await self.type("open source")
        await self.keys("ctrl+f", "a", "down", "down", "escape")

    async def review(self) -> None:
        """Open the review, and one of its bars."""
        await self.keys("6")
        await asyncio.sleep(REST)
        await self.keys("down", "down", "down", "enter")
        await asyncio.sleep(REST)
        await self.keys("escape")

    async def search(self) -> None:
        """Search things on the search page."""
        await self.keys("5")
        await self.type("the sea")
        await self.keys("escape", "1")


def measure_loop(sizes: Sizes) -> Iterator[Result]:
    """Measure the longest blocks of the loop in each step, and name the functions that ran.

    Each step runs several times. The results are from the run in which our own code blocked the loop for the shortest
    time: our code does the same in every run, but takes more CPU time on a busy processor. For garbage collection, the
    longest one of all runs is the result, because it comes at a different moment in each run.
    """
    home, is_long = make_saved_home(sizes.saved).home, sizes.saved > 10_000
    runs = [asyncio.run(_run_steps(home.copy().library, is_long)) for _ in range(RUNS if is_long else 1)]
    for name in runs[0]:
        blocks = min((run[name] for run in runs), key=_longest_of_ours)
        longest = max((block.seconds for block in blocks), default=0.0)
        garbage = max((block.garbage for run in runs for block in run[name]), default=0.0)
        yield Result(f"loop: blocked at most, {name}", longest * 1000, "ms")
        yield Result("  by our own work", _longest_of_ours(blocks) * 1000, "ms", BLOCK_AIM * 1000)
        yield Result("  by garbage", garbage * 1000, "ms")
        for block in blocks[:WORST]:
            label = f"  {block.seconds * 1000:.0f} ms, {block.cpu * 1000:.0f} of work: {block.shares}; {block.where}"
            yield Result(label, block.ours * 1000, "ms")


def _longest_of_ours(blocks: list[Block]) -> float:
    return max((block.ours for block in blocks), default=0.0)


async def _run_steps(library: Callable[[], object], long: bool) -> dict[str, list[Block]]:
    blocks = {}
    app = FlattrApp(library(), user=COLLECTOR)  # type: ignore[arg-type]
    app.on_ready_callback = on_ready
    async with app.run_test(size=(120, 40)), LoopWatch.begin() as watch:
        await asyncio.sleep(3 * REST)
        steps = Steps(app, long)
        blocks["start"] = watch.pop_blocks()
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
            blocks[step.__name__] = watch.pop_blocks()
    return blocks
