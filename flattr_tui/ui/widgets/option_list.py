"""Option lists whose cursor a dialog or page can move, and that can be paged safely while no line is visible."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from flattr_tui.ui.bindings import OPTIONS


class PageableOptionList(OptionList):
    """An option list that ignores the page keys while no line is visible. Textual's own would raise an error."""

    def move(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) option, and from the last option to the first."""
        self.action_cursor_down() if by > 0 else self.action_cursor_up()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class PageOptionList(PageableOptionList):
    """The option list of a page. The key bar lists enter only while an option is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)
