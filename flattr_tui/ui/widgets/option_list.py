"""An option list that can be paged even while no line of it is visible."""

from textual.widgets import OptionList


class PageableOptionList(OptionList):
    """An option list that ignores paging while no line of it is visible, when Textual's own would raise an error."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
