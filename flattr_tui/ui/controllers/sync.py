"""Starts and stops syncs, and shows their progress and their results."""

from typing import TYPE_CHECKING

from flattr_tui.library.events import ConnectionState, SyncProgress, SyncStage
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import ControllerHost

if TYPE_CHECKING:
    from flattr_tui.library.sync import Targets

MAX_PROBLEMS_SHOWN = 3
"""Maximum number of problems of a sync that its notice lists. Further problems are only counted."""


class SyncController:
    """Runs one sync at a time, and keeps its progress in the app's `syncing`."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host

    def ask(self) -> None:
        """Ask which lists to fetch; if a sync is running, show its progress instead."""
        from flattr_tui.ui.screens.sync_dialog import SyncDialog  # noqa: PLC0415 -- imported when it is shown

        host = self._host
        if host.library.sync is None:
            return
        if host.library.status.connection is ConnectionState.OFFLINE:
            host.notify_user(
                "There is no server to fetch from: start without --offline, or choose a source that has a server.",
                "warning",
            )
            return
        shown = host.page.username if host.page is not None else ""
        host.push_screen(SyncDialog(shown or host.user, host.library.account))

    def start(self, targets: "Targets") -> None:
        """Start a sync of `targets`. It runs until it is done, until the user stops it, or until the program ends."""
        if self._host.library.sync is not None:
            self._host.library.sync.start(targets)
            self._host.syncing = SyncProgress()

    def stop(self) -> None:
        """Stop the running sync. Everything fetched so far stays saved."""
        if self._host.library.sync is not None:
            self._host.library.sync.cancel()

    def source_switched(self, old_label: str) -> None:
        """If a sync was running when the source was switched, tell the user in a notice that it was stopped.

        `old_label` is the label of the source that the app showed before.
        """
        if self._host.syncing is not None:
            self._host.syncing = None
            self._host.notify_user(f"The sync of {old_label} was stopped; what was fetched is saved.", "warning")

    def show_progress(self, progress: SyncProgress) -> None:
        """Show the progress of the sync; once the sync has ended, show its result as a notice."""
        has_ended = progress.stage in {SyncStage.DONE, SyncStage.CANCELLED}
        self._host.syncing = None if has_ended else progress
        if has_ended:
            self._notify_ended(progress)

    def _notify_ended(self, progress: SyncProgress) -> None:
        for problem in progress.problems[:MAX_PROBLEMS_SHOWN]:
            self._host.notify_user(problem.sentence, "error")
        more = len(progress.problems) - MAX_PROBLEMS_SHOWN
        if more > 0:
            self._host.notify_user(f"And {more:,} more could not be fetched.", "error")
        self._host.notify_user(describe_result(progress), "warning" if progress.problems else "information")


def describe_result(progress: SyncProgress) -> str:
    """Return the result of a sync in a few sentences."""
    came = f"{fmt.plural(progress.items, 'item')} saved: {fmt.changed(progress)}."
    came += " C lists what has changed." if progress.gone or progress.recounted else ""
    if progress.stage is SyncStage.CANCELLED:
        return f"The sync was stopped. {came} The next sync continues there."
    return f"The sync ended with problems. {came}" if progress.problems else f"The sync is done. {came}"
