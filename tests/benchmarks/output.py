"""Measures the bytes that the program writes for one key, and its output, wake-ups and CPU time while it is idle."""

import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flattr_tui.ui.modes import MODES
from tests.benchmarks import data_table
from tests.benchmarks.homes import ADA, make_saved_home
from tests.benchmarks.measurement import Result, Sizes, settle, wait_for
from tests.benchmarks.terminal import FIRST
from tests.pty.terminal import Terminal

STEPS = {"down": b"j", "page down": b"\x1b[6~"}
BASELINE = "Textual's table with a detail"
KEY_BYTES_AIM = 2_000
"""Maximum number of bytes that the program should write for one step down, including those for the detail pane."""


def _start_programs(stack: ExitStack) -> Iterator[tuple[str, Terminal]]:
    """Start programs, and yield the name and the terminal of each: the baseline, then our program in each mode."""
    home = make_saved_home().home
    baseline = stack.enter_context(home.program(module="tests.benchmarks.data_table"))
    wait_for(baseline, data_table.FIRST_ROW)
    settle(baseline)
    yield BASELINE, baseline
    for mode in MODES:
        terminal = stack.enter_context(home.program("--offline", "--user", ADA))
        wait_for(terminal, FIRST["profile"])
        settle(terminal)
        terminal.send(mode.key.encode())
        wait_for(terminal, FIRST[mode.id])
        settle(terminal)
        yield mode.label, terminal


def measure_key_bytes(sizes: Sizes) -> Iterator[Result]:
    """Measure how many bytes are written for one step down and for one page down, in each mode."""
    with ExitStack() as stack:
        for name, terminal in _start_programs(stack):
            for key, pressed in STEPS.items():
                written = [_count_bytes(terminal, pressed) for _ in range(sizes.runs)]
                if not any(written):  # the mode has no list, or the cursor is at its end
                    continue
                aim = KEY_BYTES_AIM if key == "down" and name != BASELINE else None
                yield Result(f"bytes: {key}, {name}", statistics.median(written), "B", aim)


def _count_bytes(terminal: Terminal, pressed: bytes) -> int:
    before = len(terminal.output)
    terminal.send(pressed)
    terminal.read_some(1.0)
    settle(terminal)
    return len(terminal.output) - before


def measure_idle(sizes: Sizes) -> Iterator[Result]:
    """Measure the bytes written, the wake-ups and the CPU time while no key is pressed, in each mode."""
    with ExitStack() as stack:
        for name, terminal in _start_programs(stack):
            terminal.read_for(1.0)  # let the program do the work that the start postpones
            written, woken, worked = len(terminal.output), _count_wakeups(terminal), _read_cpu_ticks(terminal)
            terminal.read_for(sizes.idle)
            yield Result(f"idle: {name}, written", (len(terminal.output) - written) / sizes.idle, "B/s", 0)
            yield Result("  wake-ups", (_count_wakeups(terminal) - woken) / sizes.idle * 60, "/min")
            yield Result("  CPU", (_read_cpu_ticks(terminal) - worked) / sizes.idle, "%")


def _count_wakeups(terminal: Terminal) -> int:
    """Return how often the program's threads have woken up: they wake up as often as they give up the processor."""
    pattern = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE)
    tasks = Path(f"/proc/{terminal.process.pid}/task").iterdir()
    return sum(int(pattern.findall((task / "status").read_text())[0]) for task in tasks)


def _read_cpu_ticks(terminal: Terminal) -> int:
    """Return the CPU time that the program has used so far, in hundredths of a second."""
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
