"""Notices in a corner of the screen. They must not hide the page, or a dialog that is opened after them."""

import time

from flattr_tui.ui.app_protocol import UserNotice
from flattr_tui.ui.terminal_output import PartialRedrawApp


class NoticeApp(PartialRedrawApp, inherit_bindings=False):
    """An app whose notices replace one another. Errors, and what the library reports, stay until their time is over."""

    _kept_until = 0.0
    """Until when a notice that must stay is on screen, as monotonic time in seconds."""

    def notify_user(self, text: str, severity: str = "information", *, stays: bool = False) -> None:
        """Show a notice. Its text is never parsed as markup, and an unknown severity counts as `information`.

        An error, or with `stays` any notice, is not removed before its time is over.
        """
        self.dismiss_notices()
        known = severity if severity in {"information", "warning", "error"} else "information"
        if stays or known == "error":
            self._kept_until = time.monotonic() + self.NOTIFICATION_TIMEOUT
        self.notify(text, severity=known, markup=False)  # type: ignore[arg-type]

    def on_user_notice(self, message: UserNotice) -> None:
        """Show a worker's notice."""
        self.notify_user(message.text, message.severity)

    def dismiss_notices(self) -> None:
        """Remove the notices, unless one of them must stay."""
        if time.monotonic() >= self._kept_until:
            self.clear_notifications()
            for screen in self.screen_stack[:-1]:  # those below a dialog are visible, too
                screen.query("ToastHolder").remove()
