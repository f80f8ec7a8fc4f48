"""Keeps fast keys in order if a field takes letters before an earlier key has been handled.

A field takes letters as soon as it gets them. But Textual handles a field's other keys (tab, enter, backspace) only
after they have been passed on to the app, and keys with priority before all others. If `one⇥two` is written at once,
the field would get `onetwo`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

ROUNDS = 2
"""How often a mark follows a key: the second time it also follows what the key's action sent, as enter does."""
RECENT_SECONDS = 1.0
"""After which a key has certainly been handled."""
LOST_SECONDS = 0.3
"""After which a mark is given up: the field that it was sent through was removed."""


class KeyPassed(Message, bubble=True):
    """Follows a key from a field to the app, to show that the key was handled."""


class KeyOrder:
    """Holds keys back until the previous key has been handled.

    `focused` returns the focused widget. `resume` is called if a mark does not come back within `LOST_SECONDS`.
    """

    def __init__(self, focused: Callable[[], MessagePump | None], resume: Callable[[], object]) -> None:
        self._focused = focused
        self._resume = resume
        self._held: deque[events.Key] = deque()
        self._field: MessagePump | None = None
        """The field that got the last key; None if nothing that takes letters did."""
        self._was_text = False
        """Whether that key was a letter."""
        self._at = 0.0
        self._rounds = 0
        """How many marks are still to come back."""
        self._timeout: asyncio.TimerHandle | None = None

    def add(self, key: events.Key) -> None:
        """Add a key that has just been read."""
        self._held.append(key)

    def next_key(self) -> events.Key | None:
        """Return the next key to handle; None if there is none, or while the previous one is being handled."""
        if self._rounds or not self._held:
            return None
        if self._has_to_wait(self._held[0].is_printable):
            return None
        key, focused = self._held.popleft(), self._focused()
        self._field = focused if isinstance(focused, Widget) and focused.check_consume_key("a", "a") else None
        self._was_text, self._at = key.is_printable, time.monotonic()
        return key

    def _has_to_wait(self, is_text: bool) -> bool:
        """Send a mark after the previous key if that must be handled first; returns whether one was sent."""
        field, self._field = self._field, None
        if field is None or (self._was_text and is_text) or time.monotonic() - self._at > RECENT_SECONDS:
            return False
        return self._send_mark(field, 1 if self._was_text else ROUNDS)

    def _send_mark(self, field: MessagePump, rounds: int) -> bool:
        if not field.post_message(KeyPassed()):
            return False
        self._field, self._rounds = field, rounds
        if self._timeout is None:
            self._timeout = asyncio.get_running_loop().call_later(LOST_SECONDS, self._give_up)
        return True

    def mark_returned(self) -> None:
        """Record that a mark has come back; once all have, the next key may pass."""
        if self._rounds > 1 and self._field is not None and self._send_mark(self._field, self._rounds - 1):
            return
        self._end_wait()

    def _end_wait(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
        self._timeout, self._rounds, self._field = None, 0, None

    def _give_up(self) -> None:
        self._end_wait()
        self._resume()
