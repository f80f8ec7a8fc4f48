"""The sync dialog, with the progress of a running sync, and the dialog that asks what to export to which file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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
from flattr_tui.library.import_export.exporter import ExportFormat
from flattr_tui.paths import exists
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.charts import draw_bar
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints
from flattr_tui.ui.widgets.inputs import Checklist, InlineSelect, LineInput

LISTS = {"things": "things", "flattrs": "flattrs", "activities": "activities, including incoming ones"}
"""The lists of a user that can be fetched: the label by the name of the field in `Targets`."""
FOLLOW = "follow_owners"
ME = "me"
MAX_NAME_LENGTH = 60
"""Maximum length of a file name that is made from a title, in characters without the suffix."""


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


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The user's choices in the export dialog: which rows, in which format, to which file."""

    rows: str
    """Id of the chosen set of rows."""
    form: ExportFormat
    target: Path
    replace: bool
    """Whether an existing file may be replaced."""


def file_name(title: str, form: ExportFormat) -> str:
    """Return the default file name for a list, from its title and the format: `flattrs-of-ada.csv`."""
    words = "".join(character if character.isalnum() else " " for character in title.casefold()).split()
    return f"{'-'.join(words)[:MAX_NAME_LENGTH].strip('-') or 'flattr'}.{form.value}"


class ExportDialog(Dialog[ExportPlan | None]):
    """Asks which rows to export, in which format and to which file. If the file exists, asks whether to replace it.

    The result is an `ExportPlan`; None if the user cancelled the dialog.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="export.cancel"),
        Binding("enter", "write", "write", priority=True, id="export.write"),
        Binding("down", "app.focus_next", "next", show=False, id="export.next"),
        Binding("up", "app.focus_previous", "previous", show=False, id="export.previous"),
    ]
    AUTO_FOCUS = "#target"

    def __init__(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """Ask how to export the list called `title`.

        `rows` says which rows the user can choose, such as all or only the marked ones. Each choice is a pair of an id
        and a label. The likeliest choice is the first.
        """
        super().__init__()
        self._title = title
        self._rows = rows
        self._form = ExportFormat.CSV
        self._confirmed_target: Path | None = None

    def compose(self) -> ComposeResult:
        forms = [(form.value, form.value) for form in ExportFormat]
        target = file_name(self._title, self._form)
        with Vertical(classes="dialog export"):
            yield Static(Content.assemble(("Export ", "bold"), (self._title, "bold $accent")), markup=False)
            with Vertical(classes="fields"):
                for label, field in (
                    ("rows", InlineSelect(self._rows, id="rows")),
                    ("as", InlineSelect(forms, id="form")),
                    ("to", LineInput(target, compact=True, id="target")),
                ):
                    with Horizontal(classes="field"):
                        yield Static(Content.styled(label, "$muted"), classes="label", markup=False)
                        yield field
            yield Static(Content(""), id="problem", markup=False)
            yield KeyHints(("enter", "writes"), ("esc", "cancel"), ("↑ ↓", "fields"), ("← →", "choose"))

    def on_mount(self) -> None:
        self.watch(self.query_one("#form", InlineSelect), "value", self._on_format_changed, init=False)
        self._show_message(f"In {self._target().parent}", "$muted")

    def _on_format_changed(self, value: str) -> None:
        entry = self.query_one("#target", Input)
        ending = f".{self._form.value}"
        self._form = ExportFormat(value)
        if entry.value.endswith(ending):
            entry.value = f"{entry.value.removesuffix(ending)}.{value}"

    def _show_message(self, sentence: str, style: str) -> None:
        self.query_one("#problem", Static).update(Content.styled(sentence, style))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._confirmed_target = None
        self._show_message(f"In {self._target().parent}", "$muted")

    def _target(self) -> Path:
        typed = self.query_one("#target", Input).value.strip()
        try:
            return Path(typed).expanduser().absolute()
        except (RuntimeError, OSError):  # an unknown `~name`, or a deleted current folder
            return Path(typed)

    def action_write(self) -> None:
        target = self._target()
        try:
            problem = self._find_problem(target)
            there = exists(target)
        except OSError as error:
            problem, there = f"That name can't be used: {error.strerror}.", False
        if problem:
            self._show_message(problem, "$error")
        elif there and self._confirmed_target != target:
            self._confirmed_target = target
            self._show_message(f"{target.name} exists already. Press enter again to replace it.", "$warning")
        else:
            rows = self.query_one("#rows", InlineSelect).value
            self.dismiss(ExportPlan(rows, self._form, target, replace=self._confirmed_target == target))

    def _find_problem(self, target: Path) -> str:
        if not self.query_one("#target", Input).value.strip():
            return "Give the file a name."
        if target.is_dir():
            return f"{target.name} is a folder: give the file a name."
        return "" if target.parent.is_dir() else f"There is no folder {target.parent}."

    def action_cancel(self) -> None:
        self.dismiss(None)
