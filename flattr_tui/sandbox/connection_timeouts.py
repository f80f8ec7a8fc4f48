"""HTTP/1.1 connections that end if the client stops sending or reading. uvicorn itself limits only idle connections.

Without these limits, a client could keep connections half-open for ever, each of which takes a file descriptor
(slowloris). Needs the extra `server`.
"""

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TimedProtocol(H11Protocol):
    """A connection that is closed if a request does not arrive in time. The client gets 408 (RFC 9110, 15.5.9)."""

    head_seconds: ClassVar[float] = 10.0
    """Maximum number of seconds for a request's headers, from its first byte; for the first request, from connecting.
    """
    body_seconds: ClassVar[float] = 30.0
    """Maximum number of seconds for the body of a request, from the end of its headers.

    The largest body that is accepted is 1 MB.
    """
    write_seconds: ClassVar[float] = 30.0
    """Maximum number of seconds for which a client may leave a response unread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._waits_for: tuple[object, object] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Start waiting for a request."""
        super().connection_made(transport)
        self._restart_timer()

    def data_received(self, data: bytes) -> None:
        """Process data that has arrived, and wait for the rest of the request."""
        super().data_received(data)
        self._restart_timer()

    def pause_writing(self) -> None:
        """Start the timer for writing, because the client has stopped reading."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timer for writing, because the client reads again."""
        super().resume_writing()
        self._unread = _cancel(self._unread)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers, because the connection has ended."""
        self._late, self._unread = _cancel(self._late), _cancel(self._unread)
        super().connection_lost(exc)

    def _restart_timer(self) -> None:
        """Restart the timer if the server now waits for another part of a request: its head or its body.

        If the server still waits for the same part, the timer runs on. If it waits for no part, the timer is stopped.
        """
        seconds = {h11.IDLE: self.head_seconds, h11.SEND_BODY: self.body_seconds}.get(self.conn.their_state)
        waits_for = (self.conn.their_state, self.cycle) if seconds else None
        if waits_for == self._waits_for:
            return
        self._waits_for = waits_for
        self._late = _cancel(self._late)
        if seconds:
            self._late = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        is_begun = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn has it None before the first request
        is_being_answered = cycle is not None and cycle.response_started and not cycle.response_complete
        if is_begun and not is_being_answered and not self.transport.is_closing():
            self.transport.write(_TIMEOUT)
        self.transport.close()


def _cancel(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer, if there is one. Returns None, to be assigned to the variable that had the timer."""
    if timer is not None:
        timer.cancel()
    return None
