"""A queue for keys that arrive in a burst: each key goes to the page or field that the previous key has opened.

Textual sends a key to the focused widget as soon as the key is read. If `3/word` arrives in one burst, the letters
would go to the page that the `3` leaves. If `one⇥two` arrives in a field, that field would get `onetwo`, because the
letters reach the field before the tab is handled.

Here a key waits until the previous key has been handled. To find that out, a mark (a message) follows the previous key
on its way from the focused widget to the app. If a page, a dialog or the focus has changed by the time the mark
arrives, further marks are sent until nothing changes any more. A key that comes long after the previous one never
waits.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

from flattr_tui.ui.textual_private import has_deferred_calls

RECENT_SECONDS = 1.0
"""Seconds after its delivery at which a key counts as handled."""
BURST_SECONDS = 0.1
"""Keys that follow each other within this many seconds are a burst: nobody has read the screen between them."""
LOST_SECONDS = 0.1
"""Seconds to wait for a mark. Then another one is sent, because the widget that should pass it on may be gone."""
MAX_WAIT_SECONDS = 3.0
"""Maximum number of seconds that a key waits for the screen to stop changing."""
MAX_DATA_SECONDS = 5.0
"""Maximum number of seconds that the keys of a burst wait for data that the screen is still reading."""
QUIT_KEYS = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that end all waiting, also for the keys before them, because the user wants to quit."""
POLL_SECONDS = 0.01
"""Seconds between two checks whether the data of the screen has arrived."""

Input = events.Key | events.Paste


class KeyPassed(Message, bubble=True):
    """Message, called a mark: it is sent to the focused widget after a key, and bubbles up to the app as the key does.

    When the mark arrives at the app, the app and its widgets have handled the key. `number` tells marks apart.
    """

    def __init__(self, number: int, *, is_drawn: bool = False) -> None:
        super().__init__()
        self.number = number
        self.is_drawn = is_drawn
        """Whether the screen has been drawn since the mark was sent."""


