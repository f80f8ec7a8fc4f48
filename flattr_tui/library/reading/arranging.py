"""Sorted and filtered views of long lists, found in a thread, one after the other."""

import asyncio
import weakref
from collections.abc import Callable

from flattr_tui.library.reading.listing import LocalFeed
from flattr_tui.model.request import Request
from flattr_tui.store.errors import StoreError


class Arranger:
    """See the module. A view that nobody holds any more when its turn comes is left out.

    `changed` is called for each view that is whole now, `notice` with what can't be read, `crash` with a mistake of the
    program's own.
    """

    def __init__(
        self,
        *,
        changed: Callable[[Request], None],
        notice: Callable[[str], None],
        crash: Callable[[BaseException], None],
    ) -> None:
        self._changed = changed
        self._notice = notice
        self._crash = crash
        self._waiting: list[weakref.ref[LocalFeed]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __call__(self, feed: LocalFeed) -> None:
        """Have all rows of a view found, once however often it is asked for until its turn comes."""
        if (asked := weakref.ref(feed)) not in self._waiting:
            self._waiting.append(asked)
        if self._task is None and not self._closed:
            self._begin()

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._arrange_all(), name="arrange")
        self._task.add_done_callback(self._over)

    async def _arrange_all(self) -> None:
        while self._waiting:
            feed = self._waiting.pop(0)()
            if feed is not None and not feed.complete and not self._closed:
                await self._arrange(feed)

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash(error)
        elif self._waiting and not self._closed:  # one more came after the last was found
            self._begin()

    async def _arrange(self, feed: LocalFeed) -> None:
        find = feed.finder()
        try:
            found = await asyncio.to_thread(find)
        except StoreError as error:
            self._notice(str(error))
            return
        feed.show(found)
        self._changed(feed.request)

    def close(self) -> None:
        """Begin no more."""
        self._closed = True
