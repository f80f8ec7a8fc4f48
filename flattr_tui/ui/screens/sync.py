"""Fetching whole lists for later: what of whom, then how far it is. It goes on when the dialog is left."""

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

from flattr_tui.library.sync_progress import SyncProgress, SyncStage, WaitReason
from flattr_tui.ui import format as fmt
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.charts import draw_bar
from flattr_tui.ui.widgets.checklist import Checklist
from flattr_tui.ui.widgets.dialog import Dialog
from flattr_tui.ui.widgets.key_hints import KeyHints
from flattr_tui.ui.widgets.line_input import LineInput

LISTS = {"things": "things", "flattrs": "flattrs", "activities": "activities, incoming ones too"}
"""What is fetched of a user, by the names that `Targets` has."""
FOLLOW = "follow_owners"
ME = "me"


class Meter(Widget):
    """How far a sync is: a bar, and the numbers below it."""

    DEFAULT_CSS = "Meter { height: auto; width: 1fr; }"

    progress: reactive[SyncProgress] = reactive(SyncProgress(), layout=True)
    now: reactive[float] = reactive(0.0)

    def render(self) -> Content:
        """Draw it."""
        progress, width = self.progress, self.content_size.width
        share = progress.items / progress.items_at_least if progress.items_at_least else 0.0
        percent = f" {int(100 * share)} %" if progress.ended else ""
        drawn = draw_bar(share, max(1, width - 6))
        rest = "─" * max(0, width - 6 - len(drawn))
        lines = [
            Content.assemble((drawn, "$primary"), (rest, "$line"), (percent, "bold")),
            Content.assemble((f"{fmt.counted(progress)} items", "bold"), (f" · {progress.new:,} new", "$muted")),
            Content.styled(" · ".join(self._asked()), "$muted"),
            Content.styled(f"{progress.done:,} of {fmt.plural(progress.targets, 'list')} complete", "$muted"),
        ]
        if progress.stage is SyncStage.WAITING and progress.waiting_until is not None:
            left = fmt.countdown(progress.waiting_until - self.now)
            lines.append(
                Content.styled(f"◌ waiting {left} {progress.waiting_for or WaitReason.RATE_LIMIT}", "$warning")
            )
        else:
            lines.append(Content.styled(progress.at and f"last came {progress.at}", "$secondary"))
        lines += [Content.styled(f"! {problem.sentence}", "$error") for problem in progress.problems[-2:]]
        return Content("\n").join(lines)

    def _asked(self) -> list[str]:
        progress = self.progress
        parts = [fmt.plural(progress.pages, "page")]
        if progress.requests_left is not None:
            parts.append(f"{fmt.plural(progress.requests_left, 'request')} left")
        if progress.seconds_to_go is not None:
            parts.append(f"{fmt.countdown(progress.seconds_to_go)} to go")
        return parts


class SyncScreen(Dialog[None]):
    """Asks what to fetch while nothing is fetched; else shows how far it is, and can stop it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="sync.leave"),
        Binding("enter", "start", "start", priority=True, id="sync.start"),
        Binding("x", "stop", "stop", id="sync.stop"),
    ]

    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)

    def __init__(self, whom: str, account: str) -> None:
        super().__init__()
        self._whom = "" if whom == account else whom
        self._account = account

    def compose(self) -> ComposeResult:
        """The form, and the meter in its place."""
        with Vertical(classes="dialog sync"):
            yield Static(Content.styled("Fetch whole lists for offline use", "bold"), markup=False)
            with Vertical(id="form"):
                with Horizontal(classes="field"):
                    yield Static("of", classes="label", markup=False)
                    yield LineInput(self._whom, placeholder="user names, parted by blanks", compact=True, id="users")
                yield Checklist(*self._choices())
                yield Static(Content(""), id="problem", markup=False)
                yield KeyHints(("enter", "starts"), ("tab", "next"), ("space", "marks"), ("esc", "never mind"))
            with Vertical(id="running"):
                yield Meter()
                yield KeyHints(("x", "stops it"), ("esc", "leaves it running"))

    def _choices(self) -> tuple[list[tuple[str, str]], set[str]]:
        """List what can be fetched, and what of it is marked at first."""
        choices, marked = [*LISTS.items(), (FOLLOW, "profile and things of all whom they flattred")], set(LISTS)
        if self._account:
            choices.append((ME, f"{self._account}, with what only oneself can see"))
            marked |= set() if self._whom else {ME}
        return choices, marked

    def on_mount(self) -> None:
        """Begin with what there is."""
        app = app_of(self)
        self.query_one("#problem").display = False
        self.watch(app, "syncing", self._follow)
        self.watch(app, "now", self._tick)

    def _follow(self, syncing: SyncProgress | None) -> None:
        self.syncing = syncing
        self._show()
        app_of(self).schedule_clock()

    def next_change_in(self, now: float) -> float:
        """Seconds until the time changes the meter."""
        until = self.syncing.waiting_until if self.syncing is not None else None
        return fmt.next_countdown_in(until - now) if until is not None else math.inf

    def _tick(self, now: float) -> None:
        self.query_one(Meter).now = now

    def watch_syncing(self, old: SyncProgress | None, new: SyncProgress | None) -> None:
        """Leave when it is over, which is told."""
        if old is not None and new is None:
            self.dismiss()

    def _show(self) -> None:
        runs = self.syncing is not None
        self.query_one("#form").display = not runs
        self.query_one("#running").display = runs
        if self.syncing is not None:
            self.set_focus(None)
            self.query_one(Meter).progress = self.syncing
        self.refresh_bindings()

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Start what does not run, stop what does."""
        return {"start": self.syncing is None, "stop": self.syncing is not None}.get(action, True)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#problem").display = False

    def action_start(self) -> None:
        """Begin, where it is said of whom."""
        from flattr_tui.library.sync import Targets  # noqa: PLC0415 -- not needed before something is fetched whole

        users = tuple(dict.fromkeys(self.query_one("#users", Input).value.replace(",", " ").split()))
        chosen = frozenset(self.query_one(Checklist).selected)
        if not users and ME not in chosen:
            self._refuse("Say of whom.")
        elif not chosen:
            self._refuse("Mark what to fetch.")
        else:
            lists = {name: name in chosen for name in LISTS}
            app_of(self).start_sync(Targets(users=users, me=ME in chosen, follow_owners=FOLLOW in chosen, **lists))

    def _refuse(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.update(Content.styled(sentence, "$error"))
        problem.display = True

    def action_stop(self) -> None:
        """Stop; what came is kept."""
        app_of(self).stop_sync()

    def action_leave(self) -> None:
        """Leave it as it is."""
        self.dismiss()
