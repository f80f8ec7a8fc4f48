"""The page of bookmarks, saved queries and recently opened pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from flattr_tui.library.bookmarks import Mark, MarkKind, RemovedBookmark, bookmark_title
from flattr_tui.library.events import Event, FeedChanged, RecordChanged
from flattr_tui.library.query.saved_queries import QueryCounter, describe_query
from flattr_tui.model.entities import Entity
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, query_context
from flattr_tui.ui.bindings import MARKS
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.base_widgets import Heading, Placeholder, PlaceholderLine, Split
from flattr_tui.ui.widgets.inputs import LineInput, PageOptionList
from flattr_tui.ui.widgets.list_content import STAR

NO_BOOKMARKS = Placeholder(
    "Nothing is bookmarked yet.",
    "Press b to bookmark the thing, user or search on screen, and ctrl+o to save a filter. B shows this list.",
)
RECOUNT_SECONDS = 1.0
"""While new data arrives, the matches of queries are counted again after this many seconds."""
Identity = tuple[str, str, str]
"""Kind, source and key of a bookmark. Together they identify the bookmark."""


class MatchesCounted(Message):
    """Message: the matches of each saved query were counted. `counts` maps a query to the number as text."""

    def __init__(self, counts: Mapping[Identity, str]) -> None:
        super().__init__()
        self.counts = counts


class BookmarkLine(NamedTuple):
    """A line of the list that is not a heading: a bookmark, a saved query or a recently opened page."""

    mark: Mark
    opened: bool
    """Whether this is a recently opened page, and not a bookmark or a saved query."""

    @property
    def identity(self) -> tuple[bool, tuple[str, str, str]]:
        """`opened` and the identity of the bookmark, by which the line is found again after the list was rebuilt."""
        return self.opened, self.mark.identity


class BookmarksScreen(Page):
    """The page of bookmarks, saved queries and recently opened pages: three groups, each with the latest first."""

    CRUMB = "Bookmarks"
    CSS_PATH = "bookmarks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(MARKS)
    AUTO_FOCUS = "OptionList"

    def __init__(self, filter: str = "", line: BookmarkLine | None = None, scroll_y: float = 0.0) -> None:
        """List the bookmarks that contain all words of `filter`; "" lists all bookmarks.

        The cursor starts on `line`; with None, on the first line. The list is scrolled down by `scroll_y` lines.
        """
        super().__init__()
        self._initial = filter, line
        self._scroll_y: float | None = scroll_y
        """The number of lines to scroll down after the next layout; None to scroll nowhere."""
        self._entries: list[BookmarkLine | None] = []
        """The entry of each line; None for a heading."""
        self._removed: list[RemovedBookmark] = []
        self._counts: Mapping[Identity, str] = {}
        """The number of saved items that match each saved query, as text."""

    def body(self) -> ComposeResult:
        with Split():
            with Vertical(classes="list marks"):
                yield Heading("Bookmarks and history")
                yield LineInput(self._initial[0], placeholder="/ filters", compact=True, classes="filter")
                yield PlaceholderLine()
                yield PageOptionList(markup=False, compact=True)
            yield DetailPane(classes="detail")

    def copy(self) -> "BookmarksScreen":
        """Return a new page with the same filter, with the cursor on the same line."""
        return BookmarksScreen(self.query_one(Input).value, self.line, self._list_scroll)

    @property
    def _list_scroll(self) -> float:
        """The number of lines that the list is scrolled down, or will be after the next layout (`_scroll_y`)."""
        return self.query_one(OptionList).scroll_y if self._scroll_y is None else self._scroll_y

    def on_mount(self) -> None:
        super().on_mount()
        self._update(self._initial[1])
        self._count()
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(self.app, "bookmarks_version", self._on_bookmarks_changed, init=False)

    def _on_bookmarks_changed(self) -> None:
        self._update()
        self._count()

    # -- the matches of queries

    def _count(self) -> None:
        """Count in a thread how many saved items match each saved query of the current source."""
        app = app_of(self)
        library = app.library
        queries = [mark for mark in app.bookmarks.store.marks if mark.kind.is_query and self._is_here(mark)]
        if queries:
            counter = QueryCounter(library.catalogue, library.source, library.account, query_context(self))
            app.run_in_thread(_count_job(counter, queries), self, "counting matches", when_ready=True)

    def _is_here(self, mark: Mark) -> bool:
        return mark.source == app_of(self).library.source.name

    def on_matches_counted(self, event: MatchesCounted) -> None:
        event.stop()
        if event.counts != self._counts:
            self._counts = event.counts
            self._update()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, FeedChanged | RecordChanged):
            self.reread_after(RECOUNT_SECONDS)

    def reread(self) -> None:
        """Count the matches of the saved queries again."""
        self._count()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.call_after_refresh(self._restore_scroll)

    # -- the list

    def _update(self, line: BookmarkLine | None = None) -> None:
        """List the bookmarks again. The cursor moves to `line`; with None, it stays on its line."""
        marks = app_of(self).bookmarks.store
        options = self.query_one(OptionList)
        before, at = line or self.line, options.highlighted or 0
        self._scroll_y = self._list_scroll
        words = self.query_one(Input).value.casefold().split()
        marked, opened = (_filter_bookmarks(words, found) for found in (marks.marks, marks.opened))
        groups = {
            "Searches and filters": [BookmarkLine(mark, False) for mark in marked if mark.kind.is_query],
            "Bookmarks": [BookmarkLine(mark, False) for mark in marked if not mark.kind.is_query],
            "Recently opened": [BookmarkLine(m, True) for m in opened],
        }
        self._entries = []
        options.clear_options()
        for title, lines in groups.items():
            if lines:
                self._entries += [None, *lines]
                options.add_option(Option(Content.styled(title, "bold $accent"), disabled=True))
                options.add_options(self._make_option(line) for line in lines)
        options.highlighted = self._find_cursor(before, at)
        options.call_after_refresh(self._restore_scroll)
        text = [fmt.plural(len(marked), "bookmark") if marked else "", f"{len(opened):,} opened" if opened else ""]
        self.query_one(Heading).show(None, Content.styled(" · ".join(filter(None, text)), "$muted"))
        if not self._entries and options.has_focus:
            self.set_focus(None)  # otherwise the filter takes the focus and the keys
        self.query_one(Input).display = bool(self._entries or words)
        state, options.display = self.query_one(PlaceholderLine), bool(self._entries)
        state.placeholder, state.fills_pane = self._make_placeholder(bool(words)), not self._entries
        if self._entries and self.focused is None:
            options.focus()

    def _restore_scroll(self) -> None:
        """Scroll the list to where it was before; if the cursor would not be visible there, to the cursor."""
        options = self.query_one(OptionList)
        if self._scroll_y is not None and self.is_current:  # a page below another has no layout yet
            options.scroll_to(y=self._scroll_y, animate=False, force=True)
            options.scroll_to_highlight()
            self._scroll_y = None

    def _make_placeholder(self, filtered: bool) -> Placeholder | None:
        if filtered:
            return None if self._entries else Placeholder("No match.", "Press esc to clear the filter.")
        return None if app_of(self).bookmarks.store.marks else NO_BOOKMARKS

    def _find_cursor(self, before: BookmarkLine | None, at: int) -> int | None:
        """Return the index of the line `before`; if that line is gone, the index of the line nearest to index `at`.

        Returns None if there are no lines.
        """
        lines = {line.identity: number for number, line in enumerate(self._entries) if line is not None}
        if before is not None and before.identity in lines:
            return lines[before.identity]
        return min(lines.values(), key=lambda number: abs(number - at), default=None)

    def _make_option(self, line: BookmarkLine) -> Option:
        app, mark = app_of(self), line.mark
        star = STAR if app.bookmarks.store.is_marked(mark) else " "
        text = [mark.kind.value, fmt.when(mark.at, app.clock(), app.tz)]
        if mark.kind.is_query:
            count = self._counts.get(mark.identity, "") if self._is_here(mark) else ""
            text = [*([f"{count} saved"] if count else []), describe_query(mark), text[1]]
        if not self._is_here(mark):
            text.append(mark.source)
        name = mark.key if mark.kind is MarkKind.USER else mark.title or mark.key
        return Option(Content.assemble((f"{star} ", "$accent"), name, (f"  {' · '.join(text)}", "$muted")))

    @property
    def line(self) -> BookmarkLine | None:
        """The line under the cursor; None on an empty list."""
        at = self.query_one(OptionList).highlighted
        return self._entries[at] if at is not None and at < len(self._entries) else None

    @property
    def subject(self) -> Entity | None:
        """The user or thing under the cursor; None if the cursor is on a query, or on a bookmark of another source."""
        line = self.line if self.is_mounted else None
        if line is None or not self._is_here(line.mark):
            return None
        return line.mark.item

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one(DetailPane).item = self.subject

    def source_changed(self) -> None:
        """List the bookmarks again, because the app shows another source now."""
        self._counts = {}
        self._update()
        self._count()

    # -- keys

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (line := self.line) is not None:
            app_of(self).bookmarks.open(line.mark)

    @on(Input.Changed)
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._update()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    def key_down(self) -> None:
        if self.query_one(Input).has_focus:
            self.query_one(OptionList).focus()

    def action_filter(self) -> None:
        self.set_focus(self.query_one(Input))

    def action_remove(self) -> None:
        """Remove the bookmark or history entry under the cursor. The user can undo this with a key."""
        if (line := self.line) is not None:
            self._removed.append(app_of(self).bookmarks.remove(line.mark, opened=line.opened))
            what = (
                f"{bookmark_title(line.mark, start=True)} is removed from the history"
                if line.opened
                else f"Removed the bookmark of {bookmark_title(line.mark)}"
            )
            app_of(self).notify_user(f"{what}. Press U to put it back.")

    def action_rename(self) -> None:
        """Ask for a new name of the saved query under the cursor."""
        if (line := self.line) is not None:
            app_of(self).bookmarks.ask_query_name(line.mark)

    def action_put_back(self) -> None:
        if self._removed:
            app_of(self).bookmarks.restore(self._removed.pop())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self.is_mounted and self.query_one(Input).display
        if action == "remove":
            return self.is_mounted and self.line is not None
        if action == "rename":
            line = self.line if self.is_mounted else None
            return line is not None and line.mark.kind.is_query and not line.opened
        if action == "put_back":
            return bool(self._removed)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Clear the filter; if there is no filter, leave the page."""
        entry = self.query_one(Input)
        if entry.value:
            entry.value = ""
            self.query_one(OptionList).focus()
        elif entry.has_focus:
            self.query_one(OptionList).focus()
        else:
            super().action_back()


def _filter_bookmarks(words: Sequence[str], marks: Sequence[Mark]) -> list[Mark]:
    """Return the bookmarks that contain all words, the latest first."""

    def found() -> Iterator[Mark]:
        for mark in marks:
            text = f"{mark.kind.value} {mark.key} {mark.title} {mark.source}".casefold()
            if all(word in text for word in words):
                yield mark

    return sorted(found(), key=lambda mark: -mark.at)


def _count_job(counter: QueryCounter, queries: Sequence[Mark]) -> Callable[[], Message]:
    return lambda: MatchesCounted({mark.identity: counter.count(mark) for mark in queries})
