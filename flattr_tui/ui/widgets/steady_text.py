"""A text widget that causes a new layout only when its size changes."""

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static


class SteadyText(Static):
    """Shows content that is never parsed as markup. Setting the same content again does nothing.

    `Static.update` lays out the whole screen every time, which takes 5 to 30 ms here. Text of the same size needs no
    layout. Measure: `python -m tests.benchmarks`.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(Content(""), id=id, classes=classes, markup=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show other content. With `layout=False`, the new content must have the size of the old one."""
        shown = self.content
        if isinstance(shown, Content) and isinstance(content, Content) and shown.is_same(content):
            return
        super().update(content, layout=False)
        if layout and self._size_changes():
            self.refresh(layout=True)

    def _size_changes(self) -> bool:
        width, height = self.content_size
        parent = self.parent
        if not width or not isinstance(parent, Widget):
            return True
        styles, around, screen = self.styles, parent.content_size, self.app.size
        if styles.is_auto_width and self.get_content_width(around, screen) != width:
            return True
        if not styles.is_auto_height:
            return False
        least = styles.min_height.resolve(around, screen) - styles.gutter.height if styles.min_height else 0
        return max(self.get_content_height(around, screen, width), int(least)) != height
