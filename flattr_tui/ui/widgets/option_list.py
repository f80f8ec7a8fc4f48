"""A list of options that can be paged through however little room there is."""

from textual.widgets import OptionList


class Options(OptionList):
    """Pages only where something of it is seen: without a cell to draw in, Textual's knows of no lines to go by."""

    def action_page_up(self) -> None:
        """Go a page up."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go a page down."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
