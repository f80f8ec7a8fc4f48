"""Describes items as Textual content. Server text is never parsed as markup."""

from datetime import UTC, tzinfo

from textual.content import Content

from flattr_tui.model.entities import Entity
from flattr_tui.ui.item_text import LABEL_WIDTH, Line, describe_item

STAR = Content.styled(" ★", "$accent")
"""The star after the name of a bookmarked item."""


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, bookmarked: bool = False, width: int = 0) -> Content:
    """Return the description of an item for the detail pane. A bookmarked item has a star after its name.

    Labelled text is wrapped to `width` cells and indented by the label; with 0, Textual wraps it.
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
