"""Sorted and filtered views of long lists, found in a thread, one after the other."""

import asyncio
import weakref
from collections.abc import Callable

from flattr_tui.library.listing import LocalFeed
from flattr_tui.model.request import Request
from flattr_tui.store.errors import StoreError


class Arranger:
    """See the module. A view that nobody holds any more when its turn comes is left out.

    `changed` is called for each view that is whole now, `notice` with what can't be read.
    """

    def __init__(self, *, changed: Callable[[Request], None], notice: Callable[[str], None]) -> None:
        self._changed = changed
        self._notice = notice
        self._waiting: list[weakref.ref[LocalFeed]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __call__(self, feed: LocalFeed) -> None:
        """Have all rows of a view found."""
        self._waiting.append(weakref.ref(feed))
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._arrange_all(), name="arrange")

    async def _arrange_all(self) -> None:
        try:
            while self._waiting:
                feed = self._waiting.pop(0)()
                if feed is not None and not self._closed:
                    await self._arrange(feed)
        finally:
            self._task = None

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
