"""The base class of the app for drawing: when a frame is drawn, in which theme, and which cells are written."""

from functools import cached_property

from textual.command import CommandPalette
from textual.driver import Driver
from textual.theme import Theme
from textual.widget import AwaitMount

from flattr_tui.ui.terminal_diff import TerminalDiff, diff_driver
from flattr_tui.ui.textual_private import CrashTextApp, FirstFrameScreen


class PartialRedrawApp(CrashTextApp, inherit_bindings=False):
    """An app that writes only the cells that have changed, and switches modes without delay."""

    def get_driver_class(self) -> type[Driver]:
        """Return a driver class that writes only the cells that have changed."""
        self._diff = TerminalDiff()
        return diff_driver(super().get_driver_class(), self._diff)

    @cached_property
    def current_theme(self) -> Theme:
        """The theme, cached: Textual asks for it with each line that it draws, and copies all its themes each time."""
        return super().current_theme

    def validate_theme(self, name: str) -> str:
        """Discard the cached theme, and return `name` unchanged: every name is accepted."""
        self.__dict__.pop("current_theme", None)
        return name

    def register_theme(self, theme: Theme) -> None:
        """Add a theme, or replace the one with the same name."""
        super().register_theme(theme)
        self.__dict__.pop("current_theme", None)

    def switch_mode(self, mode: str) -> AwaitMount:
        """Show the topmost screen of another mode. Raises `UnknownModeError` if there is no such mode."""
        shown = self.screen_stack[-1:]
        mounted = super().switch_mode(mode)
        for screen in shown:
            if isinstance(screen, FirstFrameScreen) and screen is not self.screen:
                screen.hold_frame()
        return mounted

    def delay_update(self, delay: float = 0.05) -> None:
        """Draw nothing for `delay` seconds if the command palette is on screen, to hide the changes while it closes.

        Textual also calls this method when it switches modes. The call then has no effect, because the pages of this
        app are complete when they are first drawn.
        """
        if isinstance(self.screen, CommandPalette):
            super().delay_update(delay)

    def on_resize(self) -> None:
        """Write all cells again after the size has changed."""
        self._diff.forget()

    def action_redraw(self) -> None:
        """Write the whole screen again, because another program may have written over it."""
        self._diff.forget()
        self.screen.refresh()
