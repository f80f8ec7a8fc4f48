"""Runs other programs: the user's own commands, the pager, and the editor for a text."""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from flattr_tui.model.entities import Entity
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.text_sanitizer import single_line, strip_controls
from flattr_tui.settings import OwnCommand
from flattr_tui.ui.app_protocol import Checks, ControllerHost
from flattr_tui.ui.key_settings import CommandRefusedError, fill_command

if TYPE_CHECKING:
    from textual.widgets import TextArea

PAGERS = ("less", "more")
"""The pagers to try, in order, if the environment names none."""
_SEQUENCE = lazy_pattern(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""Matches a control sequence (ECMA-48, 5.4), for example for a colour."""
MAX_UNASKED = 5
"""Maximum number of items for which a command is run without a confirmation."""
RETURN_PROMPT = "\n\rPress any key to return to flattr-tui. "
MAX_COMPLAINT = 4_096
"""Maximum number of bytes of a command's stderr that are read."""


class ProgramsController:
    """Runs other programs in the background or on the terminal. The screen is restored when they end."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host
        self.commands: Sequence[OwnCommand] = ()
        """The valid ones of the user's own commands."""

    @property
    def checks(self) -> Checks:
        """For each action, by its name, a function that returns whether the action can be run now."""
        return {"own_command": self._has_subject}

    def _has_subject(self) -> bool:
        return self._host.page is not None and self._host.page.subject is not None

    # -- own commands

    def run_command(self, index: int) -> None:
        """Run the user's command number `index` (from 0) for each marked item, or for the item under the cursor."""
        command, page = self.commands[index], self._host.page
        items: Sequence[Entity | None] = (page.marked_items or [page.subject]) if page is not None else []
        filled: dict[tuple[str, ...], None] = {}  # one run for all rows about the same thing
        refusals: list[str] = []
        for item in items:
            try:
                filled[tuple(fill_command(command, item))] = None
            except CommandRefusedError as error:
                refusals.append(str(error))
        runs = list(filled)
        if refusals:
            some = f"{len(refusals):,} of {len(items):,} items were left out. " if runs else ""
            self._host.notify_user(f"{some}{refusals[0]}", "warning")
        if len(runs) <= MAX_UNASKED:
            self._run_all(command, runs)
            return

        from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        def take(yes: bool | None) -> None:
            if yes:
                self._run_all(command, runs)

        question = f"Run “{command.name}” for {len(runs):,} items, one after the other?"
        self._host.push_screen(ConfirmDialog(question), take)

    def _run_all(self, command: OwnCommand, runs: Sequence[Sequence[str]]) -> None:
        if not runs:
            return
        if command.run == "screen":
            if self._can_lend(command.name):
                status = self._host.lend_terminal(runs[0], more=runs[1:], prompt=RETURN_PROMPT)
                self._notify_end(command.name, status or 0)
            return
        # A daemon thread, because a worker's thread would keep the program from quitting while the command runs.
        threading.Thread(target=self._run_unseen, args=(command.name, runs), daemon=True).start()

    def _run_unseen(self, name: str, runs: Sequence[Sequence[str]]) -> None:
        failed = 0
        for arguments in runs:
            with tempfile.TemporaryFile() as error_output:
                try:
                    process = subprocess.Popen(  # noqa: S603 -- what the user has set
                        arguments,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=error_output,
                        start_new_session=True,
                    )
                except OSError as error:
                    problem = f"{name} can't be run: {arguments[0]}: {error.strerror}."
                    self._host.call_later(self._host.notify_user, problem, "error")
                    return
                if status := process.wait():
                    failed += 1
                    if failed == 1:
                        self._host.call_later(self._notify_end, name, status, _first_line(error_output))
        done = len(runs) - failed
        if done:
            what = "is done" if len(runs) == 1 else f"is done for {done:,} of {len(runs):,} items"
            self._host.call_later(self._host.notify_user, f"{name} {what}.")

    def _notify_end(self, name: str, status: int, complaint: str = "") -> None:
        """If `status` is not 0, show a notice that the program `name` failed, with the message `complaint`.

        A positive status is the exit status. A negative one means that a signal ended the program: -9 for signal 9.
        """
        if status:
            how = f"ended with exit status {status}" if status > 0 else f"was ended by signal {-status}"
            self._host.notify_user(f"{name} {how}{f': {complaint}' if complaint else '.'}", "error")

    def _can_lend(self, name: str) -> bool:
        if not self._host.can_lend_terminal:
            self._host.notify_user(f"{name} needs a terminal of its own, and there is none here.", "warning")
        return self._host.can_lend_terminal

    # -- the pager and the editor

    def show_in_pager(self, make_text: Callable[[], str]) -> None:
        """Call `make_text` in a thread, and show the returned text in the pager."""

        def work() -> None:
            self._host.call_later(self._page_text, make_text())

        self._host.start_worker(work, "writing for the pager", "pager", thread=True)

    def _page_text(self, text: str) -> None:
        from flattr_tui.ui import external_programs  # noqa: PLC0415 -- subprocess is imported when it is needed

        if not text:
            self._host.notify_user("There is no list or text here to send to a pager.")
            return
        command = external_programs.find_program(("PAGER",), PAGERS)
        if not command:
            self._host.notify_user("There is no pager: set PAGER to one.", "warning")
        elif self._can_lend("A pager"):
            with tempfile.TemporaryFile() as source:
                source.write(f"{text}\n".encode())
                source.seek(0)
                self._notify_end(Path(command[0]).name, self._host.lend_terminal(command, source) or 0)

    def edit_text(self, field: "TextArea") -> None:
        """Open the text of a field in the user's editor. If the editor fails, the text stays unchanged."""
        from flattr_tui.ui import external_programs  # noqa: PLC0415

        command = external_programs.find_editor()
        if not command:
            self._host.notify_user("There is no editor: set EDITOR to one.", "warning")
        elif self._can_lend("An editor"):
            with tempfile.TemporaryDirectory(prefix="flattr-tui-") as folder:
                file = Path(folder) / "description.txt"
                file.write_text(field.text, encoding="utf-8")
                status = self._host.lend_terminal([*command, str(file)])
                if status:
                    self._notify_end(Path(command[0]).name, status)
                elif status == 0:
                    self._take_text(field, file)

    def _take_text(self, field: "TextArea", file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            self._host.notify_user(f"The edited text can't be read ({error.strerror}).", "error")
            return
        field.text = strip_controls(text).strip()


def _first_line(error_output: IO[bytes]) -> str:
    """Return the first line of a program's error output that is not blank, or "". Control sequences are removed."""
    error_output.seek(0)
    lines = _SEQUENCE.sub("", error_output.read(MAX_COMPLAINT).decode(errors="replace")).splitlines()
    return next((line for line in map(single_line, lines) if line), "")
