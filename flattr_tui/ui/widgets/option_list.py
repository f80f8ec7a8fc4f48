"""An option list that a dialog or page moves, and that can be paged even while no line of it is visible."""

from textual.widgets import OptionList


class PageableOptionList(OptionList):
    """An option list that ignores paging while no line of it is visible, when Textual's own would raise an error."""

    def move(self, by: int) -> None:
        """Move the cursor to the next option (1) or the previous one (-1), and at an end to the other end."""
        self.action_cursor_down() if by > 0 else self.action_cursor_up()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
