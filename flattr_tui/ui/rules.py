"""The rules of all style sheets, each sheet read once."""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

SHEETS = 1024
"""Of how many sheets the rules are kept: more than there are kinds of widgets."""


class Rules(Stylesheet):
    """Reads a sheet again only where the theme's variables have changed.

    Textual reads all of them again, twice, for each screen that is shown for the first time, and keeps what it read of
    64 sheets, which the widgets' own ones already are: half of the time that a screen takes.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(SHEETS)
        self._changed = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the theme's variables."""
        if variables != self._variables:
            super().set_variables(variables)
            self._changed = True

    def reparse(self) -> None:
        """Read all sheets with other variables; raises `StylesheetError`."""
        if self._changed:
            self.parse()
            self._changed = False
