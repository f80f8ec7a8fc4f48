"""Sorted and filtered views of long lists, found in a thread, one after the other.

The first rows of all come before the rest of any: what is shown is waited for.
"""

import asyncio
import weakref
from collections.abc import Callable

from flattr_tui.library.query.catalogue_feed import CatalogueFeed
from flattr_tui.model.api_request import Request
from flattr_tui.store.errors import SearchCancelledError, StoreError


class Arranger:
    """See the module. A view that nobody holds any more is left out, or given up where it is under way.

    `changed` is called for each view that has more rows now, `notice` with what can't be read, `crash` with a mistake
    of the program's own.
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
        self._first: list[weakref.ref[CatalogueFeed]] = []
        """Those of which nothing is there yet."""
        self._rest: list[weakref.ref[CatalogueFeed]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __call__(self, feed: CatalogueFeed) -> None:
        """Have all rows of a view found, once however often it is asked for until its turn comes."""
        waiting = self._rest if feed.has_rows else self._first
        if (asked := weakref.ref(feed)) not in waiting:
            waiting.append(asked)
        if self._task is None and not self._closed:
            self._begin()

    async def idle(self) -> None:
        """Wait until all rows of all views are found."""
        while self._task is not None and not self._closed:
            await asyncio.wait([self._task])

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._arrange_all(), name="arrange")
        self._task.add_done_callback(self._over)

    async def _arrange_all(self) -> None:
        while (waiting := self._first or self._rest) and not self._closed:
            await self._arrange(waiting.pop(0))

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash(error)
        elif (self._first or self._rest) and not self._closed:  # one more came after the last was found
            self._begin()

    async def _arrange(self, asked: "weakref.ref[CatalogueFeed]") -> None:
        """Find what is next of a view; it is not held meanwhile, so that it is seen whether anybody else does."""
        feed = asked()
        if feed is None or feed.is_complete:
            return
        find, begun = feed.make_finder(), feed.has_rows
        del feed
        try:
            found = await asyncio.to_thread(find, lambda: asked() is None or (begun and bool(self._first)))
        except SearchCancelledError:
            found = None
        except StoreError as error:
            self._notice(str(error))
            if (feed := asked()) is not None:
                feed.mark_failed()
                self._changed(feed.request)
            return
        if (feed := asked()) is None:
            return
        if found is not None:
            feed.apply_result(found)
            self._changed(feed.request)
        if not feed.is_complete:
            self(feed)

    def close(self) -> None:
        """Begin no more."""
        self._closed = True
