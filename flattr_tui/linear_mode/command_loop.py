"""The loop of linear mode: reads the commands that the user types, and prints the pages that they open."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import tzinfo
from typing import Final

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.bookmarks import Bookmarks, bookmark_title, bookmarked_as, mark_of
from flattr_tui.library.errors import FlattrError
from flattr_tui.library.library import Library
from flattr_tui.library.query.change_history import SeenLists
from flattr_tui.linear_mode.bookmarks_page import BookmarksPage
from flattr_tui.linear_mode.changes_page import ChangesPage
from flattr_tui.linear_mode.commands import AccountCommands, ParsedLine, explain_commands, export_page, parse_line
from flattr_tui.linear_mode.earnings_pages import EarningsPage
from flattr_tui.linear_mode.mode_pages import make_mode_page
from flattr_tui.linear_mode.pages import FIRST_NUMBER, PAGE_ITEMS, NumberedItem, Page, ThingPage, write_page
from flattr_tui.linear_mode.search_pages import FindPage, PeoplePage
from flattr_tui.linear_mode.text_io import LineReader, NetworkWait, StoppedError, TextOutput
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity, Lookup, Thing, address_of
from flattr_tui.model.pasted_address import clean_address, is_web, parse_thing_id, parse_username
from flattr_tui.model.query_language import EXAMPLES, QuerySyntaxError
from flattr_tui.model.tag_expression import TagSyntaxError
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.modes import BY_ID, MODES

PROMPT: Final = ">"
INTERRUPTED: Final = 130
"""Exit code of the program if ctrl+c ended it."""


class QuitError(Exception):
    """Raised when the user has typed `quit`."""


class CommandLoop:
    """Reads the user's commands from `reader`, and prints pages with the data of `library` to `output`.

    `user` is the user whose profile is printed first; "" for nobody's. `clock` returns the current time in Unix
    seconds; `tz` is the time zone of printed times. `open_browser` is called in a thread. It opens an address, and
    returns whether a browser could be started.
    """

    def __init__(
        self,
        library: Library,
        reader: LineReader,
        output: TextOutput,
        *,
        user: str,
        clock: Callable[[], float],
        tz: tzinfo,
        open_browser: Callable[[str], bool],
    ) -> None:
        self.library = library
        self.clock = clock
        self.tz = tz
        self.user = user
        self.network = NetworkWait(library, output, clock)
        self._reader = reader
        self._output = output
        self._open_browser = open_browser
        self._unsaved_bookmarks = Bookmarks(None, notice=output.write)
        self.seen = SeenLists(lambda: (library.source.name, library.account), lambda: self._bookmarks)
        self._account = AccountCommands(library, self.network, output, self._ask)
        self._pages: list[Page] = []
        self._mode = MODES[0].id
        self._commands: Mapping[str, Callable[[str], Awaitable[None]]] = {
            "open": self._open_item,
            "filter": self._filter,
            "next": self._show_next,
            "previous": self._show_previous,
            "back": self._go_back,
            "user": self._go_to_user,
            "thing": self._go_to_thing,
            "find": self._find,
            "sort": self._sort,
            "browser": self._open_in_browser,
            "address": self._print_address,
            "flattr": self._flattr,
            "refresh": self._refresh,
            "get": self._account.send_request,
            "login": self._account.log_in,
            "bookmarks": lambda _: self._open_page(BookmarksPage(self)),
            "bookmark": self._bookmark,
            "changes": lambda text: self._open_page(ChangesPage(self, text)),
            "earnings": lambda text: self._open_page(EarningsPage(self, "" if text == "all" else text or self.user)),
            "export": self._export,
            "help": self._show_help,
            "quit": self._quit,
        }

    async def run(self) -> int:
        """Read and run commands until the user types `quit`, or the input ends. Returns the exit code of the program.

        If the library's worker (`Library.run`) fails, its exception is raised.
        """
        command_task = asyncio.create_task(self._run_commands(), name="linear mode")
        fetching = asyncio.create_task(self.library.run(), name="fetching")
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt, command_task)
        try:
            await asyncio.wait([command_task, fetching], return_when=asyncio.FIRST_COMPLETED)
            if not command_task.done():
                await fetching  # it ends by itself only without a server; otherwise it has failed, and raises
            return await command_task
        except asyncio.CancelledError:
            return INTERRUPTED
        finally:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            self.network.end()
            for task in (command_task, fetching):
                task.cancel()
            await asyncio.wait([command_task, fetching])

    def _interrupt(self, command_task: "asyncio.Task[int]") -> None:
        """Handle ctrl+c: stop the current wait for the network.

        If there is no wait, print how to quit. In a script, quit at once: cancel `command_task`, which reads and runs
        the commands.
        """
        if self.network.stop():
            return
        if not self._reader.is_terminal:
            command_task.cancel()
            return
        self._output.write()
        self._output.write("Type q, or press ctrl+d, to quit.")
        self._output.prompt(PROMPT)

    # -- reading commands

    async def _run_commands(self) -> int:
        await self.network.run(self.library.ready())
        account = f" as {self.library.account}" if self.library.account else ""
        offline = "" if self.library.is_online else ", offline"
        self._output.write(f"flattr-tui, source {self.library.source.label}{account}{offline}. h shows help, q quits.")
        try:
            await self._await_command(self._show_first_page())
            while (line := await self._ask()) is not None:
                await self._await_command(self._run_line(parse_line(line)))
        except QuitError:
            pass
        self._output.flush()
        return 0

    async def _ask(self, question: str = PROMPT) -> str | None:
        """Print `question` as a prompt, and return the line that the user types; None at the end of the input."""
        for notice in self.network.take_notices():
            self._output.write(notice)
        self._output.prompt(question)
        line = await self._reader.read()
        if line is None or not self._reader.is_terminal:
            self._output.write(line or "")  # a log needs the typed line, and no terminal has displayed it
        return line

    async def _await_command(self, work: Awaitable[None]) -> None:
        """Wait until `work`, the coroutine of a command, is done. If it fails, print a sentence that says why."""
        try:
            await work
        except (QuerySyntaxError, TagSyntaxError) as error:
            self._output.write(str(error))  # not capitalized: the message may begin with the typed text
        except (FlattrError, StoreError) as error:
            sentence = str(error)
            self._output.write(sentence[:1].upper() + sentence[1:])
        except StoppedError:
            self._output.write("Stopped.")

    async def _show_first_page(self) -> None:
        if self.user:
            await self._open_page(make_mode_page(self, self._mode, self.user, ""))
        elif self.library.source.kind is SourceKind.SAVED:
            await self._open_page(PeoplePage(self, self._make_user_page))
        else:
            self._output.write("No user is shown yet: u NAME goes to one, 5 searches.")

    def _make_user_page(self, name: str) -> Page:
        self.user = name
        return make_mode_page(self, self._mode if BY_ID[self._mode].user_scoped else "profile", name, "")

    async def _run_line(self, typed: ParsedLine) -> None:
        if typed.name in BY_ID:
            await self._change_mode(typed.name, typed.text)
        elif typed.name:
            await self._commands[typed.name](typed.text)
        elif (word := typed.text.partition(" ")[0]) in BY_NAME:
            self._output.write(f"{word} is a method of the API. To send a request, type: get {typed.text}")
        elif word:
            self._output.write(f"There is no command {word}. h lists them.")
        elif self._pages:
            await self._show_next("")

    # -- pages

    @property
    def _page(self) -> Page | None:
        return self._pages[-1] if self._pages else None

    async def _change_mode(self, mode: str, text: str) -> None:
        if BY_ID[mode].user_scoped and not text and not self.user:
            self._output.write("No user is shown yet: u NAME goes to one.")
            return
        self._mode = mode
        await self._open_page(make_mode_page(self, mode, self.user, text), alone=True)

    async def _open_page(self, page: Page, *, alone: bool = False) -> None:
        """Load and print a page, and make it the current one.

        With `alone`, earlier pages are forgotten, so the command `back` can't return to them. If the page's query is
        invalid, the previous page stays the current one, and the error is raised.
        """
        before = self._pages
        self._pages = [page] if alone else [*before, page]
        try:
            await self._show_page()
        except (QuerySyntaxError, TagSyntaxError):
            self._pages = before
            raise

    async def _show_page(self) -> None:
        """Load and print the current page. If the user stops the loading with ctrl+c, print what is saved."""
        page = self._pages[-1]
        try:
            await page.load()
        except StoppedError:
            self._output.write("Stopped. This is what is saved.")
        write_page(page, self._output)

    async def _show_next(self, _: str) -> None:
        page = self._page
        if page is None or page.start + PAGE_ITEMS >= len(page):
            self._output.write("That is the end of the list.")
            return
        page.start += PAGE_ITEMS
        await self._show_page()

    async def _show_previous(self, _: str) -> None:
        page = self._page
        if page is None or not page.start:
            self._output.write("That is the beginning of the list.")
            return
        page.start -= PAGE_ITEMS
        await self._show_page()

    async def _go_back(self, _: str) -> None:
        if len(self._pages) < 2:
            self._output.write("There is no page before this one.")
            return
        self.user = self._pages.pop().previous_user or self.user
        await self._show_page()

    async def _refresh(self, text: str) -> None:
        if (page := self._page) is None:
            return
        if text not in {"", "all"}:
            self._output.write(f"r takes no {text}: r fetches what is new, r all the whole list.")
            return
        if self.library.is_online:
            page.refresh(complete=text == "all")
        else:
            self._output.write("Offline: nothing is fetched.")
        await self._show_page()

    async def _filter(self, text: str) -> None:
        page = self._page
        if page is None or not page.can_filter:
            await self._open_page(make_mode_page(self, "search", self.user, text))
            return
        before = page.text, page.start
        page.text, page.start = text, 0
        try:
            await self._show_page()
        except (QuerySyntaxError, TagSyntaxError):
            page.text, page.start = before
            raise

    async def _sort(self, text: str) -> None:
        page = self._page
        if page is None or not page.SORTS:
            self._output.write("This can't be sorted.")
        elif (text.removeprefix("-") if page.IS_REVERSIBLE else text) not in page.SORTS:
            self._output.write(f"Sort by one of: {', '.join(page.SORTS)}.")
        else:
            page.sort, page.start = text, 0
            await self._show_page()

    # -- items

    def _find_numbered_item(self, text: str) -> NumberedItem | None:
        """Return the item whose printed number is `text`. If the page has no such item, print that and return None."""
        page, at = self._page, (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0) - FIRST_NUMBER
        if page is None or not 0 <= at < len(page):
            last = FIRST_NUMBER + len(page) - 1 if page is not None and len(page) else 0
            self._output.write(f"There is no item {text}{f'; they are {FIRST_NUMBER} to {last}' if last else ''}.")
            return None
        found = page.entries(at, at + 1)
        return found[0] if found else None

    def _find_item(self, text: str) -> Entity | None:
        """Return the item that a command acts on: the item whose printed number is `text`.

        With `text` "", return the thing or user that the page is about. If there is no such item, print that and return
        None.
        """
        if text:
            entry = self._find_numbered_item(text)
            if entry is not None and entry.item is None:
                self._output.write("That works for things, users and flattrs only.")
            return entry.item if entry is not None else None
        if self._page is None or self._page.subject is None:
            self._output.write(f"Say which item, for example {FIRST_NUMBER}.")
            return None
        return self._page.subject

    async def _open_item(self, text: str) -> None:
        entry = self._find_numbered_item(text)
        if entry is not None and entry.open is not None:
            await self._open_page(entry.open())
        elif entry is not None:
            self._output.write("There is no page for this item.")

    async def _print_address(self, text: str) -> None:
        item = self._find_item(text)
        if item is not None:
            self._output.write(address_of(item) or "It has no address.")

    async def _open_in_browser(self, text: str) -> None:
        if (item := self._find_item(text)) is None:
            return
        address = address_of(item)
        if not is_web(address):
            self._output.write(
                f"{address} is not a web address, so it was not opened." if address else "It has no address."
            )
        elif await asyncio.to_thread(self._open_browser, address):
            self._output.write(f"Opened {address}")
        else:
            self._output.write(f"No browser here. The address is {address}")

    async def _go_to_user(self, text: str) -> None:
        if name := parse_username(text):
            before = self.user
            page = self._make_user_page(name)
            page.previous_user = before
            await self._open_page(page)
        else:
            self._output.write("Say which user, for example: u ada.")

    async def _go_to_thing(self, text: str) -> None:
        text = clean_address(text)
        number = parse_thing_id(text)
        if number is None and self.library.search is not None:
            number = self.library.search.find_thing_id(text)
        if number is None:
            number = await self._look_up(text if "://" in text else f"https://{text}")
        if number is not None:
            await self._open_page(ThingPage(self, Thing(id=number)))

    async def _look_up(self, address: str) -> int | None:
        """Ask the server for the thing at a web address, and return the thing's id.

        If the server knows no such thing, or can't be asked, print why and return None.
        """
        if not is_web(address):
            self._output.write("Say which thing: its id, or its address.")
            return None
        request = ApiRequest.of("lookup", url=address)
        self.library.observe(request, by=self)
        try:
            await self.network.until(lambda: not self.library.record(request).loading, f"Looking up {address}")
        finally:
            self.library.unobserve(request, by=self)
        record = self.library.record(request)
        if isinstance(record.entity, Lookup) and record.entity.thing_id is not None:
            return record.entity.thing_id
        why = record.failure.sentence if record.failure is not None else f"No thing is known for {address}."
        self._output.write(why)
        return None

    async def _flattr(self, text: str) -> None:
        if (item := self._find_item(text)) is not None:
            await self._account.flattr(item)

    async def _find(self, text: str) -> None:
        if text:
            await self._open_page(FindPage(self, text))
        else:
            self._output.write("Say what to find, for example: find podcast.")

    # -- bookmarks and exports

    async def _bookmark(self, text: str) -> None:
        """Bookmark an item; if the item is bookmarked already, remove the bookmark.

        `text` is the printed number of the item; "" for the thing or user that the page is about.
        """
        if (item := self._find_item(text)) is None:
            return
        mark = mark_of(bookmarked_as(item), self.library.source.name, self.clock())
        if mark is None:
            self._output.write("Only things and users can be bookmarked.")
        elif self._bookmarks.toggle(mark):
            self._output.write(f"Bookmarked {bookmark_title(mark)}. B lists all bookmarks.")
        else:
            self._output.write(f"{bookmark_title(mark, start=True)} is no longer bookmarked.")
        await self._save_bookmarks()

    async def record_look(self, request: ApiRequest, newest: int | None) -> None:
        """Save that the user has seen a list up to the time `newest` (Unix seconds). With None, save nothing.

        `request` is the request for the list.
        """
        self.seen.record_look(request, newest)
        await self._save_bookmarks()

    @property
    def _bookmarks(self) -> Bookmarks:
        return self.library.bookmarks or self._unsaved_bookmarks

    async def _save_bookmarks(self) -> None:
        if self._bookmarks.unsaved:
            await asyncio.to_thread(self._bookmarks.save)

    async def _export(self, text: str) -> None:
        if self._page is None or not len(self._page):
            self._output.write("There is no list here to export.")
        else:
            await export_page(self._page, text, self._output, self._account.confirm)

    # -- help and quitting

    async def _show_help(self, _: str) -> None:
        for what, does in explain_commands():
            self._output.write(f"{what}: {does}", label="  ")
        self._output.write("Queries, for / and find:")
        for what, does in EXAMPLES:
            self._output.write(f"{what}: {does}", label="  ")
        self._output.write("ctrl+c stops waiting.")

    async def _quit(self, _: str) -> None:
        raise QuitError
