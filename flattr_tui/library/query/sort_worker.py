"""Sorts and filters views of long lists in a thread, one after the other.

The first rows of every view come before the rest of any, because the user waits for them.
"""

import asyncio
import weakref
from collections.abc import Callable

from flattr_tui.library.query.catalogue_feed import CatalogueFeed
from flattr_tui.model.api_request import Request
from flattr_tui.store.errors import SearchCancelledError, StoreError


class SortWorker:
    """A queue of views to sort. Views that are no longer used are skipped or cancelled.

    `changed` is called for each view with more rows, `notice` with read errors, `crash` with unexpected exceptions.
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
        """Queue a view; queueing it twice has no effect."""
        waiting = self._rest if feed.has_rows else self._first
        if (asked := weakref.ref(feed)) not in waiting:
            waiting.append(asked)
        if self._task is None and not self._closed:
            self._start()

    async def wait_idle(self) -> None:
        """Wait until all views are complete."""
        while self._task is not None and not self._closed:
            await asyncio.wait([self._task])

    def _start(self) -> None:
        self._task = asyncio.create_task(self._sort_all(), name="arrange")
        self._task.add_done_callback(self._on_done)

    async def _sort_all(self) -> None:
        while (waiting := self._first or self._rest) and not self._closed:
            await self._sort(waiting.pop(0))

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash(error)
        elif (self._first or self._rest) and not self._closed:  # one more came after the last was found
            self._start()

    async def _sort(self, asked: "weakref.ref[CatalogueFeed]") -> None:
        """Compute the next rows of a view. Only a weak reference is held, to notice when the view is no longer used."""
        feed = asked()
        if feed is None or feed.is_complete:
            return
        find, begun = feed.make_sorter(), feed.has_rows
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
        """Start no more views."""
        self._closed = True
