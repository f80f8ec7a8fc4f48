"""The command `sync`: fetches whole lists for offline use, and shows the progress on one line or as JSON."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing

import click
import msgspec

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.cli.errors import INTERRUPTED, BadInputError, echo_done, echo_error, strip_key_hints
from flattr_tui.cli.library_factory import LibraryServices, open_library, run_coroutine
from flattr_tui.library.events import SyncProgress, SyncStage
from flattr_tui.settings import Settings
from flattr_tui.ui import format as fmt

INTERVAL = 0.2
"""Time in seconds between two updates of the progress line, and between two lines of JSON about the same stage."""


@click.command(
    "sync",
    epilog="""\b
Examples:
  flattr-tui sync --user ada
  flattr-tui sync --user ada --user melodia --flattrs
  flattr-tui sync --me --follow-owners
  flattr-tui sync --user ada --json | tail -n 1
""",
)
@click.option("--user", "users", multiple=True, metavar="NAME", help="User to fetch. Can be given several times.")
@click.option("--me", is_flag=True, help="The account in use, with its private data.")
@click.option("--things", is_flag=True, help="Their things. Without any of these three options, all of them.")
@click.option("--flattrs", is_flag=True, help="Their flattrs.")
@click.option("--activities", is_flag=True, help="Their activities, including incoming ones.")
@click.option("--follow-owners", is_flag=True, help="Also the profiles and things of everybody they flattred.")
@click.option("--json", "as_json", is_flag=True, help="Print progress as lines of JSON.")
@click.pass_context
def sync_command(
    context: click.Context,
    users: tuple[str, ...],
    me: bool,
    things: bool,
    flattrs: bool,
    activities: bool,
    follow_owners: bool,
    as_json: bool,
) -> None:
    """Fetch whole lists, page by page, to read them without a network.

    If you stop it (ctrl+c), the next run continues where it stopped. Later runs fetch only what is new.
    """
    from flattr_tui.library.sync import Targets  # noqa: PLC0415 -- not needed for --help

    settings: Settings = context.obj
    users = tuple(filter(str.strip, users))
    if not users and not me:
        if not settings.user:
            raise BadInputError("Name the user to fetch: --user NAME, or --me for the account that is logged in.")
        users = (settings.user,)
    every = not (things or flattrs or activities)
    targets = Targets(
        users=users,
        me=me,
        things=things or every,
        flattrs=flattrs or every,
        activities=activities or every,
        follow_owners=follow_owners,
    )

    async def work() -> SyncProgress:
        async with aclosing(open_library(settings)) as library:
            library.responses.wait_until_writable()
            with progress_writer(as_json) as tell:
                return await _run_sync(library, lambda: library.sync.run(targets, tell))

    progress = run_coroutine(work())
    for problem in progress.problems:
        echo_error(strip_key_hints(problem.sentence))
    if not as_json:
        echo_done(summary_text(progress))
    if progress.stage is SyncStage.CANCELLED:
        context.exit(INTERRUPTED)
    context.exit(progress.problems[0].exit_code if progress.problems else 0)


async def _run_sync(library: LibraryServices, run: Callable[[], Coroutine[None, None, SyncProgress]]) -> SyncProgress:
    """Run a sync until it is done or a signal stops it, and return its last progress.

    `run` starts the sync. While it runs, the library's worker runs, too, and fetches the pages for the sync.
    """
    syncing = asyncio.create_task(run(), name="sync")
    fetching = asyncio.create_task(library.run(), name="fetching")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, syncing.cancel)
    try:
        await asyncio.wait([syncing, fetching], return_when=asyncio.FIRST_COMPLETED)
        if fetching.done() and not fetching.cancelled() and (error := fetching.exception()) is not None:
            raise error  # a bug
        return await syncing
    except asyncio.CancelledError:
        if library.sync.progress is None:
            return SyncProgress(stage=SyncStage.CANCELLED)
        return msgspec.structs.replace(library.sync.progress, stage=SyncStage.CANCELLED)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        for task in (syncing, fetching):
            task.cancel()
        await asyncio.wait([syncing, fetching])


@contextlib.contextmanager
def progress_writer(as_json: bool) -> Iterator[Callable[[SyncProgress], None]]:
    """Yield a function that shows the progress of a sync: on one line of stderr or, with `as_json`, as lines on stdout.

    The sync calls the function whenever the progress changes.
    """
    if as_json:
        yield _JsonLines()
        return
    with ProgressLine() as progress_line:
        yield _Countdown(progress_line)


class _JsonLines:
    def __init__(self) -> None:
        self._stage: SyncStage | None = None
        self._next = 0.0

    def __call__(self, progress: SyncProgress) -> None:
        now = time.monotonic()
        if progress.stage is not self._stage or now >= self._next:
            self._stage, self._next = progress.stage, now + INTERVAL
            sys.stdout.buffer.write(msgspec.json.encode(progress) + b"\n")
            sys.stdout.flush()


class _Countdown:
    """Shows the progress of a sync on one line, and counts down while the sync waits."""

    def __init__(self, progress_line: ProgressLine) -> None:
        self._working = progress_line
        self._progress = SyncProgress()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, progress: SyncProgress) -> None:
        self._progress = progress
        self._show()

    def _show(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._working.show(progress_text(self._progress, time.time()))
        if self._progress.stage is SyncStage.WAITING:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._show)


def progress_text(progress: SyncProgress, now: float) -> str:
    """Return the progress of a sync as a line of text. `now` is the current time in Unix seconds."""
    if progress.stage is SyncStage.WAITING and progress.waiting_until is not None:
        return f"{fmt.counted(progress)} · waiting {fmt.countdown(progress.waiting_until - now)} {progress.waiting_for}"
    parts = [fmt.counted(progress), fmt.plural(progress.pages, "page")]
    if progress.requests_left is not None:
        parts.append(f"{progress.requests_left:,} requests left")
    if progress.seconds_to_go is not None:
        parts.append(f"{fmt.countdown(progress.seconds_to_go)} to go")
    return " · ".join([*parts, progress.at] if progress.at else parts)


def summary_text(progress: SyncProgress) -> str:
    """Return the result of a sync in a sentence."""
    items, responses = fmt.plural(progress.items, "item"), fmt.plural(progress.pages, "response")
    came = f"{items} saved: {fmt.changed(progress)}; {responses} from the server."
    if progress.stage is SyncStage.CANCELLED:
        return f"Stopped. {came} Run it again to continue."
    return came
