"""Adds, removes and opens bookmarks, records the history of opened pages, and counts the new items of lists.

The bookmarks file also stores since when the items of each list count as new.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from flattr_tui.library.bookmarks import (
    Bookmarks,
    Mark,
    MarkKind,
    RemovedBookmark,
    bookmark_title,
    bookmarked_as,
    mark_of,
)
from flattr_tui.library.query.change_history import SeenLists
from flattr_tui.library.query.saved_queries import list_request
from flattr_tui.model.api_request import FULL, ApiRequest, to_own_request, user_activities_request
from flattr_tui.model.entities import Entity, Thing
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import Checks, ControllerHost, PageSubject

SAVE_ON_QUIT_SECONDS = 0.1
"""Seconds that quitting waits for the bookmarks to be saved. After that, saving continues in the background."""


class BookmarksController:
    """Adds and removes bookmarks, and records opened pages. Bookmarks and history are saved in the background.

    Each change increases the app's `bookmarks_version`. Widgets that draw bookmarks watch this number.
    """

    def __init__(self, host: ControllerHost) -> None:
        self._host = host

    @cached_property
    def _session_store(self) -> Bookmarks:
        return Bookmarks(None, notice=self._host.notify_user)

    @property
    def store(self) -> Bookmarks:
        """The library's bookmarks and history. If the library stores none, a store in memory."""
        kept = self._host.library.bookmarks
        return kept if kept is not None else self._session_store

    @property
    def checks(self) -> Checks:
        """For each action, by its name, a function that returns whether the action can be run now."""
        return {"bookmark": lambda: bool(self.bookmarkable(self._host.page))}

    @property
    def starred(self) -> frozenset[tuple[str, str]]:
        """The bookmarked items of the current source, as pairs of kind and key, such as `("user", "ada")`."""
        return self.store.keys_of_source(self._host.library.source.name)

    def mark_of(self, subject: Entity | ApiRequest | None) -> Mark | None:
        """Return a new bookmark of an item or search, which is not stored yet; None if `subject` can't have one."""
        if not isinstance(subject, ApiRequest):
            subject = bookmarked_as(subject)
        return mark_of(subject, self._host.library.source.name, self._host.clock())

    def is_bookmarked(self, subject: Entity | ApiRequest | None) -> bool:
        """Whether `subject`, an item or the request of a search, is bookmarked; False for None."""
        mark = self.mark_of(subject)
        return mark is not None and self.store.is_marked(mark)

    def record_visit(self, subject: Entity) -> None:
        """Add an opened page to the history."""
        if (mark := self.mark_of(subject)) is not None:
            self.store.record_opened(mark)
            self._on_changed()

    def _on_changed(self) -> None:
        self._host.bookmarks_version += 1
        self.save()

    def save(self) -> None:
        """Write bookmarks, history and drafts to disk, in a thread."""
        kept = self._host.library.bookmarks
        if kept is not None and kept.unsaved:
            self._host.start_worker(kept.save, "keeping bookmarks", "marks", thread=True)

    async def save_on_quit(self) -> bool:
        """Save all unsaved changes. Returns False if they are not saved after `SAVE_ON_QUIT_SECONDS`."""
        kept = self._host.library.bookmarks
        if kept is None or not kept.unsaved:
            return True
        try:
            async with asyncio.timeout(SAVE_ON_QUIT_SECONDS):
                await asyncio.to_thread(kept.save)
        except TimeoutError:
            return False
        return True

    # -- adding and removing

    def bookmarkable(self, page: PageSubject | None) -> list[Mark]:
        """Return a new bookmark for each part of a page that can be bookmarked: its thing or user, and its searches.

        The result is empty if the page has no such part, or if `page` is None.
        """
        subjects = (page.subject, *page.searches) if page is not None else ()
        return [mark for subject in subjects if (mark := self.mark_of(subject)) is not None]

    def toggle_shown(self) -> None:
        """Add or remove the bookmark of the page's item or search. If rows are marked, do so for the marked items.

        If the page has both an item and searches, the user is asked which of them is meant.
        """
        from flattr_tui.ui.widgets.dialogs import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        page = self._host.page
        if page is not None and page.marked_items:
            self._toggle_all([mark for item in page.marked_items if (mark := self.mark_of(item)) is not None])
            return
        marks = self.bookmarkable(page)
        if len(marks) == 1:
            self.toggle(marks[0])
        elif marks:
            answers = [(str(at), bookmark_title(mark)) for at, mark in enumerate(marks)]

            def take(answer: str | None) -> None:
                if answer is not None:
                    self.toggle(marks[int(answer)])

            self._host.push_screen(ChoiceDialog("Which bookmark to add or remove?", answers), take)

    def _toggle_all(self, marks: Sequence[Mark]) -> None:
        """Store all bookmarks in `marks`; if all are stored already, remove all."""
        marks = list({mark.identity: mark for mark in marks}.values())
        missing = [mark for mark in marks if not self.store.is_marked(mark)]
        for mark in missing or marks:
            self.store.toggle(mark)
        what = fmt.plural(len(missing or marks), "bookmark")
        self._host.notify_user(
            f"Added {what}. B lists all." if missing else f"Removed {what}. Press b to add them again."
        )
        self._on_changed()

    def toggle(self, mark: Mark) -> None:
        """Add or remove a bookmark, and show a notice."""
        if self.store.toggle(mark):
            self._host.notify_user(f"Bookmarked {bookmark_title(mark)}. B lists all bookmarks.")
        else:
            self._host.notify_user(
                f"{bookmark_title(mark, start=True)} is no longer bookmarked. Press b to add it again."
            )
        self._on_changed()

    def remove(self, mark: Mark, *, opened: bool) -> RemovedBookmark:
        """Remove a bookmark or, with `opened`, an entry of the history. To undo this, pass the result to `restore`."""
        if opened:
            self.store.forget(mark)
        elif self.store.is_marked(mark):
            self.store.toggle(mark)
        self._on_changed()
        return RemovedBookmark(mark, opened)

    def restore(self, removed: RemovedBookmark) -> None:
        """Store a removed bookmark or history entry again."""
        if removed.opened:
            self.store.record_opened(removed.mark)
        elif not self.store.is_marked(removed.mark):
            self.store.toggle(removed.mark)
        self._on_changed()

    # -- queries with a name

    def ask_query_name(self, mark: Mark | None) -> None:
        """Ask for a name, and save the query of the bookmark `mark` under this name. With None, do nothing.

        If the query is saved already, its bookmark gets the new name.
        """
        if mark is None:
            return
        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        known = next((other for other in self.store.marks if other.identity == mark.identity), None)

        def take(name: str | None) -> None:
            if name:
                self.store.keep(replace(known or mark, title=name))
                self._host.notify_user(f"Saved as “{name}”. Outside of fields, B lists it with the number of matches.")
                self._on_changed()

        question = "Another name for this query" if known is not None else "A name for this query"
        self._host.push_screen(PromptDialog(question, literal="Save as", initial=(known or mark).title), take)

    def confirm_clear_history(self) -> None:
        """Ask whether to clear the history of opened pages, then clear it."""
        from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        def take(yes: bool | None) -> None:
            if yes:
                self.store.forget_all()
                self._host.notify_user("The history of opened pages and searches is cleared.")
                self._on_changed()

        self._host.push_screen(
            ConfirmDialog("Clear the history of opened pages and searches?", "Bookmarks are kept."), take
        )

    # -- opening

    def show_all(self) -> None:
        """Show the page of bookmarks and recently opened pages."""
        from flattr_tui.ui.screens.bookmarks import BookmarksScreen  # noqa: PLC0415 -- imported when it is shown

        if not isinstance(self._host.screen, BookmarksScreen):
            self._host.push_screen(BookmarksScreen())
            self._host.start_worker(self._read_again, "reading bookmarks", "marks")

    async def _read_again(self) -> None:
        """Read the bookmarks and visits that other running copies of the program have saved since the last reading."""
        store = self.store
        before = list(store.marks), list(store.opened)
        await asyncio.to_thread(store.save)
        if (list(store.marks), list(store.opened)) != before:
            self._host.bookmarks_version += 1

    def open(self, mark: Mark) -> None:
        """Open the page of a bookmark, in its source. If that source can't be shown, show a notice."""
        if mark.source != self._host.library.source.name:
            if not self._host.can_switch:
                self._host.notify_user(
                    f"{bookmark_title(mark, start=True)} belongs to another source: {mark.source}.", "warning"
                )
                return
            self._host.switch_source(mark.source)
            if mark.source != self._host.library.source.name:
                return  # `switch_source` has notified why
        match mark.kind:
            case MarkKind.USER:
                self._host.open_user(mark.key)
            case MarkKind.THING:
                self._host.open_item(Thing(id=int(mark.key), title=mark.title))
            case MarkKind.SEARCH:
                self._host.search_again(mark.arguments)
            case MarkKind.FILTER:
                self._host.open_filter(list_request(mark), mark.arguments["place"], mark.arguments["text"])
            case MarkKind.FIND:
                self._host.find(mark.key)


