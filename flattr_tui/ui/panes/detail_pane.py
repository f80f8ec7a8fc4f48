"""The pane beside a list: the item under the cursor, as much as is known of it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive

from flattr_tui.library.events import Event, RecordChanged
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, Flattr, Thing
from flattr_tui.ui.item_links import thing_of
from flattr_tui.ui.panes.item_content import describe
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.steady_text import SteadyText


class DetailPane(VerticalScroll):
    """Describes `item`; what a list did not tell of it is fetched behind the screen, and filled in in place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False, id="detail.down"),
        Binding("k", "scroll_up", "up", show=False, id="detail.up"),
    ]

    item: reactive[Entity | None] = reactive[Entity | None](None, init=False, repaint=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield SteadyText(id="description")

    def on_mount(self) -> None:
        """Follow the library."""
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        self.watch(app, "bookmarks_version", self._show, init=False)

    @property
    def request(self) -> Request | None:
        """The record that fills in what the list did not tell."""
        thing = thing_of(self.item)
        return Request.of("thing", id=str(thing.id)) if thing is not None else None

    def watch_item(self, old: Entity | None, new: Entity | None) -> None:
        """Describe it from the top."""
        if thing_of(old) != thing_of(new):
            self.scroll_home(animate=False)
        self._show()

    def _show(self) -> None:
        app = app_of(self)
        item = self.item
        if self.request is not None:
            record = app.library.record(self.request)
            known = app.item_with_pending_writes(record.entity, record.fetched_at)
            item = _with(item, known) if known is not None else item
        self.query_one("#description", SteadyText).update(
            describe(item, app.clock(), app.tz, marked=app.is_bookmarked(item))
        )

    def redraw(self) -> None:
        """Describe it as it is now."""
        self._show()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._show()


def _with(item: Entity | None, known: Entity) -> Entity | None:
    """Take the whole thing in the place of the mini one."""
    if isinstance(item, Flattr) and isinstance(known, Thing):
        return Flattr(thing=known, owner=item.owner, created_at=item.created_at)
    return known if isinstance(item, Thing) else item
