"""Keys that come faster than the focus moves: a whole `/word` at once, as from a paste or a script."""

from collections import deque

from textual import events
from textual.message_pump import MessagePump
from textual.widgets import Input

from flattr_tui.ui.textual_private import CrashTextApp
from flattr_tui.ui.widgets.line_input import join_lines


class KeyReplayApp(CrashTextApp, inherit_bindings=False):
    """Gives a key to what has the focus when its turn comes.

    Textual hands keys on as they are read. One that came before the key in front of it moved the focus went to what
    had it then, which has no use for it: the letters behind a `/` are lost, or taken for keys of the list.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pending_keys: deque[tuple[events.Key, MessagePump]] = deque(maxlen=256)
        """Keys that have not come back, with what they were given to; those that were used never do."""

    async def on_event(self, event: events.Event) -> None:
        """Note whom a key is given to; and give one that comes back unused to who has the focus since."""
        if isinstance(event, events.Key):
            now = self.focused or self.screen
            if event.is_forwarded:
                before = next((pair for pair in self._pending_keys if pair[0] is event), None)
                if before is not None:
                    self._pending_keys.remove(before)
                    if before[1] is not now:
                        self._pending_keys.append((event, now))
                        now.post_message(event.stop(False))
                        return
            else:
                self._pending_keys.append((event, now))
        elif isinstance(event, events.Paste) and isinstance(self.focused, Input):
            event.text = join_lines(event.text)  # the palette's field is Textual's own
        await super().on_event(event)
