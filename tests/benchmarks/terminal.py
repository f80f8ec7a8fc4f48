"""Measures how long a user waits at a terminal: for the start, for a key, for another mode, for the end."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from flattr_tui.ui.modes import MODES
from tests.benchmarks import bare_app
from tests.benchmarks.homes import ADA, COLLECTOR, Home, make_saved_home
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
from tests.pty.terminal import Terminal

CONTENT = "flattred"
"""A word in the activities on the profile."""
FIRST = {
    "profile": "Most supported",
    "things": "Things of",
    "flattrs": "Flattrs of",
    "activities": "Activities of",
    "search": "Fill in any field",
    "review": "Saved flattrs of",
    "console": "Get a user",
}
"""For each mode, a text that is on screen as soon as its page is drawn."""
LISTS = ("things", "flattrs", "activities")
"""Modes with a list. The first row of the list shows the sign of the cursor."""
KEYS = {"down": b"\x1b[B", "page down": b"\x1b[6~", "end": b"G"}


def measure_start(sizes: Sizes) -> Iterator[Result]:
    """Measure the time from the launch to the first content, in alternation with a bare Textual program."""
    home, fresh = make_saved_home().home, Home.new()
    programs = {
        "a bare Textual program": (fresh, (), "tests.benchmarks.bare_app", bare_app.LAST_ROW),
        "saved data, --offline": (home, ("--offline", "--user", ADA), "flattr_tui", CONTENT),
        "the sandbox, with saved data": (home, ("--user", ADA), "flattr_tui", CONTENT),
    }
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for run in range(sizes.runs + 1):
        for name, (where, arguments, module, text) in programs.items():
            seconds = _time_start(where, arguments, module, text)
            if run:  # the first run does not count: it fills the caches
                taken[name].append(seconds)
    bare = next(iter(taken.values()))
    for name, starts in taken.items():
        yield Result(f"start: {name}", median_ms(starts), "ms")
        if starts is not bare:
            ratio = statistics.median(mine / its for mine, its in zip(starts, bare, strict=True))
            yield Result("  beside the bare program", ratio, "×", 1.25)
    first = [_time_start(Home.new(), (), "flattr_tui", CONTENT) for _ in range(max(1, sizes.runs // 3))]
    yield Result("start: on a fresh machine, with a new sandbox", statistics.median(first), "s", 1.0)


def _time_start(home: Home, arguments: tuple[str, ...], module: str, text: str) -> float:
    with home.program(*arguments, module=module) as terminal:
        seconds = wait_for(terminal, text) - terminal.began
        settle(terminal)
        time_quit(terminal)
    return seconds


def measure_keys(sizes: Sizes) -> Iterator[Result]:
    """Measure keys alternately in a short list and in a long list: first in the table alone, then in the program."""
    home = make_saved_home(sizes.saved).home
    with ExitStack() as stack:
        short, long = (
            stack.enter_context(home.program(str(count), module="tests.benchmarks.rows"))
            for count in (1_000, sizes.rows)
        )
        for terminal in (short, long):
            wait_for(terminal, "Thing 1 ")
            settle(terminal)
        for name, pressed in KEYS.items():
            pairs = [(_time_key(short, pressed), _time_key(long, pressed)) for _ in range(sizes.runs)]
            yield from _compare_lists(name, "the table alone", pairs, 1_000, sizes.rows)
    with ExitStack() as stack:
        programs = [stack.enter_context(home.program("--offline", "--user", user)) for user in (ADA, COLLECTOR)]
        for terminal in programs:
            wait_for(terminal, FIRST["profile"])
            settle(terminal)
            time_until_text(terminal, b"3", FIRST["flattrs"], "▸")
            settle(terminal)
        for name, pressed in KEYS.items():
            pairs = [(_time_key(programs[0], pressed), _time_key(programs[1], pressed)) for _ in range(sizes.runs)]
            yield from _compare_lists(name, "the program", pairs, 411, sizes.saved)


def _time_key(terminal: Terminal, pressed: bytes) -> float:
    """Return the seconds that a key takes. After the key `end`, the cursor returns to the first row."""
    seconds = time_until_settled(terminal, pressed)
    if pressed == KEYS["end"]:
        time_until_settled(terminal, b"g")
    return seconds


def _compare_lists(name: str, where: str, pairs: list[tuple[float, float]], short: int, long: int) -> Iterator[Result]:
    for count, seconds in ((short, [pair[0] for pair in pairs]), (long, [pair[1] for pair in pairs])):
        yield Result(f"key: {name} in {count:,} rows, {where}", median_ms(seconds), "ms")
    yield Result("  the long list beside the short one", statistics.median(b / a for a, b in pairs), "×", 1.25)


def measure_digits(sizes: Sizes) -> Iterator[Result]:
    """Measure the time from a digit to the first content of its mode, on the first visit and on the second."""
    home = make_saved_home().home
    search = next(mode for mode in MODES if mode.id == "search")  # goes last, because its fields take digits as text
    others = [mode for mode in MODES[1:] if mode is not search]
    for arguments, where in ((("--offline",), "saved"), ((), "the sandbox")):
        first: dict[str, list[float]] = {mode.id: [] for mode in MODES}
        again: dict[str, list[float]] = {mode.id: [] for mode in MODES}
        for _ in range(max(2, sizes.runs // 2)):
            with home.program(*arguments, "--user", ADA) as terminal:
                wait_for(terminal, CONTENT)
                settle(terminal)
                for taken, modes in ((first, (*others, MODES[0])), (again, (*others, MODES[0], search))):
                    for mode in modes:
                        texts = (FIRST[mode.id], "▸") if mode.id in LISTS else (FIRST[mode.id],)
                        taken[mode.id].append(time_until_text(terminal, mode.key.encode(), *texts))
                        settle(terminal)
        for mode in MODES:
            for times, taken, aim in (("first", first, 50), ("again", again, 25)):
                if taken[mode.id]:
                    label = f"digit: {mode.key} {mode.label}, {where}, {times}"
                    yield Result(label, median_ms(taken[mode.id]), "ms", aim)


def measure_quit(sizes: Sizes) -> Iterator[Result]:
    """Measure how long quitting takes: while requests wait for a silent server, while idle, and in a bare program."""
    taken = []
    with World.open(Home.new().path / "world.sqlite") as world:
        for _ in range(sizes.runs):
            faults = Faults([Fault.slow(60, times=FOREVER)])
            with serving(create_app(world, faults=faults)) as root:
                home = Home.new()
                with home.program("--source", f"{root}/rest/v2", "--user", ADA) as terminal:
                    wait_for(terminal, "Profile")
                    while not faults.seen:
                        terminal.read_some(0.01)
                    taken.append(time_quit(terminal))
    idle: list[float] = []
    bare: list[float] = []
    for _ in range(sizes.runs):
        for ended, arguments, module, text in (
            (idle, ("--offline", "--user", ADA), "flattr_tui", CONTENT),
            (bare, (), "tests.benchmarks.bare_app", bare_app.LAST_ROW),
        ):
            with make_saved_home().home.program(*arguments, module=module) as terminal:
                wait_for(terminal, text)
                settle(terminal)
                ended.append(time_quit(terminal))
    yield Result("quit: requests in flight", statistics.median(taken), "s", 0.3)
    yield Result("  nothing in flight", statistics.median(idle), "s", 0.3)
    yield Result("  a bare Textual program", statistics.median(bare), "s")
