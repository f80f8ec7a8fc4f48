"""The pane beside a list that describes the item under the cursor."""

from datetime import UTC, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from flattr_tui.library.events import Event, RecordChanged
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity, Flattr, Thing, thing_of
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.format import LABEL_WIDTH, Line, describe_item
from flattr_tui.ui.widgets.base_widgets import EvenLines, SteadyText

STAR = Content.styled(" ★", "$accent")
"""The star after the name of a bookmarked item."""


class DetailPane(EvenLines, VerticalScroll):
    """Describes `item`: first with the fields from the list, then with the thing's full record, once it is fetched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False, id="detail.down"),
        Binding("k", "scroll_up", "up", show=False, id="detail.up"),
    ]

    item: reactive[Entity | None] = reactive[Entity | None](None, init=False, repaint=False)
    _is_starred = False

    def compose(self) -> ComposeResult:
        yield SteadyText(id="description")

    def on_mount(self) -> None:
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(self.app, "bookmarks_version", self._on_bookmarks_changed, init=False)

    def _on_bookmarks_changed(self) -> None:
        if app_of(self).bookmarks.is_bookmarked(self.item) != self._is_starred:  # a visit changes nothing here
            self._update()

    @property
    def request(self) -> ApiRequest | None:
        """The request for the full record of the item's thing; None if the item is not about a thing."""
        thing = thing_of(self.item)
        return ApiRequest.of("thing", id=str(thing.id)) if thing is not None else None

    def watch_item(self, old: Entity | None, new: Entity | None) -> None:
        if thing_of(old) != thing_of(new):
            self.scroll_home(animate=False)
        self._update()

    def _update(self) -> None:
        app = app_of(self)
        item, request = self.item, self.request
        if request is not None:
            record = app.library.record(request)
            known = app.writes.apply_to_item(record.entity, record.fetched_at)
            item = _with_full_record(item, known) if known is not None else item
        text, self._is_starred = self.query_one("#description", SteadyText), app.bookmarks.is_bookmarked(item)
        text.update(describe(item, app.clock(), app.tz, bookmarked=self._is_starred, width=text.size.width))

    def on_resize(self) -> None:
        self._update()

    def redraw(self) -> None:
        """Describe the item again, because a write has changed it."""
        self._update()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._update()


def _with_full_record(item: Entity | None, known: Entity) -> Entity | None:
    """Return `item` with its thing replaced by the full record `known`.

    An item that is neither a thing nor a flattr is returned unchanged.
    """
    if isinstance(item, Flattr) and isinstance(known, Thing):
        return Flattr(thing=known, owner=item.owner, created_at=item.created_at)
    return known if isinstance(item, Thing) else item


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, bookmarked: bool = False, width: int = 0) -> Content:
    """Return the description of an item for the detail pane. A bookmarked item has a star after its name.

    Lines with a label are wrapped to `width` cells and indented by the label; with 0, Textual wraps them.
    """
    lines = [_to_content(line, width) for line in describe_item(item, now, tz)]
    if bookmarked and lines:
        lines[0] += STAR
    return Content("\n").join(lines)


def _to_content(line: Line, width: int) -> Content:
    content = Content.assemble(*line.parts)
    if line.label is None:
        return content
    wrapped = content.wrap(width - LABEL_WIDTH) if width > 2 * LABEL_WIDTH else [content]
    label, indent = Content.styled(line.label.ljust(LABEL_WIDTH), "$muted"), Content(" " * LABEL_WIDTH)
    return Content("\n").join([(indent if at else label) + part for at, part in enumerate(wrapped)])
