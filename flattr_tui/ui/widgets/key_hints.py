"""The line of a dialog that says which keys do what."""

from textual.content import Content
from textual.widgets import Static


class Hint(Static):
    """Says the keys of a dialog, each as a pair: `enter`, `starts`."""

    DEFAULT_CSS = "Hint { width: 1fr; height: auto; color: $muted; }"

    def __init__(self, *keys: tuple[str, str], id: str | None = None) -> None:
        told = (Content.assemble((key, "bold $primary"), f" {does}") for key, does in keys)
        super().__init__(Content(" · ").join(told), id=id, classes="answers", markup=False)
