"""Converts a list or text on screen to plain text, for a pager."""

from collections.abc import Callable
from datetime import tzinfo

from textual.screen import Screen
from textual.widget import Widget

from flattr_tui.library.query.change_history import ChangeRow
from flattr_tui.model.entities import address_of
from flattr_tui.ui.controllers.export import rows_of
from flattr_tui.ui.format import LABEL_WIDTH, describe_change, describe_item, summarize
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane
from flattr_tui.ui.widgets.document_view import DocumentView
from flattr_tui.ui.widgets.table import RowTable


def find_text(screen: "Screen[object]", now: float, tz: tzinfo) -> Callable[[], str]:
    """Return a function that makes the plain text of a list or a text on the page, to show it in a pager.

    The focused list or text is taken; if none has the focus, the first one on the page. The function may be called in a
    thread. It returns "" if the page has no list or text. Ages and dates in the text depend on `now` (Unix seconds) and
    the time zone `tz`.
    """
    focused = [screen.focused] if screen.focused is not None else []
    around = [node for widget in focused for node in widget.ancestors_with_self if isinstance(node, Widget)]
    for node in (*around, *screen.query(RowTable), *screen.query(DocumentView), *screen.query(DetailPane)):
        match node:
            case DocumentView():
                document = node.document
                return lambda: "\n".join(document.lines)
            case DetailPane():
                item = node.item
                return lambda: "\n".join(
                    f"{line.label.ljust(LABEL_WIDTH) if line.label else ''}{line.text}"
                    for line in describe_item(item, now, tz)
                )
            case RowTable() if node.source is not None and len(node.source):
                return _list_writer(node, now, tz)
    return str


def _list_writer(table: RowTable, now: float, tz: tzinfo) -> Callable[[], str]:
    """Return a function that writes a table as text: the title of the list, then one line per row.

    A line describes the item of the row, and ends with the item's address if it has one.
    """
    source = table.source
    view = next((node for node in table.ancestors if isinstance(node, ListPane)), None)
    who = view.username if view is not None else ""
    title = [view.kind.title.format(who=who), ""] if view is not None else []

    def write() -> str:
        lines = list(title)
        for row in rows_of(source) if source is not None else ():
            change = row.change if isinstance(row, ChangeRow) else None
            parts = summarize(row.item, now, tz, list_owner=who, with_giver=change is None)
            parts, address = [*(describe_change(change, tz) if change else []), *parts], address_of(row.item)
            text = ", ".join(parts)
            lines.append(f"{text}  {address}" if address else text)
        return "\n".join(lines)

    return write
