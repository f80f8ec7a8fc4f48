"""Option lists whose cursor a dialog or page can move, and that ignore paging while no line of them is visible."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from flattr_tui.ui.bindings import OPTIONS


class PageableOptionList(OptionList):
    """An option list that ignores paging while no line of it is visible; Textual's raises an error then."""

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
    """The option list of a page. The key bar shows enter only while an option is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)
