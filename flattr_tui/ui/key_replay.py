"""Keys that come faster than the focus moves: a whole `/word` at once, as from a paste or a script."""

from collections import deque
from collections.abc import Callable

from textual import events
from textual.message_pump import MessagePump


class KeyReplay:
    """Gives a key to what has the focus when its turn comes.

    Textual hands keys on as they are read. One that came before the key in front of it moved the focus went to what
    had it then, which has no use for it: the letters behind a `/` are lost, or taken for keys of the list.
    """

    def __init__(self, focused: Callable[[], MessagePump]) -> None:
        """`focused` returns what has the focus, or the screen."""
        self._focused = focused
        self._pending_keys: deque[tuple[events.Key, MessagePump]] = deque(maxlen=256)
        """Keys that have not come back, with what they were given to; those that were used never do."""

    def redirect(self, event: events.Key) -> bool:
        """Note whom a key is given to. Give one that comes back unused to who has the focus since, and return True."""
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
