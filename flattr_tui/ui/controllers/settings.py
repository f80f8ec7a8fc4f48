"""Changes the settings file: writes a choice of the user into it, or opens it in an editor."""

from collections.abc import Callable, Sequence

from flattr_tui.settings import BadSettingError
from flattr_tui.ui.app_protocol import ControllerHost
from flattr_tui.ui.controllers.programs import RETURN_PROMPT


class SettingsController:
    """Changes the settings file, which the program reads only when it starts."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host
        self.write: Callable[[str, str], None] | None = None
        """Writes the name and value of a setting into the settings file, or raises `BadSettingError`.

        None if there is no settings file.
        """
        self.edit_command: Sequence[str] = ()
        """The command that opens the settings file in an editor, then checks it; empty if there is no settings file."""

    def keep(self, name: str, value: str) -> None:
        """Set the setting `name` to `value` in the settings file, in a thread, and show the result as a notice."""
        write = self.write
        if write is None:
            return

        def work() -> None:
            try:
                write(name, value)
            except BadSettingError as error:
                self._host.call_later(self._host.notify_user, str(error), "error")
            else:
                text = f"The settings now have the {name} “{value}”. Options and the environment override them."
                self._host.call_later(self._host.notify_user, text)

        self._host.start_worker(work, "writing the settings", "settings", thread=True)

    def edit(self) -> None:
        """Open the settings file in the user's editor, on this terminal."""
        if not self._host.can_lend_terminal:
            self._host.notify_user("An editor needs a terminal of its own, and there is none here.", "warning")
            return
        self._host.lend_terminal(self.edit_command, prompt=RETURN_PROMPT)
