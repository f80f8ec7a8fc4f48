"""The page that searches all saved items while the user types: users, things, flattrs and activities in one list."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from flattr_tui.library.bookmarks import Mark, bookmarked_as
from flattr_tui.library.events import ConnectionState
from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.query.saved_queries import make_find_mark
from flattr_tui.library.query.search import KINDS, FoundItem, OfflineSearch
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity
from flattr_tui.model.query_language import QueryContext, parse_query
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, find_query_fault, query_context
from flattr_tui.ui.bindings import FIND, FIND_FIELD, QUERY_FIELD
from flattr_tui.ui.panes.search_results import TYPING_SECONDS
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.base_widgets import Placeholder, PlaceholderLine, Severity, Split, SteadyText
from flattr_tui.ui.widgets.dialogs import ConfirmDialog
from flattr_tui.ui.widgets.inputs import QueryInput
from flattr_tui.ui.widgets.list_content import WHEN, Column, Position, RowList, RowStyle, add_star
from flattr_tui.ui.widgets.table import RowTable

MAX_HITS_PER_KIND = 100
"""Maximum number of hits that are listed for each kind of item."""
SIGNS: Mapping[str, tuple[str, str]] = {
    "user": ("☺", "$secondary"),
    "thing": ("■", "$primary"),
    "flattr": ("♥", "$accent"),
    "activity": ("»", "$success"),
}
"""Symbol and colour of each kind of item."""
PLURALS: Mapping[str, str] = {"activity": "activities"}


def plural_of_kind(kind: str) -> str:
    """Return the plural of a kind of item: `things` for `thing`."""
    return PLURALS.get(kind, f"{kind}s")


class HitRow(Row, frozen=True, kw_only=True):
    """A table row that shows a hit: a saved item that the search has found."""

    hit: FoundItem
    imported: bool = False
    """Whether the hit belongs to another source than the one that the app shows."""


class HitRows(RowList):
    """The table rows for the hits, which are the saved items that a search has found."""

    def __init__(self, hits: Sequence[FoundItem], kind: str = "", current_source: str = "") -> None:
        """Make a row for each of `hits` that is of `kind`; "" makes rows for all hits.

        Hits that belong to other sources than `current_source` are labelled as imported.
        """
        super().__init__(
            [
                HitRow(
                    hit.item,
                    f"{hit.source} {hit.kind} {hit.item.key}",
                    hit.fetched_at,
                    hit=hit,
                    imported=current_source not in {"", hit.source},
                )
                for hit in hits
                if kind in {"", hit.kind}
            ]
        )


def limit_hits(hits: Sequence[FoundItem]) -> tuple[list[FoundItem], dict[str, tuple[int, bool]]]:
    """Return the first `MAX_HITS_PER_KIND` hits of each kind of item, and the counts by kind.

    A count is a pair: the number of these hits, and whether there are more hits of this kind.
    """
    kept: list[FoundItem] = []
    counts: dict[str, tuple[int, bool]] = {}
    for kind in KINDS:
        found = [hit for hit in hits if hit.kind == kind]
        kept += found[:MAX_HITS_PER_KIND]
        if found:
            counts[kind] = (min(len(found), MAX_HITS_PER_KIND), len(found) > MAX_HITS_PER_KIND)
    return kept, counts


def count_line(counts: Mapping[str, tuple[int, bool]], chosen: str) -> Content:
    """Return the counts from `limit_hits` in words: `2 users · 27 things · 100+ flattrs`.

    `chosen` is the kind of item whose count is highlighted, such as `thing`; "" highlights none.
    """
    parts = []
    for kind, (number, more) in counts.items():
        text = f"{number:,}+ {plural_of_kind(kind)}" if more else fmt.plural(number, kind, plural_of_kind(kind))
        parts.append(Content.styled(text, "bold $accent" if kind == chosen else "$muted"))
    return Content.styled(" · ", "$muted").join(parts)


def _highlight_spans(text: str, spans: Sequence[tuple[int, int]], style: str = "") -> Content:
    content = Content.styled(text, style) if style else Content(text)
    for start, stop in spans:
        content = content.stylize(".rowtable--word", start, stop)
    return content


def _kind(row: Row, look: RowStyle) -> Content:
    if not isinstance(row, HitRow):
        return Content("")
    sign, style = SIGNS[row.hit.kind]
    return Content.styled(f"{sign} ", style) + Content.styled(row.hit.kind, "$muted")


def _title(row: Row, look: RowStyle) -> Content:
    if not isinstance(row, HitRow):
        return Content("")
    hit = row.hit
    title = _highlight_spans(hit.title, hit.marks) if hit.title else Content.styled("(no title)", "$muted")
    if row.imported:
        title = Content.styled("imported ", "$warning") + title
    else:
        title = add_star(title, bookmarked_as(row.item), look)
    text = {hit.title[start:stop].casefold() for start, stop in hit.marks}
    if len(text) >= len(look.words) or not hit.spans:  # the title contains all words: no snippet is needed
        return title
    return title + "  " + _highlight_spans(hit.snippet, hit.spans, "$muted")


COLUMNS = (
    Column("kind", "Kind", _kind, width=10, priority=8),
    Column("title", "Match", _title, minimum=20, priority=9),
    replace(WHEN, priority=4, sort=None),
)


FIRST_HITS = 60
"""Number of hits whose matching words are found by the search. Further hits get theirs when they are drawn."""


class HitsFound(Message):
    """Message: the search for `text` in the saved items has finished."""

    def __init__(self, text: str, hits: Sequence[FoundItem]) -> None:
        super().__init__()
        self.text, self.hits = text, hits


class SearchInput(QueryInput):
    """The search input. The up and down keys move the cursor in the list of results."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIND_FIELD, *QUERY_FIELD]
    can_open = False
    """Whether the list has a result to open."""
    can_ask_server = False
    """Whether enter searches the server, because no saved item matches."""

    class CursorMoved(Message):
        """Message: the user pressed a key in the input that moves the cursor in the list of results.

        `by` is the number of rows or, if `pages` is true, of screenfuls. A negative number moves the cursor up.
        """

        def __init__(self, by: int, *, pages: bool) -> None:
            super().__init__()
            self.by, self.pages = by, pages

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "submit":
            return self.can_open
        return self.can_ask_server if action == "ask_server" else super().check_action(action, parameters)

    async def action_ask_server(self) -> None:
        await self.action_submit()

    def action_move(self, by: int) -> None:
        self.post_message(self.CursorMoved(by, pages=False))

    def action_page(self, by: int) -> None:
        self.post_message(self.CursorMoved(by, pages=True))


