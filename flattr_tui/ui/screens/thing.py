"""A thing's own page: who flattred it at the left, the thing at the right, where it was in the list."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from flattr_tui.library.events import Event, RecordChanged
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, Flattr, Thing
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.panes.thing_earnings import ThingEarnings
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine, Severity


class ThingScreen(Page):
    """Everything about one thing. `known` is what a list told of it."""

    AUTO_FOCUS = "RowTable"

    def __init__(self, thing: Thing) -> None:
        super().__init__()
        self.thing = thing
        self.request = Request.of("thing", id=str(thing.id))
        self._named = bool(thing.title)

    def body(self) -> ComposeResult:
        """The list and the thing."""
        with Horizontal(classes="split thing-page"):
            yield FeedView("thing-flattrs", classes="list")
            yield DetailPane(classes="detail")
        yield PlaceholderLine(id="record")

    def on_mount(self) -> None:
        """Show what is known, and ask for the rest."""
        super().on_mount()
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        self.query_one(DetailPane).item = self.thing
        self.query_one(FeedView).request = Request.of("thing-flattrs", id=str(self.thing.id))
        app.library.observe(self.request, by=self)
        self._show()

    def on_unmount(self) -> None:
        """Want nothing more."""
        app_of(self).library.unobserve(self.request, by=self)

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._show()

    def _show(self) -> None:
        app = app_of(self)
        record = app.library.record(self.request)
        if isinstance(record.entity, Thing):
            seen = app.item_with_pending_writes(record.entity, record.fetched_at)
            self.thing = seen if isinstance(seen, Thing) else record.entity
            self.query_one(DetailPane).item = self.thing
            if not self._named:
                self._named = True
                app.record_visit(self.thing)  # it was opened by its id alone
        if record.fetched_at is not None:
            self.fetched_at = record.fetched_at
        self._show_earnings()
        failure = record.failure
        self.query_one("#record", PlaceholderLine).placeholder = (
            Placeholder(failure.sentence, "r tries again.", Severity.ERROR) if failure is not None else None
        )
        self.refresh_bindings()

    def _show_earnings(self) -> None:
        """Draw what the thing earned below it, where a revenue report tells."""
        reader = app_of(self).library.earnings
        earnings = reader.of_thing(self.thing.id) if reader is not None else None
        panes = self.query(ThingEarnings)
        if earnings is None or not earnings.rows:
            panes.remove()
        elif panes:
            panes.first().earnings = earnings
        else:
            self.query_one(DetailPane).mount(ThingEarnings(earnings))

    def items_changed(self) -> None:
        """Show the thing as it is with what was done."""
        self._show()
        super().items_changed()

    @property
    def subject(self) -> Entity | None:
        """The thing, wherever the cursor is."""
        return self.thing

    def action_refresh(self) -> None:
        """Fetch the thing and its flattrs again."""
        app_of(self).library.refresh(self.request)
        super().action_refresh()

    def source_changed(self) -> None:
        """Ask the other library."""
        app_of(self).library.observe(self.request, by=self)
        super().source_changed()

    def on_feed_view_opened(self, event: FeedView.Opened) -> None:
        """Open the page of who flattred it."""
        item = event.row.item
        if isinstance(item, Flattr) and item.owner is not None:
            app_of(self).open_user(item.owner.username)
