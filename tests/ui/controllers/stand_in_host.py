"""A stand-in for the app, so that controllers can be tested without an app."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from textual.screen import Screen

from flattr_tui.library.events import SyncProgress
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity
from tests.ui.driver import clock


@dataclass
class StandInPage:
    """A stand-in for a page, with the item, the request and the user that controllers act on."""

    subject: Entity | None = None
    request: ApiRequest | None = None
    username: str = ""
    searches: Sequence[ApiRequest] = ()
    marked_items: Sequence[Entity] = ()


@dataclass
class StandInHost:
    """Records what a controller asks of the app: notices, pages and dialogs. Workers run one by one in `settle`."""

    library: Library
    user: str = "melodia"
    page: StandInPage | None = field(default_factory=StandInPage)
    can_switch: bool = False
    syncing: SyncProgress | None = None
    bookmarks_version: int = 0
    news_counts: Mapping[str, int] = field(default_factory=dict)
    focused: Any = None
    can_lend_terminal: bool = True
    lent: list[tuple[list[str], bytes]] = field(default_factory=list)
    """The commands to which the app gave the terminal, each with its standard input."""
    prompts: list[str] = field(default_factory=list)
    """The texts that asked the user to press a key after a command."""
    status: int | None = 0
    """The exit status of a program on the terminal; None if it can't be run."""
    notices: list[str] = field(default_factory=list)
    severities: list[str] = field(default_factory=list)
    """The severity of each notice."""
    opened: list[object] = field(default_factory=list)
    redrawn: list[str] = field(default_factory=list)
    """For each time that the pages were redrawn, the reason: `items` or `account`."""
    dialogs: list[tuple[Screen[Any], Callable[[Any], None] | None]] = field(default_factory=list)
    _work: deque[Callable[[], object]] = field(default_factory=deque)

    clock = staticmethod(clock)

    @property
    def screen(self) -> Any:
        return self

    async def settle(self, steps: int = 1_000) -> None:
        """Run the started workers and callbacks, and those that these start. After `steps` of them, drop the rest."""
        while self._work and steps > 0:
            result = self._work.popleft()()
            if asyncio.iscoroutine(result):
                await result
            steps -= 1
        self._work.clear()

    async def answer(self, answer: object) -> None:
        """Close the topmost dialog with `answer` as its result, and run the work that this starts."""
        _, callback = self.dialogs.pop()
        assert callback is not None
        callback(answer)
        await self.settle()

    def push_screen(self, screen: Screen[Any], callback: Callable[[Any], None] | None = None, /) -> None:
        self.dialogs.append((screen, callback))

    def notify_user(self, text: str, severity: str = "information") -> None:
        self.notices.append(text)
        self.severities.append(severity)

    def start_worker(
        self, work: Callable[[], Awaitable[None]] | Callable[[], None], name: str, group: str, **options: bool
    ) -> None:
        self._work.append(work)

    def call_later(self, callback: Callable[..., object], /, *arguments: Any) -> bool:
        self._work.append(lambda: callback(*arguments))
        return True

    def items_changed(self) -> None:
        self.redrawn.append("items")

    def account_changed(self) -> None:
        self.redrawn.append("account")

    def switch_source(self, name: str) -> None:
        self.opened.append(name)

    def lend_terminal(
        self,
        command: Sequence[str],
        source: IO[bytes] | None = None,
        *,
        more: Sequence[Sequence[str]] = (),
        prompt: str = "",
    ) -> int | None:
        self.lent.append((list(command), source.read() if source is not None else b""))
        self.lent += [(list(other), b"") for other in more]
        self.prompts += [prompt] if prompt else []
        return self.status

    def open_address(self, address: str, *, is_shown: bool = False) -> None:
        self.opened.append(address)

    def open_user(self, name: str) -> None:
        self.opened.append(name)

    def open_item(self, item: Entity) -> None:
        self.opened.append(item)

    def search_again(self, arguments: dict[str, str]) -> None:
        self.opened.append(arguments)

    def open_filter(self, request: ApiRequest, mode: str, text: str) -> None:
        self.opened.append((request, mode, text))

    def find(self, text: str) -> None:
        self.opened.append(text)
