"""How the program holds with very many saved flattrs, beside few: `python -m tests.benchmarks scale --rows 1000000`.

It is not among the benchmarks that run without a name: a million flattrs take about ten thousand requests.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.homes import COLLECTOR, Home, saved
from tests.benchmarks.measuring import Result, Sizes, milliseconds, quit_by_key, settle, to_rest, to_text, wait_for
from tests.benchmarks.terminal import FIRST
from tests.pty.terminal import Terminal

SHORT, MIDDLE, LONG = 1_000, 10_000, 30_000
"""The numbers of flattrs that keys, the start and the sync are compared with."""
OFFLINE = ("--offline", "--user", COLLECTOR)
BEYOND_START = {"sorted by the next column": b"s", "filtered": b"/open source\r", "Review": b"\x1b6"}
"""What is done after the start, when memory is read."""
ROWS_A_SECOND = 100_000
"""Work behind the screen handles at least so many rows in a second."""


def scale(sizes: Sizes) -> Iterator[Result]:
    """Sync, disk, start, keys and memory at `sizes.rows` flattrs, beside fewer."""
    short, middle, long = (min(number, sizes.rows) for number in (SHORT, MIDDLE, LONG))
    paces = [saved(number).pages / saved(number).seconds for number in (long, sizes.rows)]
    yield Result(f"scale: sync of {sizes.rows:,} flattrs", paces[1], "pages/s")
    yield Result(f"  beside {long:,}", paces[1] / paces[0], "×", 0.9, least=True)
    home = saved(sizes.rows).home
    responses = _megabytes(home.paths.responses.rglob("*"))
    catalogue = _megabytes(home.paths.data.glob(f"{home.paths.catalogue.name}*"))
    yield Result("  on disk", responses + catalogue, "MB", 250 * sizes.rows / 1_000_000)
    yield Result("  of it the catalogue", catalogue, "MB")
    starts = [(_start(saved(middle).home), _start(home)) for _ in range(max(2, sizes.runs // 2))]
    yield Result(f"scale: start at {sizes.rows:,}", milliseconds([start for _, start in starts]), "ms")
    yield Result(f"  beside {middle:,}", statistics.median(big / small for small, big in starts), "×", 1.5)
    yield from _keys(saved(short).home, home, sizes)
    yield from _memory(home, sizes)


def _megabytes(files: Iterator[Path]) -> float:
    return sum(file.stat().st_blocks * 512 for file in files if file.is_file()) / 1e6


def _start(home: Home) -> float:
    with home.program(*OFFLINE) as terminal:
        seconds = wait_for(terminal, FIRST["profile"]) - terminal.began
        settle(terminal)
        quit_by_key(terminal)
    return seconds


def _keys(short: Home, long: Home, sizes: Sizes) -> Iterator[Result]:
    with short.program(*OFFLINE) as few, long.program(*OFFLINE) as many:
        for terminal in (few, many):
            wait_for(terminal, FIRST["profile"])
            settle(terminal)
            to_text(terminal, b"3", FIRST["flattrs"], "▸")
            settle(terminal)
        pairs = [(to_rest(few, b"j"), to_rest(many, b"j")) for _ in range(sizes.runs)]
    yield Result(f"scale: j at {sizes.rows:,}", milliseconds([big for _, big in pairs]), "ms")
    yield Result(f"  beside {SHORT:,}", statistics.median(big / small for small, big in pairs), "×", 1.25)


def _memory(home: Home, sizes: Sizes) -> Iterator[Result]:
    with home.program(*OFFLINE) as terminal:
        wait_for(terminal, FIRST["profile"])
        settle(terminal)
        yield Result(f"scale: memory after the start at {sizes.rows:,}", _peak(terminal), "MB", 120)
        seconds = to_text(terminal, b"3", FIRST["flattrs"], "▸")
        settle(terminal)
        yield Result("  Flattrs, first rows", seconds * 1000, "ms")
        yield Result("  G", to_rest(terminal, b"G") * 1000, "ms")
        for name, keys in BEYOND_START.items():
            terminal.send(keys)
            terminal.read_for(2 + sizes.rows / ROWS_A_SECOND)
            yield Result(f"  at most, {name}", _peak(terminal), "MB", 120)


def _peak(terminal: Terminal) -> float:
    """The most memory that the program has had resident so far, in MB."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000
