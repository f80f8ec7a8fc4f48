"""Option lists that a dialog or page moves, and that can be paged even while no line of them is visible."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from flattr_tui.ui.bindings import OPTIONS


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


class PageOptionList(PageableOptionList):
    """The list of a page: the last line names enter while there is something to open."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)
