"""Describes items as content. Server text is never parsed as markup."""

from datetime import UTC, tzinfo

from textual.content import Content

from flattr_tui.model.entities import Entity
from flattr_tui.ui.item_text import LABEL_WIDTH, Line, describe_item

STAR = Content.styled(" ★", "$accent")
"""Follows the name of a bookmarked item."""


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, bookmarked: bool = False) -> Content:
    """Return the description of any item for the detail pane. A bookmarked one has a star after its name."""
    lines = [_to_content(line) for line in describe_item(item, now, tz)]
    if bookmarked and lines:
        lines[0] += STAR
    return Content("\n").join(lines)


def _to_content(line: Line) -> Content:
    label = [] if line.label is None else [(line.label.ljust(LABEL_WIDTH), "$muted")]
    return Content.assemble(*label, *line.parts)
