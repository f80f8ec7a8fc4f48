"""What a person waits for at a terminal: the start, a key, a place, the end."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from flattr_tui.ui.modes import MODES
from tests.benchmarks import bare
from tests.benchmarks.homes import ADA, COLLECTOR, Home, saved
from tests.benchmarks.measuring import (
    Result,
    Sizes,
    milliseconds,
    quit_by_key,
    settle,
    to_rest,
    to_text,
    wait_for,
)
from tests.pty.terminal import Terminal

CONTENT = "flattred"
"""What the profile's activities say."""
FIRST = {
    "profile": "Most supported",
    "things": "Things of",
    "flattrs": "Flattrs of",
    "activities": "Activities of",
    "search": "Fill in any field",
    "review": "Saved flattrs of",
    "console": "Get a user",
}
"""What each place shows first."""
LISTS = ("things", "flattrs", "activities")
"""Places that show rows, the first of them with the cursor's sign."""
KEYS = {"down": b"\x1b[B", "page down": b"\x1b[6~", "end": b"G"}


def start(sizes: Sizes) -> Iterator[Result]:
    """From the launch to the first content, beside a bare Textual program, one after the other."""
    home, fresh = saved().home, Home.new()
    programs = {
        "a bare Textual program": (fresh, (), "tests.benchmarks.bare", bare.LAST),
        "saved data, --offline": (home, ("--offline", "--user", ADA), "flattr_tui", CONTENT),
        "the sandbox, with saved data": (home, ("--user", ADA), "flattr_tui", CONTENT),
    }
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for run in range(sizes.runs + 1):
        for name, (where, arguments, module, text) in programs.items():
            seconds = _start(where, arguments, module, text)
            if run:  # the first one fills the caches
                taken[name].append(seconds)
    alone = next(iter(taken.values()))
    for name, starts in taken.items():
        yield Result(f"start: {name}", milliseconds(starts), "ms")
        if starts is not alone:
            ratio = statistics.median(mine / its for mine, its in zip(starts, alone, strict=True))
            yield Result("  beside the bare program", ratio, "×", 1.15)
    first = [_start(Home.new(), (), "flattr_tui", CONTENT) for _ in range(max(1, sizes.runs // 3))]
    yield Result("start: on a fresh machine, the sandbox's world made", statistics.median(first), "s", 1.0)


def _start(home: Home, arguments: tuple[str, ...], module: str, text: str) -> float:
    with home.program(*arguments, module=module) as terminal:
        seconds = wait_for(terminal, text) - terminal.began
        settle(terminal)
        quit_by_key(terminal)
    return seconds


def keys(sizes: Sizes) -> Iterator[Result]:
    """One key in a short and in a long list, in turns: the table alone, then the program over what is saved."""
    home = saved(sizes.saved).home
    with ExitStack() as stack:
        short, long = (
            stack.enter_context(home.program(str(count), module="tests.benchmarks.rows"))
            for count in (1_000, sizes.rows)
        )
        for terminal in (short, long):
            wait_for(terminal, "Thing 1 ")
            settle(terminal)
        for name, pressed in KEYS.items():
            pairs = [(_back(short, pressed), _back(long, pressed)) for _ in range(sizes.runs)]
            yield from _compared(name, "the table alone", pairs, 1_000, sizes.rows)
    with ExitStack() as stack:
        programs = [stack.enter_context(home.program("--offline", "--user", user)) for user in (ADA, COLLECTOR)]
        for terminal in programs:
            wait_for(terminal, FIRST["profile"])
            settle(terminal)
            to_text(terminal, b"3", FIRST["flattrs"], "▸")
            settle(terminal)
        for name, pressed in KEYS.items():
            pairs = [(_back(programs[0], pressed), _back(programs[1], pressed)) for _ in range(sizes.runs)]
            yield from _compared(name, "the program", pairs, 411, sizes.saved)


def _back(terminal: Terminal, pressed: bytes) -> float:
    seconds = to_rest(terminal, pressed)
    if pressed == KEYS["end"]:
        to_rest(terminal, b"g")
    return seconds


def _compared(name: str, where: str, pairs: list[tuple[float, float]], short: int, long: int) -> Iterator[Result]:
    for count, seconds in ((short, [pair[0] for pair in pairs]), (long, [pair[1] for pair in pairs])):
        yield Result(f"key: {name} in {count:,} rows, {where}", milliseconds(seconds), "ms")
    yield Result("  the long list beside the short one", statistics.median(b / a for a, b in pairs), "×", 1.25)


def digits(sizes: Sizes) -> Iterator[Result]:
    """Each digit to its place's first content: when it is first gone to, and again."""
    home = saved().home
    search = next(mode for mode in MODES if mode.id == "search")  # the last: in its fields a digit is a digit
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
                        taken[mode.id].append(to_text(terminal, mode.key.encode(), *texts))
                        settle(terminal)
        for mode in MODES:
            for times, taken in (("first", first), ("again", again)):
                if taken[mode.id]:
                    told = f"digit: {mode.key} {mode.label}, {where}, {times}"
                    yield Result(told, milliseconds(taken[mode.id]), "ms", 100)


def end(sizes: Sizes) -> Iterator[Result]:
    """Quitting while requests wait for a server that does not answer."""
    taken = []
    with World.open(Home.new().path / "world.sqlite") as world:
        for _ in range(sizes.runs):
            faults = Faults([Fault.slow(60, times=FOREVER)])
            with serving(create_app(world, faults=faults)) as root:
                home = Home.new()
                with home.program("--source", f"{root}/rest/v2", "--user", ADA) as terminal:
                    wait_for(terminal, "Profile")
                    while not faults.seen:
                        terminal.take(0.01)
                    taken.append(quit_by_key(terminal))
    idle: list[float] = []
    alone: list[float] = []
    for _ in range(sizes.runs):
        for ended, arguments, module, text in (
            (idle, ("--offline", "--user", ADA), "flattr_tui", CONTENT),
            (alone, (), "tests.benchmarks.bare", bare.LAST),
        ):
            with saved().home.program(*arguments, module=module) as terminal:
                wait_for(terminal, text)
                settle(terminal)
                ended.append(quit_by_key(terminal))
    yield Result("quit: requests in flight", statistics.median(taken), "s", 0.3)
    yield Result("  nothing in flight", statistics.median(idle), "s", 0.3)
    yield Result("  a bare Textual program", statistics.median(alone), "s")