@runtime_checkable
class AwaitsData(Protocol):
    """Protocol: a screen on which the effect of a key can depend on data that is still being read."""

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the screen is still reading data on which the effect of the next key depends."""
        ...


class KeypressQueue:
    """Holds back keys and pastes until the previous key has been handled."""

    def __init__(self, app: App[Any], resume: Callable[[], object]) -> None:
        """Create an empty queue for the keys of `app`.

        If a key has waited too long for the previous key to be handled, the queue calls `resume`. This function must
        then deliver the key that `next_key` returns.
        """
        self._app = app
        self._resume = resume
        self._held: deque[Input] = deque()
        self._added_at = self._delivered_at = float("-inf")
        self._is_handled = True
        """Whether the key that was delivered last has been handled."""
        self._field: MessagePump | None = None
        """The field that received the last key, if that was a letter; otherwise None."""
        self._mark = 0
        """The number of the last mark sent."""
        self._is_waiting = False
        self._seen: tuple[object, ...] = ()
        """The screen and the focused widget at the time the last mark was sent."""
        self._deadline = self._data_deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, key: Input) -> None:
        """Add a key that was just read.

        If the key arrives within `BURST_SECONDS` of the previous key, the user can't have read the screen in between.
        The key is then not delivered until the screen has read its data, or `MAX_DATA_SECONDS` have passed. A key after
        a longer pause, or a key that quits (`QUIT_KEYS`), ends this wait for all keys.
        """
        if key.time - self._added_at > BURST_SECONDS or _is_quit(key):
            self._data_deadline = 0.0
        elif not self._held or not self._data_deadline:
            self._data_deadline = time.monotonic() + MAX_DATA_SECONDS
        self._added_at = key.time
        self._held.append(key)
        if _is_quit(key):
            self._end_wait()

    def next_key(self) -> Input | None:
        """Return the next key to deliver; None if there is none, or if the previous key is still being handled."""
        if self._is_waiting or not self._held:
            return None
        if not self._is_handled and self._has_to_wait(self._held[0]):
            self._deadline = time.monotonic() + MAX_WAIT_SECONDS
            self._send_mark()
            return None
        return self._deliver()

    def _deliver(self) -> Input:
        key, focused = self._held.popleft(), self._app.focused
        takes_letters = isinstance(focused, Widget) and focused.check_consume_key("a", "a")
        self._field = focused if takes_letters and _is_text(key) else None
        self._is_handled, self._delivered_at = False, time.monotonic()
        return key

    def _has_to_wait(self, key: Input) -> bool:
        if key.time - self._delivered_at > RECENT_SECONDS or any(map(_is_quit, self._held)):
            return False
        return self._field is None or self._field is not self._app.focused or not _is_text(key)

    def _send_mark(self) -> None:
        self._mark += 1
        self._is_waiting, self._seen = True, self._place
        if not (self._app.focused or self._app.screen).post_message(KeyPassed(self._mark)):
            self._app.post_message(KeyPassed(self._mark))
        self._set_timer(LOST_SECONDS, self._retry)

    @property
    def _place(self) -> tuple[object, ...]:
        return self._app.screen, self._app.focused

    def mark_returned(self, mark: KeyPassed) -> None:
        """Continue after a mark has arrived at the app. A mark is a message that was sent after the previous key.

        If the screen or the focus has changed since the mark was sent, the previous key may have further effects. Then
        another mark is sent. If nothing has changed, the previous key has been handled, and the next key may be
        delivered.
        """
        if not self._is_waiting or mark.number != self._mark or not self._app.is_running:
            return  # a program that ends has closed its screens already
        if self._place == self._seen and _is_settled(self._app):
            self._mark += 1  # a timer may have sent another mark; ignore it
            if self._data_deadline and self._is_awaiting_data and not self._quits_here(self._held[0]):
                self._set_timer(POLL_SECONDS, self._poll)
            else:
                self._end_wait()
        elif mark.is_drawn:
            self._retry()
        else:
            self._app.screen.call_after_refresh(self._app.post_message, KeyPassed(self._mark, is_drawn=True))

    def _retry(self) -> None:
        """Send another mark. But if the next key has waited too long, call `resume`, which delivers that key."""
        if time.monotonic() < self._deadline:
            self._send_mark()
        else:
            self._end_wait()
            self._resume()

    @property
    def _is_awaiting_data(self) -> bool:
        screen = self._app.screen
        return time.monotonic() < self._data_deadline and isinstance(screen, AwaitsData) and screen.is_awaiting_data

    def _quits_here(self, key: Input) -> bool:
        """Whether a key quits the program when pressed on this screen. Even a letter can, such as `q`."""
        found = self._app.screen.active_bindings.get(key.key) if isinstance(key, events.Key) else None
        return found is not None and found.binding.action == "quit"

    def _poll(self) -> None:
        """Check again soon if the screen is still reading data. Otherwise, send a mark, which releases the next key."""
        if self._is_awaiting_data:
            self._set_timer(POLL_SECONDS, self._poll)
        else:
            self._deadline = time.monotonic() + MAX_WAIT_SECONDS
            self._send_mark()

    def _end_wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._is_waiting, self._is_handled = None, False, True

    def _set_timer(self, seconds: float, callback: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._app.call_later, self._run_timer, callback)

    def _run_timer(self, callback: Callable[[], None]) -> None:
        if self._is_waiting and self._app.is_running:
            callback()


def _is_text(key: Input) -> bool:
    return isinstance(key, events.Key) and key.is_printable


def _is_quit(key: Input) -> bool:
    return isinstance(key, events.Key) and key.key in QUIT_KEYS


def _is_settled(app: App[Any]) -> bool:
    """Whether no widget on screen has a message to handle or is still being mounted."""
    if app.message_queue_size or has_deferred_calls(app.screen):
        return False
    for node in app.screen.walk_children(Widget, with_self=True):
        if not node.is_mounted or node.message_queue_size:
            return False
    return True


def as_enter(key: events.Key) -> events.Key:
    """Return the key enter, to be handled in place of the ctrl+j `key`.

    A press of enter arrives as ctrl+j until the program has set up the terminal.
    """
    enter = events.Key("enter", "\r")
    enter.time = key.time
    return enter
