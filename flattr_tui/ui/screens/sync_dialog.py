"""The dialog that asks which lists to sync, and the dialog's progress of a running sync."""

import math
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from flattr_tui.library.events import SyncProgress, SyncStage, WaitReason
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.charts import draw_bar
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints
from flattr_tui.ui.widgets.inputs import Checklist, LineInput

LISTS = {"things": "things", "flattrs": "flattrs", "activities": "activities, including incoming ones"}
"""The lists of a user that can be fetched: the label by the name of the field in `Targets`."""
FOLLOW = "follow_owners"
ME = "me"


class SyncMeter(Widget):
    """Shows the progress of a sync: a bar and, below it, numbers."""

    DEFAULT_CSS = "SyncMeter { height: auto; width: 1fr; }"

    progress: reactive[SyncProgress] = reactive(SyncProgress(), layout=True)
    now: reactive[float] = reactive(0.0)
    """The current time in Unix seconds."""

    def render(self) -> Content:
        progress, width = self.progress, self.content_size.width
        share = progress.items / progress.items_at_least if progress.items_at_least else 0.0
        percent = f" {int(100 * share)} %" if progress.ended else ""
        drawn = draw_bar(share, max(1, width - 6))
        rest = "─" * max(0, width - 6 - len(drawn))
        lines = [
            Content.assemble((drawn, "$primary"), (rest, "$line"), (percent, "bold")),
            Content.assemble((f"{fmt.counted(progress)} items", "bold"), (f" · {progress.new:,} new", "$muted")),
            Content.styled(" · ".join(self._request_parts()), "$muted"),
            Content.styled(f"{progress.done:,} of {fmt.plural(progress.targets, 'list')} complete", "$muted"),
        ]
        if progress.stage is SyncStage.WAITING and progress.waiting_until is not None:
            left = fmt.countdown(progress.waiting_until - self.now)
            lines.append(
                Content.styled(f"◌ waiting {left} {progress.waiting_for or WaitReason.RATE_LIMIT}", "$warning")
            )
        else:
            lines.append(Content.styled(progress.at and f"last page: {progress.at}", "$secondary"))
        lines += [Content.styled(f"! {problem.sentence}", "$error") for problem in progress.problems[-2:]]
        return Content("\n").join(lines)

    def _request_parts(self) -> list[str]:
        progress = self.progress
        parts = [fmt.plural(progress.pages, "page")]
        if progress.requests_left is not None:
            parts.append(f"{fmt.plural(progress.requests_left, 'request')} left")
        if progress.seconds_to_go is not None:
            parts.append(f"{fmt.countdown(progress.seconds_to_go)} to go")
        return parts


class SyncDialog(Dialog[None]):
    """Asks which lists to fetch. While a sync is running, the dialog shows its progress, and a key stops the sync."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="sync.leave"),
        Binding("enter", "start", "start", priority=True, id="sync.start"),
        Binding("x", "stop", "stop", id="sync.stop"),
    ]

    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)

    def __init__(self, username: str, account: str) -> None:
        """Ask which lists to fetch: lists of the user `username`, and lists of the account `account`.

        If there is no such user or account, the argument is "". In the dialog, the user can enter other user names in
        place of `username`.
        """
        super().__init__()
        self._username = "" if username == account else username
        self._account = account
        self._has_ended = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog sync"):
            yield Static(Content.styled("Fetch whole lists for offline use", "bold"), markup=False)
            with Vertical(id="form"):
                with Horizontal(classes="field"):
                    yield Static("of", classes="label", markup=False)
                    yield LineInput(
                        self._username, placeholder="user names, separated by spaces", compact=True, id="users"
                    )
                yield Checklist(*self._choices())
                yield Static(Content(""), id="problem", markup=False)
                yield KeyHints(("enter", "starts"), ("esc", "cancel"), ("tab", "next"), ("space", "marks"))
            with Vertical(id="running"):
                yield SyncMeter()
                yield KeyHints(("x", "stops it"), ("esc", "leaves it running"))

    def _choices(self) -> tuple[list[tuple[str, str]], set[str]]:
        """Return the choices of the checklist, pairs of a value and a label, and the values checked at first."""
        choices, marked = [*LISTS.items(), (FOLLOW, "profiles and things of everybody they flattred")], set(LISTS)
        if self._account:
            choices.append((ME, f"{self._account}, including private data"))
            marked |= set() if self._username else {ME}
        return choices, marked

    def on_mount(self) -> None:
        self.query_one("#problem").display = False
        self.watch(self.app, "syncing", self._on_progress)
        self.watch(self.app, "now", self._on_clock)

    def _on_progress(self, syncing: SyncProgress | None) -> None:
        self.syncing = syncing
        self._update()
        app_of(self).schedule_clock()

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until the progress on screen is outdated; infinity if never."""
        until = self.syncing.waiting_until if self.syncing is not None else None
        return fmt.next_countdown_in(until - now) if until is not None else math.inf

    def _on_clock(self, now: float) -> None:
        self.query_one(SyncMeter).now = now

    def watch_syncing(self, old: SyncProgress | None, new: SyncProgress | None) -> None:
        """Close the dialog when the sync has ended. A notice shows the result."""
        if old is not None and new is None:
            self._has_ended = True
            self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Close the dialog if the sync ended while another dialog covered this one.

        Only the screen on top can be dismissed, so the dialog could not be closed at that time.
        """
        if self._has_ended and self.is_active:
            self.dismiss()

    def _update(self) -> None:
        runs = self.syncing is not None
        self.query_one("#form").display = not runs
        self.query_one("#running").display = runs
        if self.syncing is not None:
            self.set_focus(None)
            self.query_one(SyncMeter).progress = self.syncing
        self.refresh_bindings()

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return {"start": self.syncing is None, "stop": self.syncing is not None}.get(action, True)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#problem").display = False

    def action_start(self) -> None:
        from flattr_tui.library.sync import Targets  # noqa: PLC0415 -- not needed before something is fetched whole

        users = tuple(dict.fromkeys(self.query_one("#users", Input).value.replace(",", " ").split()))
        chosen = frozenset(self.query_one(Checklist).selected)
        if not users and ME not in chosen:
            self._show_problem("Enter a user name.")
        elif not chosen:
            self._show_problem("Choose what to fetch.")
        else:
            lists = {name: name in chosen for name in LISTS}
            app_of(self).sync.start(Targets(users=users, me=ME in chosen, follow_owners=FOLLOW in chosen, **lists))

    def _show_problem(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.update(Content.styled(sentence, "$error"))
        problem.display = True

    def action_stop(self) -> None:
        app_of(self).sync.stop()

    def action_leave(self) -> None:
        self.dismiss()