class GlobalSearchScreen(Page):
    """The page that searches all saved items."""

    CRUMB = "Find"
    CSS_PATH = "global_search.tcss"
    REFRESH_FETCHES = False
    BINDINGS: ClassVar[list[BindingType]] = list(FIND)
    AUTO_FOCUS = "#words"

    def __init__(self, text: str = "", kind: str = "", position: Position | None = None) -> None:
        """Search for `text`, and move the cursor to `position`.

        `kind` is the kind of the items that are listed; "" lists the items of all kinds.
        """
        super().__init__()
        self._initial = text
        self._position = position
        self.kind = kind
        """The kind of items that is listed; "" for all kinds."""
        self._found: HitsFound | None = None
        self._fault = ""
        """What is wrong with the typed query; "" if it is valid."""
        self._search_number = 0
        """Number of the latest search, from 1; results of earlier searches are discarded."""

    def body(self) -> ComposeResult:
        with Split():
            with Vertical(classes="list find"):
                with Horizontal(classes="field"):
                    yield Static(Content.styled("find", "$muted"), classes="label", markup=False)
                    yield SearchInput(self._initial, id="words", placeholder="words; ? explains more", compact=True)
                yield SteadyText(classes="count")
                yield RowTable(COLUMNS)
                yield PlaceholderLine()
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.query_one(RowTable), "highlighted", self.show_row)
        self._update()
        if self._initial:
            self._start_search()

    def copy(self) -> "GlobalSearchScreen":
        """Return a new page with the same query, with the cursor on the same hit."""
        return GlobalSearchScreen(self.text, self.kind, self.query_one(RowTable).position)

    @property
    def query_mark(self) -> Mark | None:
        """A new bookmark of the query; None if the query is empty or invalid."""
        if not self.is_mounted or self._fault:
            return None
        return make_find_mark(self.text, source=app_of(self).library.source.name, at=app_of(self).clock())

    @property
    def text(self) -> str:
        """The text that is searched for."""
        return self.query_one("#words", Input).value.strip()

    @property
    def hit(self) -> HitRow | None:
        """The hit under the cursor; None if nothing is listed."""
        row = self.query_one(RowTable).row
        return row if isinstance(row, HitRow) else None

    @property
    def subject(self) -> Entity | None:
        """The item under the cursor; None if the item belongs to another source, or if nothing is listed."""
        return self.hit.item if self.hit is not None and not self.hit.imported else None

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the search for the typed text is still running."""
        if not self.text or self._fault or app_of(self).library.search is None:
            return False
        return self._found is None or self._found.text != self.text

    # -- finding

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fault = find_query_fault(self.text, query_context(self))
        if self._fault:
            self._update()
        else:
            self.query_one(RowTable).cursor = 0
            self._start_search(TYPING_SECONDS)

    def _start_search(self, after: float = 0.0) -> None:
        finder = app_of(self).library.search
        if finder is not None and not self._fault:
            self._search_number = asked = self._search_number + 1
            work = _search_job(finder, self.text, query_context(self), lambda: self._search_number != asked)
            app_of(self).run_in_thread(work, self, "finding", delay=after)

    def on_hits_found(self, event: HitsFound) -> None:
        event.stop()
        if event.text == self.text:
            self._found = event
            self._update()
            if self._position is not None:
                self.query_one(RowTable).go_to(self._position)
                self._position = None

    def _update(self) -> None:
        found = self._found
        kept, counts = limit_hits(found.hits if found is not None else ())
        if found is not None and self.kind not in counts:
            self.kind = ""
        source = app_of(self).library.source
        table = self.query_one(RowTable)
        words = parse_query(found.text, query_context(self)).words if found is not None else ()
        table.row_style = RowStyle(app_of(self).now, app_of(self).tz, words)
        table.source = HitRows(kept, self.kind, "" if source.kind is SourceKind.SAVED else source.name)
        table.display = bool(kept)
        self.query_one(".count", SteadyText).update(count_line(counts, self.kind))
        line = self.query_one(PlaceholderLine)
        line.placeholder = self._make_placeholder() if self._fault or not kept else None
        line.fills_pane = not kept
        if not kept and self.focused is table:
            self.action_words()
        entry = self.query_one(SearchInput)
        entry.can_open = bool(kept)
        entry.can_ask_server = not kept and found is not None and bool(found.text) and self._online
        self.refresh_bindings()

    def _make_placeholder(self) -> Placeholder:
        if self._fault:
            return Placeholder(self._fault, "f1 explains the query language.", Severity.ERROR)
        if app_of(self).library.search is None:
            return Placeholder("No data is saved yet.")
        if self._found is None or not self._found.text:
            text = "Finds saved users, things, flattrs and activities that contain all words."
            return Placeholder(text, "Type words, or their first letters.")
        todo = "Press enter to search the server." if self._online else "Try fewer words, or only their first letters."
        return Placeholder(f"No match for “{self._found.text}”.", todo)

    @property
    def _online(self) -> bool:
        return app_of(self).library.status.connection is not ConnectionState.OFFLINE

    def source_changed(self) -> None:
        """Search again: the app shows another source now."""
        self._found = None
        self._update()
        self._start_search()

    # -- the list

    def show_row(self) -> None:
        """Show the hit under the cursor in the detail pane, and its age in the header."""
        super().show_row()
        self.fetched_at = self.hit.fetched_at if self.hit is not None else None

    @on(SearchInput.CursorMoved)
    def _moved(self, event: SearchInput.CursorMoved) -> None:
        event.stop()
        table = self.query_one(RowTable)
        table.action_page(float(event.by)) if event.pages else table.action_move(event.by)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.hit is not None:
            self.open_row(self.hit)
        elif self.text and self._online and self._found is not None and self._found.text == self.text:
            app_of(self).search(self.text)

    def open_row(self, row: Row) -> None:
        """Open the page of a hit. If the hit belongs to another source, ask whether to switch to that source."""
        app = app_of(self)
        if not isinstance(row, HitRow) or not row.imported:
            super().open_row(row)
            return
        if not app.can_switch:
            app.notify_user("This was imported: the source `saved` shows its page.", "warning")
            return

        def switch(yes: bool | None) -> None:
            if yes:
                app.switch_source(SourceKind.SAVED.value)
                app.open_item(row.item)

        question = f"{app.library.source.label} may use that name for something else. Show saved data of all sources?"
        self.app.push_screen(ConfirmDialog(f"This was imported. {question}"), switch)

    # -- keys

    def action_words(self) -> None:
        entry = self.query_one("#words", Input)
        self.set_focus(entry)
        entry.select_all()

    def action_kind(self) -> None:
        kinds = ["", *limit_hits(self._found.hits)[1]] if self._found is not None else [""]
        self.kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]
        self.query_one(RowTable).cursor = 0
        self._update()

    def action_refresh(self) -> None:
        self._start_search()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "kind":
            return self._found is not None and bool(self._found.hits)
        return super().check_action(action, parameters)


def _search_job(
    finder: OfflineSearch, text: str, context: QueryContext, is_cancelled: Callable[[], bool]
) -> Callable[[], Message]:
    def find() -> Message:
        hits = finder.find_text(text, KINDS, MAX_HITS_PER_KIND + 1, is_cancelled, context=context)
        for hit in hits[:FIRST_HITS]:
            hit.find_matches()  # in this thread: the hits on one screen would block the event loop for 4 ms
        return HitsFound(text, hits)

    return find
