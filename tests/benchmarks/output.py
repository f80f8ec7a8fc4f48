"""What the program writes to a terminal, and how often it wakes up: for one key, and while nobody does anything."""

import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flattr_tui.ui.modes import MODES
from tests.benchmarks import data_table
from tests.benchmarks.homes import ADA, saved
from tests.benchmarks.measuring import Result, Sizes, settle, wait_for
from tests.benchmarks.terminal import FIRST
from tests.pty.terminal import Terminal

STEPS = {"down": b"j", "page down": b"\x1b[6~"}
FLOOR = "Textual's table with a detail"
KEY_BYTES = 2_000
"""At most so much is written for one step down, the detail included."""


def _at_places(stack: ExitStack) -> Iterator[tuple[str, Terminal]]:
    """Yield a program at rest for each place, over saved data, and before them Textual's table."""
    home = saved().home
    floor = stack.enter_context(home.program(module="tests.benchmarks.data_table"))
    wait_for(floor, data_table.FIRST)
    settle(floor)
    yield FLOOR, floor
    for mode in MODES:
        terminal = stack.enter_context(home.program("--offline", "--user", ADA))
        wait_for(terminal, FIRST["profile"])
        settle(terminal)
        terminal.send(mode.key.encode())
        wait_for(terminal, FIRST[mode.id])
        settle(terminal)
        yield mode.label, terminal


def key_bytes(sizes: Sizes) -> Iterator[Result]:
    """Bytes written for one step down and one page down at each place."""
    with ExitStack() as stack:
        for name, terminal in _at_places(stack):
            for key, pressed in STEPS.items():
                written = [_written(terminal, pressed) for _ in range(sizes.runs)]
                if not any(written):  # nothing more to go to
                    continue
                aim = KEY_BYTES if key == "down" and name != FLOOR else None
                yield Result(f"bytes: {key}, {name}", statistics.median(written), "B", aim)


def _written(terminal: Terminal, pressed: bytes) -> int:
    before = len(terminal.output)
    terminal.send(pressed)
    terminal.take(1.0)
    settle(terminal)
    return len(terminal.output) - before


def idle(sizes: Sizes) -> Iterator[Result]:
    """Bytes written, wake-ups and CPU time while no key is pressed, at each place."""
    with ExitStack() as stack:
        for name, terminal in _at_places(stack):
            terminal.read_for(1.0)  # what the start puts off
            written, woken, worked = len(terminal.output), _wakeups(terminal), _cpu_ticks(terminal)
            terminal.read_for(sizes.idle)
            yield Result(f"idle: {name}, written", (len(terminal.output) - written) / sizes.idle, "B/s", 0)
            yield Result("  wake-ups", (_wakeups(terminal) - woken) / sizes.idle * 60, "/min")
            yield Result("  CPU", (_cpu_ticks(terminal) - worked) / sizes.idle, "%")


def _wakeups(terminal: Terminal) -> int:
    """Count how often the program's threads gave up the processor by themselves, which is how often they woke up."""
    pattern = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE)
    tasks = Path(f"/proc/{terminal.process.pid}/task").iterdir()
    return sum(int(pattern.findall((task / "status").read_text())[0]) for task in tasks)


def _cpu_ticks(terminal: Terminal) -> int:
    """CPU time of the program in hundredths of a second."""
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
