"""What is measured, beside what it should be; and how the time of a key on a terminal is taken."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.pty.terminal import Terminal

QUIET = 0.06
"""Seconds without output after which a key's work is over."""
HANGS = 60.0
"""Seconds after which something will not come any more."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table."""

    what: str
    measured: float
    unit: str
    aim: float | None = None
    """At most so much, or at least where `least`; None: it is only told."""
    least: bool = False

    @property
    def verdict(self) -> str:
        """Whether the aim is met."""
        if self.aim is None:
            return ""
        return "ok" if (self.measured >= self.aim if self.least else self.measured <= self.aim) else "over"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What, measured, aim, verdict."""
        aim = "" if self.aim is None else f"{'≥' if self.least else '≤'} {_number(self.aim)} {self.unit}"
        return self.what, f"{_number(self.measured)} {self.unit}", aim, self.verdict


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    runs: int = 9
    """Of each: the median is told."""
    rows: int = 1_000_000
    """Of the longest list."""
    saved: int = 100_000
    """Flattrs saved."""
    records: int = 100_000
    """In a web archive that is imported."""
    idle: float = 10.0
    """Seconds without a key."""


QUICK = Sizes(runs=3, rows=20_000, saved=2_000, records=2_000, idle=1.0)
Benchmark = Callable[[Sizes], Iterator[Result]]


def table(results: Iterable[Result]) -> Iterator[str]:
    """Write lines of the table as the results come."""
    yield _row("what", "measured", "aim", "")
    for result in results:
        yield _row(*result.cells)


def _row(what: str, measured: str, aim: str, verdict: str) -> str:
    return f"{what:<62} {measured:>14}  {aim:>12}  {verdict}".rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# -- on a terminal


def wait_for(terminal: Terminal, *texts: str, start: int = 0) -> float:
    """Read until texts are on the screen, by what came after the byte `start`; return when (`time.perf_counter`).

    The program writes only the cells that change, so a text seldom comes as a whole.
    """
    sought = [text.encode() for text in texts]
    end = time.perf_counter() + HANGS
    while not all(text in terminal.output[start:] for text in sought):
        if len(terminal.output) > start and all(text in terminal.screen.text for text in texts):
            break
        if not terminal.take(0.5) and (terminal.process.poll() is not None or time.perf_counter() > end):
            raise AssertionError(f"{texts} never came:\n{terminal.screen.text}")
    return time.perf_counter()


def settle(terminal: Terminal) -> float:
    """Read until nothing more comes for `QUIET`, and return when the last came (`time.perf_counter`)."""
    last = time.perf_counter()
    while terminal.take(QUIET):
        last = time.perf_counter()
    return last


def to_text(terminal: Terminal, keys: bytes, *texts: str) -> float:
    """Press keys, and return the seconds until texts are written."""
    start, began = len(terminal.output), time.perf_counter()
    terminal.send(keys)
    return wait_for(terminal, *texts, start=start) - began


def to_rest(terminal: Terminal, keys: bytes) -> float:
    """Press keys, and return the seconds until all that they change is written."""
    began = time.perf_counter()
    terminal.send(keys)
    if not terminal.take(HANGS):
        raise AssertionError(f"{keys!r} changed nothing:\n{terminal.screen.text}")
    first = time.perf_counter()
    return max(first, settle(terminal)) - began


def quit_by_key(terminal: Terminal) -> float:
    """Press `q`, and return the seconds until the program has ended."""
    began = time.perf_counter()
    terminal.send(b"q")
    while terminal.process.poll() is None:
        terminal.take(0.002)
    return time.perf_counter() - began


def milliseconds(seconds: Sequence[float]) -> float:
    """The median in ms."""
    return statistics.median(seconds) * 1000


def timed(work: Callable[[], object]) -> float:
    """The seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
