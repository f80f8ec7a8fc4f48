"""The app's actions for bookmarks and the history of opened pages."""

import asyncio
from collections.abc import Mapping
from functools import cached_property

from textual.reactive import reactive
from textual.screen import Screen

from flattr_tui.api.methods import SORTS
from flattr_tui.library.bookmarks import Bookmarks, Mark, MarkKind, mark_of
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, Thing
from flattr_tui.ui.bookmark_titles import RemovedBookmark, bookmark_title
from flattr_tui.ui.item_links import bookmarked_as
from flattr_tui.ui.sync_actions import SyncActions

SAVE_ON_QUIT_SECONDS = 0.1
"""How long quitting waits for the bookmarks to be saved; saving itself is not cancelled."""


class BookmarkActions(SyncActions, inherit_bindings=False):
    """Adds and removes bookmarks, and records opened pages. Both are saved in the background."""

    bookmarks_version: reactive[int] = reactive(0, init=False, repaint=False)
    """Increases with every change, for widgets that draw bookmarks."""

    @cached_property
    def _session_bookmarks(self) -> Bookmarks:
        return Bookmarks(None, notice=self.log.warning)

    @property
    def bookmarks(self) -> Bookmarks:
        """Bookmarks and history; in memory if the library keeps none."""
        return self.library.bookmarks if self.library.bookmarks is not None else self._session_bookmarks

    @property
    def starred(self) -> frozenset[tuple[str, str]]:
        """Kinds and keys of the current source's bookmarks, as `library.bookmarks.key_of` returns them."""
        return self.bookmarks.of(self.library.source.name)

    def draft(self, key: str) -> Mapping[str, str]:
        """Return what was typed into a form that was not sent."""
        return self.bookmarks.draft(key)

    def keep_draft(self, key: str, values: Mapping[str, str]) -> None:
        """Remember what was typed into a form; without `values` forget it."""
        self.bookmarks.keep_draft(key, values)

    def bookmark_of(self, subject: Entity | Request | None) -> Mark | None:
        """Return a new bookmark of an item or search; None if it can't be bookmarked."""
        if not isinstance(subject, Request):
            subject = bookmarked_as(subject)
        return mark_of(subject, self.library.source.name, self.clock())

    def is_bookmarked(self, subject: Entity | Request | None) -> bool:
        """Whether an item or search is bookmarked."""
        mark = self.bookmark_of(subject)
        return mark is not None and self.bookmarks.is_marked(mark)

    def record_visit(self, subject: Entity) -> None:
        """Add an opened page to the history."""
        if (mark := self.bookmark_of(subject)) is not None:
            self.bookmarks.note_opened(mark)
            self._on_bookmarks_changed()

    def _on_bookmarks_changed(self) -> None:
        self.bookmarks_version += 1
        self.save_bookmarks()

    async def on_unmount(self) -> None:
        marks = self.library.bookmarks
        if marks is not None and marks.unsaved:
            try:
                async with asyncio.timeout(SAVE_ON_QUIT_SECONDS):
                    await asyncio.to_thread(marks.save)
            except TimeoutError:
                self.log.warning("the bookmarks are still being written")

    # -- marking

    def bookmarkable(self, screen: Screen[object] | None = None) -> list[Mark]:
        """Return what can be bookmarked on a screen: its thing or user, and its search."""
        from flattr_tui.ui.panes.feed_view import FeedView  # noqa: PLC0415 -- it needs the app

        screen = screen or self.screen
        requests = [view.request for view in screen.query(FeedView)]
        searches = [request for request in requests if request is not None and request.method == "search"]
        subjects: list[Entity | Request | None] = [getattr(screen, "subject", None), *searches]
        return [mark for subject in subjects if (mark := self.bookmark_of(subject)) is not None]

    def action_bookmark(self) -> None:
        """Bookmark what is on screen, or take the bookmark away; asks where it is a result and a search."""
        from flattr_tui.ui.widgets.choice_dialog import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        marks = self.bookmarkable()
        if len(marks) == 1:
            self.toggle_bookmark(marks[0])
        elif marks:
            answers = [(str(at), bookmark_title(mark)) for at, mark in enumerate(marks)]

            def take(answer: str | None) -> None:
                if answer is not None:
                    self.toggle_bookmark(marks[int(answer)])

            self.push_screen(ChoiceDialog("Which bookmark to add or remove?", answers), take)

    def toggle_bookmark(self, mark: Mark) -> None:
        """Add or remove a bookmark, and notify the user."""
        if self.bookmarks.toggle(mark):
            self.notify_user(f"Bookmarked {bookmark_title(mark)}. B lists all bookmarks.")
        else:
            self.notify_user(f"{bookmark_title(mark, start=True)} is bookmarked no more; b does it again.")
        self._on_bookmarks_changed()

    def remove_bookmark(self, mark: Mark, *, opened: bool) -> RemovedBookmark:
        """Remove a bookmark or history entry; `restore_bookmark` undoes it."""
        if opened:
            self.bookmarks.forget(mark)
        elif self.bookmarks.is_marked(mark):
            self.bookmarks.toggle(mark)
        self._on_bookmarks_changed()
        return RemovedBookmark(mark, opened)

    def restore_bookmark(self, removed: RemovedBookmark) -> None:
        """Undo a `remove_bookmark`."""
        if removed.opened:
            self.bookmarks.note_opened(removed.mark)
        elif not self.bookmarks.is_marked(removed.mark):
            self.bookmarks.toggle(removed.mark)
        self._on_bookmarks_changed()

    def confirm_clear_history(self) -> None:
        """Ask whether to clear the history, and clear it."""
        from flattr_tui.ui.widgets.choice_dialog import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        def take(yes: bool | None) -> None:
            if yes:
                self.bookmarks.forget_all()
                self.notify_user("What was opened and searched for is forgotten.")
                self._on_bookmarks_changed()

        self.push_screen(ConfirmDialog("Forget everything that was opened and searched for?", "Bookmarks stay."), take)

    # -- opening again

    def action_marks(self) -> None:
        """Show bookmarks and what was opened."""
        from flattr_tui.ui.screens.bookmarks import BookmarksScreen  # noqa: PLC0415 -- imported when it is shown

        if not isinstance(self.screen, BookmarksScreen):
            self.push_screen(BookmarksScreen())

    def open_bookmark(self, mark: Mark) -> None:
        """Open a bookmark, switching to its source if needed."""
        if mark.source != self.library.source.name:
            if not self.can_switch:
                self.notify_user(f"{bookmark_title(mark, start=True)} is of another source: {mark.source}.", "warning")
                return
            self.switch_source(mark.source)
            if mark.source != self.library.source.name:
                return  # which was told
        match mark.kind:
            case MarkKind.USER:
                self.open_user(mark.key)
            case MarkKind.THING:
                self.open_item(Thing(id=int(mark.key), title=mark.title))
            case MarkKind.SEARCH:
                self.search_again(mark.arguments)

    def open_user(self, name: str) -> None:
        """Open a user's page."""
        raise NotImplementedError

    def open_item(self, item: Entity) -> None:
        """Open the page of what an item is about."""
        raise NotImplementedError

    def search_again(self, arguments: dict[str, str]) -> None:
        """Open the search page and search with these parameters."""
        self.switch_mode("search")
        self.call_later(self._fill_search, arguments)

    def _fill_search(self, arguments: dict[str, str]) -> None:
        from flattr_tui.ui.panes.search_form import FilterPicker, SearchForm, SortPicker  # noqa: PLC0415 -- it needs the app

        while len(self.screen_stack) > 1:
            self.pop_screen()
        form = self.screen.query_one(SearchForm)
        for picker in form.query(FilterPicker):
            picker.selected = tuple(filter(None, arguments.get(picker.parameter, "").split(",")))
        order = arguments.get("sort", "")
        form.query_one(SortPicker).order = order if order in SORTS else SORTS[0]
        form.fill(**arguments)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "bookmark":
            return bool(self.bookmarkable())
        return super().check_action(action, parameters)
