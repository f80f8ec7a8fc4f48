"""The app's actions for a sync: whole lists are fetched in the background."""

from typing import TYPE_CHECKING

from textual.reactive import reactive

from flattr_tui.library.events import Connection, SyncChanged
from flattr_tui.library.sync_progress import SyncProgress, SyncStage
from flattr_tui.ui.messages import LibraryEvent
from flattr_tui.ui.write_actions import WriteActions

if TYPE_CHECKING:
    from flattr_tui.library.sync import Targets

MAX_PROBLEMS_SHOWN = 3
"""Problems of a sync that are notified one by one."""


class SyncActions(WriteActions, inherit_bindings=False):
    """Starts and stops a sync, which runs on whatever page is shown, and notifies its result."""

    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)
    """Progress of the running sync; None if none is running."""

    def action_sync(self) -> None:
        """Ask what to fetch whole; or show how far that is."""
        from flattr_tui.ui.screens.sync import SyncScreen  # noqa: PLC0415 -- imported when it is shown

        if self.library.sync is None:
            return
        if self.library.status.connection is Connection.OFFLINE:
            self.notify_user(
                "There is no server to fetch from here: choose a source that is one, or go online.", "warning"
            )
            return
        whom = getattr(self.screen, "username", "") or getattr(self, "user", "")
        self.push_screen(SyncScreen(whom, self.library.account))

    def start_sync(self, targets: "Targets") -> None:
        """Start a sync; it runs until it is done, stopped, or the program ends."""
        if self.library.sync is not None:
            self.library.sync.start(targets)
            self.syncing = SyncProgress()

    def stop_sync(self) -> None:
        """Stop; what came is kept."""
        if self.library.sync is not None:
            self.library.sync.cancel()

    def switch_source(self, name: str) -> None:
        """Show another source: a sync of the one before ends with it."""
        before, synced = self.library, self.syncing
        super().switch_source(name)
        if self.library is not before and synced is not None:
            self.syncing = None
            self.notify_user(f"The sync of {before.source.label} was stopped; what came is saved.", "warning")

    def on_library_event(self, message: LibraryEvent) -> None:
        if isinstance(message.event, SyncChanged):
            progress = message.event.progress
            over = progress.stage in {SyncStage.DONE, SyncStage.CANCELLED}
            self.syncing = None if over else progress
            if over:
                self._notify_finished(progress)

    def _notify_finished(self, progress: SyncProgress) -> None:
        for problem in progress.problems[:MAX_PROBLEMS_SHOWN]:
            self.notify_user(problem.sentence, "error")
        more = len(progress.problems) - MAX_PROBLEMS_SHOWN
        if more > 0:
            self.notify_user(f"And {more:,} more could not be fetched.", "error")
        self.notify_user(summary(progress), "warning" if progress.problems else "information")


def summary(progress: SyncProgress) -> str:
    """Return the result of a sync in one or two sentences."""
    came = f"{progress.items:,} items are saved, {progress.new:,} of them new."
    if progress.stage is SyncStage.CANCELLED:
        return f"The sync was stopped: {came} Started again it goes on there."
    return f"The sync is over, with problems: {came}" if progress.problems else f"The sync is done: {came}"