class NewItemsController:
    """Knows which items of each list are new: those later than a time that is stored with the bookmarks."""

    def __init__(self, host: ControllerHost, bookmarks: BookmarksController) -> None:
        self._host = host
        self._bookmarks = bookmarks
        self._seen = SeenLists(lambda: (host.library.source.name, host.library.account), lambda: bookmarks.store)

    def seen_until(self, request: ApiRequest) -> int | None:
        """Return the time in Unix seconds after which items of the list that `request` returns are new.

        Returns None if the list was never on screen, or if new items do not come first in the list.
        """
        return self._seen.seen_until(request)

    def record_look(self, request: ApiRequest, newest: int | None) -> bool:
        """Record that the list of `request` is on screen, so that items added later count as new.

        `newest` is the time of the newest item in Unix seconds; with None, nothing is recorded. Returns True if
        `seen_until` returned None for this list before, and now returns `newest`: the list is on screen for the first
        time.
        """
        is_first = self._seen.record_look(request, newest)
        self._bookmarks.save()
        return is_first

    def mark_seen(self, request: ApiRequest, newest: int) -> None:
        """Mark the items of the list of `request` as seen, up to the time `newest` (Unix seconds)."""
        self._seen.mark_seen(request, newest)
        self._bookmarks.save()
        self.count(request)

    # -- the tabs

    def _requests(self) -> Mapping[str, ApiRequest]:
        """Return the requests for the lists that can have new items, by mode id; empty if no user is shown."""
        user, account = self._host.user, self._host.library.account
        lists = {
            "things": ApiRequest.of("user-things", username=user),
            "flattrs": ApiRequest.of("user-flattrs", FULL, username=user),
            "activities": user_activities_request(user, incoming=False),
        }
        return {place: to_own_request(request, account) for place, request in lists.items()} if user else {}

    def count(self, changed: ApiRequest | None = None) -> None:
        """Count the new items of each list of the shown user, and store the counts as the app's `news_counts`.

        `changed` is the request for the only list to count again; None counts the items of all lists.
        """
        counts = dict(self._host.news_counts) if changed is not None else {}
        for place, request in self._requests().items():
            if changed in {None, request} and (seen := self.seen_until(request)) is not None:
                counts[place] = self._count(request, seen)
        counts = {place: number for place, number in counts.items() if number}
        if counts != self._host.news_counts:
            self._host.news_counts = counts

    def _count(self, request: ApiRequest, seen: int) -> int:
        library = self._host.library
        scope = library.scope_of(request)
        if scope is None:
            return 0
        try:
            return library.catalogue.read_news(library.catalogue.list_stats(scope, request).id, seen)[1]
        except StoreError:
            return 0  # the list itself reports the error
