"""The line of a dialog that lists its keys."""

from textual.content import Content
from textual.widgets import Static


class KeyHints(Static):
    """Shows pairs of a key and what it does: `enter`, `starts`."""

    DEFAULT_CSS = "KeyHints { width: 1fr; height: auto; color: $muted; }"

    def __init__(self, *keys: tuple[str, str], id: str | None = None) -> None:
        text = (Content.assemble((key, "bold $primary"), f" {does}") for key, does in keys)
        super().__init__(Content(" · ").join(text), id=id, classes="answers", markup=False)
