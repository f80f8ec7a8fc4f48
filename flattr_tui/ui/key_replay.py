"""Handles keys that are typed faster than the focus moves: a whole `/word` at once, as from a paste or a script."""

from collections import deque
from collections.abc import Callable

from textual import events
from textual.message_pump import MessagePump


class KeyReplay:
    """Sends a key to the widget that has the focus when the key's turn comes.

    Textual sends keys on as they are read. A key that was read before the previous key moved the focus went to the old
    widget, which does not use it: the letters after a `/` are lost, or act as keys of the list.
    """

    def __init__(self, focused: Callable[[], MessagePump]) -> None:
        """`focused` returns the focused widget, or the screen."""
        self._focused = focused
        self._pending_keys: deque[tuple[events.Key, MessagePump]] = deque(maxlen=256)
        """Keys that have not come back, with what they were given to; those that were used never do."""

    def redirect(self, event: events.Key) -> bool:
        """Record the receiver of a key. If the key comes back unused, send it to the new focus and return True."""
        now = self._focused()
        if not event.is_forwarded:
            self._pending_keys.append((event, now))
            return False
        before = next((pair for pair in self._pending_keys if pair[0] is event), None)
        if before is None:
            return False
        self._pending_keys.remove(before)
        if before[1] is now:
            return False
        self._pending_keys.append((event, now))
        now.post_message(event.stop(False))
        return True
