"""An option list that can be paged even when it has no room."""

from textual.widgets import OptionList


class PageableOptionList(OptionList):
    """An option list that ignores paging while no line of it is visible: Textual's own fails then."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
