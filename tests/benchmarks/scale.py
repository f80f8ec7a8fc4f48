"""Compares the program with very many saved flattrs and with few: `python -m tests.benchmarks scale --rows 1000000`.

This benchmark runs only if it is named, because a million flattrs take about ten thousand requests.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.homes import COLLECTOR, Home, make_saved_home
from tests.benchmarks.measurement import (
    Result,
    Sizes,
    median_ms,
    settle,
    time_quit,
    time_until_settled,
    time_until_text,
    wait_for,
)
from tests.benchmarks.terminal import FIRST
from tests.pty.terminal import Terminal

SHORT, MIDDLE, LONG = 1_000, 10_000, 30_000
"""Smaller numbers of flattrs, to compare with: the first for keys, the second for the start, the third for a sync."""
OFFLINE = ("--offline", "--user", COLLECTOR)
ACTIONS = {"sorted by the next column": b"s", "filtered": b"/open source\r", "Review": b"\x1b6"}
"""Names and keys of the actions after which the peak memory is read."""
ROWS_A_SECOND = 100_000
"""Minimum number of rows that background work handles in a second."""


def measure_scale(sizes: Sizes) -> Iterator[Result]:
    """Measure the sync, disk space, start, keys and memory with `sizes.rows` flattrs, and compare them with fewer."""
    short, middle, long = (min(number, sizes.rows) for number in (SHORT, MIDDLE, LONG))
    paces = [make_saved_home(number).pages / make_saved_home(number).seconds for number in (long, sizes.rows)]
    yield Result(f"scale: sync of {sizes.rows:,} flattrs", paces[1], "pages/s")
    yield Result(f"  beside {long:,}", paces[1] / paces[0], "×", 0.9, least=True)
    home = make_saved_home(sizes.rows).home
    responses = _megabytes(home.paths.responses.rglob("*"))
    catalogue = _megabytes(home.paths.data.glob(f"{home.paths.catalogue.name}*"))
    yield Result("  on disk", responses + catalogue, "MB", 250 * sizes.rows / 1_000_000)
    yield Result("  of it the catalogue", catalogue, "MB")
    starts = [(_time_start(make_saved_home(middle).home), _time_start(home)) for _ in range(max(2, sizes.runs // 2))]
    yield Result(f"scale: start at {sizes.rows:,}", median_ms([start for _, start in starts]), "ms")
    yield Result(f"  beside {middle:,}", statistics.median(big / small for small, big in starts), "×", 1.5)
    yield from _measure_keys(make_saved_home(short).home, home, sizes)
    yield from _measure_memory(home, sizes)


def _megabytes(files: Iterator[Path]) -> float:
    return sum(file.stat().st_blocks * 512 for file in files if file.is_file()) / 1e6


def _time_start(home: Home) -> float:
    with home.program(*OFFLINE) as terminal:
        seconds = wait_for(terminal, FIRST["profile"]) - terminal.began
        settle(terminal)
        time_quit(terminal)
    return seconds


def _measure_keys(short: Home, long: Home, sizes: Sizes) -> Iterator[Result]:
    with short.program(*OFFLINE) as few, long.program(*OFFLINE) as many:
        for terminal in (few, many):
            wait_for(terminal, FIRST["profile"])
            settle(terminal)
            time_until_text(terminal, b"3", FIRST["flattrs"], "▸")
            settle(terminal)
        pairs = [(time_until_settled(few, b"j"), time_until_settled(many, b"j")) for _ in range(sizes.runs)]
    yield Result(f"scale: j at {sizes.rows:,}", median_ms([big for _, big in pairs]), "ms")
    yield Result(f"  beside {SHORT:,}", statistics.median(big / small for small, big in pairs), "×", 1.25)


def _measure_memory(home: Home, sizes: Sizes) -> Iterator[Result]:
    with home.program(*OFFLINE) as terminal:
        wait_for(terminal, FIRST["profile"])
        settle(terminal)
        yield Result(f"scale: memory after the start at {sizes.rows:,}", _read_peak_memory(terminal), "MB", 120)
        seconds = time_until_text(terminal, b"3", FIRST["flattrs"], "▸")
        settle(terminal)
        yield Result("  Flattrs, first rows", seconds * 1000, "ms")
        yield Result("  G", time_until_settled(terminal, b"G") * 1000, "ms")
        for name, keys in ACTIONS.items():
            terminal.send(keys)
            terminal.read_for(2 + sizes.rows / ROWS_A_SECOND)
            yield Result(f"  at most, {name}", _read_peak_memory(terminal), "MB", 120)


def _read_peak_memory(terminal: Terminal) -> float:
    """Return the largest resident memory of the program so far, in MB."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000
