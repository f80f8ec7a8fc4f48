"""A soak test: `python -m tests.soak --minutes 10 --seed 3`.

The test drives the program on a terminal with random keys, resizes, pastes and clicks. The servers are hostile, slow,
failing or dying; the saved data stays the same. Each round ends the program with a signal, keys or `kill -9`. Then the
test checks that no saved data is lost, that the terminal is restored, that the program quit in time, that its memory
stayed flat, and that it wrote no crash report. Each action is printed; the same seed repeats the same actions, apart
from timing. The exit code is 1 if any check failed.
"""

import argparse
import os
import random
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from flattr_tui.store import integrity_check, store_maintenance
from flattr_tui.store.safe_databases import connect_readable
from tests.pty.terminal import Terminal, list_leftovers
from tests.pty.test_hostile_server import FORBIDDEN, answer_as_ada, poison

QUIT_SECONDS: Final = 2.0
"""Seconds that quitting may take on a busy machine. The aim on an idle machine is 0.3 s."""
START_SECONDS: Final = 20.0
ROUND_SECONDS: Final = (4.0, 20.0)
LONG_SECONDS: Final = 100.0
"""In a round of at least this many seconds, memory is checked: it must stay flat after the first third of the round."""
MAX_GROWTH: Final = 20 * 1024 * 1024
"""Maximum number of bytes by which memory may grow in a long round."""
LETTERS: Final = b"12345671234567abdefghijklmnoprstuvwxyzABDEFGLRSW/?jjjkkkeeE"
"""Letters to press. They do not include q, which would end the round."""
KEYS: Final = (
    *(b"\r", b"\x1b", b"\x1b", b"\x1b", b"\t", b" ", b"\x7f"),
    *(b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[5~", b"\x1b[6~", b"\x1b[H", b"\x1b[F"),
    *(bytes([ord(letter) & 0x1F]) for letter in "dunpflsex"),
)
PASTES: Final = (
    "ada",
    "https://sandbox.localhost/thing/428434",
    "two\nlines\r\nand a third",
    "夜汽車の記録 👩‍👩‍👧 e\N{COMBINING ACUTE ACCENT}",
    "\x1b]0;title\x07\x1b[2J\x00\x9b31m",
    "x" * 10_000,
    "'\"\\%s{}[bold]$HOME`ls`",
)
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


class DyingServer:
    """The sandbox in a process that can be killed and started again at the same address."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/rest/v2"

    def start(self) -> None:
        """Start the server, and wait until it prints its address."""
        options = [
            "--port",
            str(self._port),
            "--json",
            "--rate-limit",
            "0",
            "--fault",
            "fail=0.05",
            "--fault",
            "cut=0.05",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flattr_tui", "serve", *options, "--data", str(self._home / "served.sqlite")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        match = re.search(r"http://[^\"]*?:(\d+)", self._process.stdout.readline())
        if match is None:
            raise RuntimeError("the server did not start")
        self._port = int(match[1])

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def is_up(self) -> bool:
        return self._process is not None


class Soak:
    """A run of many rounds over the same saved data."""

    def __init__(self, home: Path, chance: random.Random, hostile: str, dying: DyingServer) -> None:
        self._home = home
        self._chance = chance
        self._dying = dying
        self._sources = (
            ("--user", "ada"),
            ("--user", "ada", "--offline"),
            ("--source", "saved"),
            ("--source", hostile, "--user", "ada"),
            ("--source", dying.address, "--user", "ada"),
            ("--source", dying.address, "--user", "collector"),
        )
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "BROWSER"}},
            **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")},
            "HOME": str(home),
            "TERM": "xterm-256color",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self._data = home / "data" / "flattr-tui"
        self._seen_keys: frozenset[str] = frozenset()
        """Keys of all responses that were in the store after the last round."""
        self.failures: list[str] = []
        self.rounds = 0

    def run(self, until: float) -> None:
        """Run rounds until the time `until`, in seconds of `time.monotonic`."""
        while (left := until - time.monotonic()) > 0:
            self.rounds += 1
            is_long = self.rounds % 6 == 2
            seconds = LONG_SECONDS if is_long else self._chance.uniform(*ROUND_SECONDS)
            self._run_round(min(left, seconds))

    def _run_round(self, seconds: float) -> None:
        source = self._chance.choice(self._sources)
        size = self._random_size()
        self._say(f"round {self.rounds}: {' '.join(source)} at {size[0]}x{size[1]} for {seconds:.0f} s")
        if not self._dying.is_up:
            self._dying.start()
        command = shlex.join((sys.executable, "-m", "flattr_tui", *source))
        program = ("/bin/sh", "-c", f"cd {shlex.quote(str(self._home))} && exec {command}")
        with Terminal(program, self._environment, size=size) as terminal:
            is_up = self._wait(terminal, START_SECONDS, lambda: b"\x1b[?1049h" in terminal.output)
            if not is_up:
                self._fail(f"it did not start: {terminal.text[-500:]!r}")
                return
            memory = self._play(terminal, time.monotonic() + seconds)
            self._record_keys()
            self._end_program(terminal)
            self._check_output(terminal)
        self._check_memory(memory, seconds)
        self._check_store()

    # -- actions

    def _play(self, terminal: Terminal, until: float) -> list[int]:
        """Act at random until the time `until`. Returns the program's memory in bytes after each action."""
        memory = []
        while time.monotonic() < until and terminal.process.poll() is None:
            self._act(terminal)
            terminal.read_for(self._chance.choice((0.0, 0.0, 0.02, 0.1, 0.5)))
            memory.append(read_memory(terminal.process.pid))
        return memory

    def _act(self, terminal: Terminal) -> None:
        kind = self._chance.random()
        if kind < 0.5:
            keys = bytes(self._chance.choices(LETTERS, k=self._chance.choice((1, 1, 1, 2, 5))))
            self._send(terminal, keys)
        elif kind < 0.85:
            self._send(terminal, self._chance.choice(KEYS))
        elif kind < 0.92:
            size = self._random_size()
            self._say(f"  resize {size[0]}x{size[1]}")
            terminal.resize(*size)
        elif kind < 0.95:
            self._send(terminal, b"\x1b[200~" + self._chance.choice(PASTES).encode() + b"\x1b[201~")
        elif kind < 0.99:
            x, y = self._chance.randint(1, 120), self._chance.randint(1, 40)
            self._send(terminal, b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (x, y, x, y))
        elif self._dying.is_up:
            self._say("  the server dies")
            self._dying.kill()
        else:
            self._say("  the server is back")
            self._dying.start()

    def _send(self, terminal: Terminal, keys: bytes) -> None:
        self._say(f"  send {keys[:60]!r}")
        terminal.send(keys)

    def _random_size(self) -> tuple[int, int]:
        return self._chance.choice(
            ((120, 40), (80, 24), (40, 12), (self._chance.randint(5, 200), self._chance.randint(2, 60)))
        )

    def _end_program(self, terminal: Terminal) -> None:
        if terminal.process.poll() is not None:
            self._check_end(terminal, "by itself", {0})
            return
        how = self._chance.choice(("kill", "kill", "q", "ctrl+c", "signal"))
        if how == "kill":
            self._say("  kill -9")
            terminal.process.kill()
            terminal.process.wait()
            return
        codes = {0}
        if how == "signal":
            number = self._chance.choice(SIGNALS)
            how, codes = number.name, {128 + number}
        self._wait(terminal, 0.3, lambda: False)  # lets the program handle keys sent before
        began = time.monotonic()
        self._say(f"  {how}")
        if how == "q":
            for _ in range(8):  # leave open dialogs; sent one by one, because esc followed by a letter is alt
                terminal.send(b"\x1b")
                self._wait(terminal, 0.15, lambda: terminal.process.poll() is not None)
            began = time.monotonic()
            terminal.send(b"\x11")
        elif how == "ctrl+c":
            # One that comes when the terminal has its own mode back is a signal. Shells call both ends of it 130.
            codes = {0, 130, -signal.SIGINT}
            for _ in range(3):  # the first ones may copy selected text, or end a selection
                terminal.send(b"\x03")
                self._wait(terminal, 0.2, lambda: terminal.process.poll() is not None)
                if terminal.process.poll() is not None:
                    break
        else:
            terminal.process.send_signal(number)
        self._wait(terminal, 10 * QUIT_SECONDS, lambda: terminal.process.poll() is not None)
        took = time.monotonic() - began
        if terminal.process.poll() is None:
            self._fail(f"it did not quit by {how}:\n{terminal.screen.text}")
            return
        if took > QUIT_SECONDS:
            self._fail(f"it took {took:.1f} s to quit by {how}")
        self._check_end(terminal, how, codes)

    def _wait(self, terminal: Terminal, seconds: float, condition: Callable[[], bool]) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            terminal.read_some(0.02)
        return condition()

    # -- checks

    def _check_end(self, terminal: Terminal, how: str, codes: set[int]) -> None:
        while terminal.read_some(0.05):
            pass
        if terminal.process.returncode not in codes:
            self._fail(f"it ended {how} with {terminal.process.returncode}: {terminal.text[-500:]!r}")
        if left := list_leftovers(terminal):
            self._fail(f"it left behind after {how}: {', '.join(left)}")

    def _check_output(self, terminal: Terminal) -> None:
        if sequences := [bytes_ for bytes_ in FORBIDDEN if bytes_ in terminal.output]:
            self._fail(f"the terminal got {sequences}")
        if "Traceback" in terminal.text or "an internal error" in terminal.text:
            self._fail(f"it crashed: {terminal.text[-1000:]!r}")
        for report in (self._data / "crashes").glob("*"):
            self._fail(f"a crash was reported:\n{report.read_text()}")
            report.unlink()

    def _check_memory(self, memory: list[int], seconds: float) -> None:
        if not memory:
            return
        self._say(f"  memory {memory[0] >> 20} to {max(memory) >> 20} MB")
        warm, end = memory[len(memory) // 3 : len(memory) // 2], memory[-max(1, len(memory) // 10) :]
        if seconds >= LONG_SECONDS and (growth := min(end) - max(warm)) > MAX_GROWTH:
            self._fail(f"memory grew by {growth >> 20} MB in {seconds / 2:.0f} s")

    def _record_keys(self) -> None:
        self._seen_keys |= self._read_keys()

    def _read_keys(self) -> frozenset[str]:
        database = self._data / "responses" / "cache.db"
        if not database.exists():
            return frozenset()
        with closing(connect_readable(database)) as connection:
            rows = connection.execute("SELECT key FROM Cache WHERE key GLOB 'r/*'").fetchall()
        return frozenset(key for (key,) in rows)

    def _check_store(self) -> None:
        try:
            lost = self._seen_keys - self._read_keys()
            report = integrity_check.verify(self._data / "responses", self._data / "catalogue.sqlite", _ignore_progress)
        except sqlite3.Error as error:
            self._fail(f"the store can't be read: {error}")
            return
        if lost:
            self._fail(f"{len(lost)} responses are lost: {sorted(lost)[:5]}")
        for aside in report.set_aside:
            self._fail(f"{aside.path} was set aside")
            aside.path.rename(self._home / aside.path.name)
        # A kill may leave files without a row, because a response's file is written first.
        findings = [finding for finding in report.findings if not re.search("belongs? to no row", finding)]
        if any("that its database does not name" in finding for finding in findings):
            findings = self._rescue()
        for finding in findings:
            self._fail(finding)

    def _rescue(self) -> list[str]:
        """Recover the responses whose rows in the store are missing, and return what is still wrong after that."""
        store, before = self._data / "responses", self._read_keys()
        report = store_maintenance.rescue(store, notice=self._say, progress=_ignore_progress)
        self._say(f"  rescued {report.rescued} responses")
        for path in store_maintenance.list_old_stores(store):
            path.rename(self._home / f"rescued-{self.rounds}")
        self._seen_keys = self._read_keys()  # all responses have new numbers
        if len(self._seen_keys) <= len(before):
            self._fail(f"the rescue left {len(self._seen_keys)} of {len(before)} responses")
        return list(integrity_check.verify(store, self._data / "catalogue.sqlite", _ignore_progress).findings)

    def _fail(self, failure: str) -> None:
        self.failures.append(f"round {self.rounds}: {failure}")
        self._say(f"  FAILED: {failure}")

    def _say(self, text: str) -> None:
        print(text, flush=True)


def _ignore_progress(step: str, done: int, of: int | None) -> None:
    """Do nothing: the checks of a round are short, so their progress does not matter."""


def read_memory(process: int) -> int:
    """Return the resident memory of a process in bytes; 0 if it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


@contextmanager
def hostile_server(folder: Path) -> Iterator[str]:
    """Run a server with hostile data, whose responses are sometimes late, cut off or errors. Yields its address."""
    faults = Faults(
        [
            Fault.slow(30, times=FOREVER, chance=0.02),
            Fault.cut(100, times=FOREVER, chance=0.05),
            Fault.fail(500, b"\x1b[31m" * 100, times=FOREVER, chance=0.05),
            Fault(rewrite=poison, times=FOREVER),
        ]
    )
    with (
        World.open(folder / "hostile.sqlite") as world,
        serving(answer_as_ada(create_app(world, faults=faults, rate_limit=0))) as root,
    ):
        yield f"{root}/rest/v2"


def main() -> int:
    """Run the soak test, print its failures, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Drive the program at random.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flattr-tui-soak-")))
        hostile = stack.enter_context(hostile_server(home))
        dying = DyingServer(home)
        stack.callback(dying.kill)
        soak = Soak(home, random.Random(options.seed), hostile, dying)
        soak.run(time.monotonic() + 60 * options.minutes)
    print(f"\n{soak.rounds} rounds, {len(soak.failures)} failures.", *soak.failures, sep="\n")
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
