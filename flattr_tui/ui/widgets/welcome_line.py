"""The first line that a newcomer sees: what is shown, which keys help, how to import one's own files."""

from textual.content import Content
from textual.widgets import Static

KEYS = (("?", "keys"), ("u", "user"), ("ctrl+f", "find"), ("esc", "hide this"))


class WelcomeLine(Static):
    """Says that the sandbox's data is invented, until it is dismissed."""

    DEFAULT_CSS = """
    WelcomeLine { width: 1fr; height: auto; max-height: 4; padding: 0 2; background: $panel; color: $muted; }
    """

    def __init__(self) -> None:
        keys = Content(" · ").join([Content.assemble((key, "bold $primary"), f" {does}") for key, does in KEYS])
        text = Content.assemble(
            ("This is a sandbox with invented people and things. ", "$foreground"),
            keys,
            " · your own files: ",
            ("flattr-tui import FILE", "bold"),
        )
        super().__init__(text, markup=False)
