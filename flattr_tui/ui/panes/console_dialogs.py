"""What the console asks: whether to send what changes something, and as what to copy a request."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class ConfirmSend(ModalScreen[bool]):
    """Asks before something is changed. Enter does not confirm: the enter that sends the form may come twice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("escape,n,q,backspace", "answer(False)", "no", id="confirm.no"),
    ]

    def __init__(self, question: str, request: Content) -> None:
        super().__init__()
        self._question = question
        self._request = request

    def compose(self) -> ComposeResult:
        """What happens, what is sent, and what the keys mean."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield Static(self._request, classes="answers", markup=False)
            keys = Content.assemble(
                ("y", "bold $primary"), " yes", ("  ·  ", "$muted"), ("esc", "bold $primary"), " no"
            )
            yield Static(keys, classes="answers", markup=False)

    def action_answer(self, answer: bool) -> None:
        """Take the answer."""
        self.dismiss(answer)


COPIES: tuple[tuple[str, str], ...] = (
    ("curl", "curl"),
    ("curl-token", "curl, with the token"),
    ("httpx", "Python with httpx"),
    ("command", "flattr-tui get"),
    ("address", "the address"),
    ("body", "the answer's body"),
)
"""As what a request and its answer can be copied."""
