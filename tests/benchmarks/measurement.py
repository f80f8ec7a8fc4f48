"""Results of measurements and their aims, the table that shows them, and timers for keys on a terminal."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.pty.terminal import Terminal

QUIET = 0.06
"""Seconds without output after which the program has finished handling a key."""
TIMEOUT = 60.0
"""Seconds to wait for output before the measurement fails."""


@dataclass(frozen=True, slots=True)
class Result:
    """One measured value: a line of the table."""

    what: str
    measured: float
    unit: str
    aim: float | None = None
    """The upper limit of `measured`, or its lower limit if `least` is true; None if there is no aim."""
    least: bool = False

    @property
    def verdict(self) -> str:
        """`ok` if the aim is met, `over` if not, empty without an aim."""
        if self.aim is None:
            return ""
        return "ok" if (self.measured >= self.aim if self.least else self.measured <= self.aim) else "over"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The texts of the four columns of the table: what, measured, aim, verdict."""
        aim = "" if self.aim is None else f"{'≥' if self.least else '≤'} {_format_number(self.aim)} {self.unit}"
        return self.what, f"{_format_number(self.measured)} {self.unit}", aim, self.verdict


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much data the benchmarks use, and how often they run."""

    runs: int = 9
    """Repetitions of each measurement; the result is their median."""
    rows: int = 1_000_000
    """Rows in the longest list."""
    saved: int = 100_000
    """Saved flattrs."""
    records: int = 100_000
    """Records in the web archive that is imported."""
    idle: float = 10.0
    """Seconds without a key press for which the idle program is measured."""


QUICK = Sizes(runs=3, rows=20_000, saved=2_000, records=2_000, idle=1.0)
Benchmark = Callable[[Sizes], Iterator[Result]]


def format_table(results: Iterable[Result]) -> Iterator[str]:
    """Yield the heading of the table, and a line for each result as soon as it is measured."""
    yield _format_row("what", "measured", "aim", "")
    for result in results:
        yield _format_row(*result.cells)


def _format_row(what: str, measured: str, aim: str, verdict: str) -> str:
    return f"{what:<62} {measured:>14}  {aim:>12}  {verdict}".rstrip()


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# -- timers for keys on a terminal


def wait_for(terminal: Terminal, *texts: str, start: int = 0) -> float:
    """Read until all `texts` are on the screen, or in the output from byte `start` on.

    Returns the time (`time.perf_counter`) at which all texts are there. The output alone is not enough, because the
    program writes only the cells that change, and seldom a whole text.
    """
    sought = [text.encode() for text in texts]
    end = time.perf_counter() + TIMEOUT
    while not all(text in terminal.output[start:] for text in sought):
        if len(terminal.output) > start and all(text in terminal.screen.text for text in texts):
            break
        if not terminal.read_some(0.5) and (terminal.process.poll() is not None or time.perf_counter() > end):
            raise AssertionError(f"{texts} did not appear:\n{terminal.screen.text}")
    return time.perf_counter()


def settle(terminal: Terminal) -> float:
    """Read until no output comes for `QUIET` seconds. Returns the time of the last output (`time.perf_counter`)."""
    last = time.perf_counter()
    while terminal.read_some(QUIET):
        last = time.perf_counter()
    return last


def time_until_text(terminal: Terminal, keys: bytes, *texts: str) -> float:
    """Press keys, and return the seconds until all `texts` are on the screen."""
    start, began = len(terminal.output), time.perf_counter()
    terminal.send(keys)
    return wait_for(terminal, *texts, start=start) - began


def time_until_settled(terminal: Terminal, keys: bytes) -> float:
    """Press keys, and return the seconds until the last output that the keys cause."""
    began = time.perf_counter()
    terminal.send(keys)
    if not terminal.read_some(TIMEOUT):
        raise AssertionError(f"{keys!r} changed nothing:\n{terminal.screen.text}")
    first = time.perf_counter()
    return max(first, settle(terminal)) - began


def time_quit(terminal: Terminal) -> float:
    """Press `q`, and return the seconds until the program has ended."""
    began = time.perf_counter()
    terminal.send(b"q")
    while terminal.process.poll() is None:
        terminal.read_some(0.002)
    return time.perf_counter() - began


def median_ms(seconds: Sequence[float]) -> float:
    """Return the median of durations in seconds, converted to milliseconds."""
    return statistics.median(seconds) * 1000


def time_call(work: Callable[[], object]) -> float:
    """Call a function, and return the seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
