"""The commands of linear mode: the table of all commands, and the code of `login`, `flattr`, `get` and `export`."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import own_thing_refusal, refusal
from flattr_tui.library.api_descriptions import read_arguments, read_method
from flattr_tui.library.console.pretty_printer import format_body
from flattr_tui.library.errors import FlattrError
from flattr_tui.library.import_export.exporter import ExportFormat, format_items, write_file
from flattr_tui.library.library import Library
from flattr_tui.linear_mode.pages import FeedPage, Page
from flattr_tui.linear_mode.text_io import NetworkWait, TextOutput
from flattr_tui.model.api_request import fold_username
from flattr_tui.model.entities import Entity, thing_of
from flattr_tui.ui import format as fmt
from flattr_tui.ui.modes import MODES

YES: Final = frozenset({"y", "yes"})
ENDINGS = ", ".join(f".{form.value}" for form in ExportFormat)


class Command(NamedTuple):
    """A row of the table of linear mode's commands. The user types the name or the short form."""

    name: str
    short: str
    """One letter that can be typed instead of the name."""
    argument: str
    """The argument after the name, as the help shows it: `ITEM`; "" if the command takes no argument."""
    help: str
    """What the command does."""


class ParsedLine(NamedTuple):
    """What the user typed on a line: the name of a command or mode, and the text after the name."""

    name: str
    """Name of a command or id of a mode; `open` for an item's number, `filter` for `/`, "" for anything else."""
    text: str = ""
    """The text after the name, or the number; the whole line if `name` is ""."""


COMMANDS: Final = (
    Command("next", "n", "", "the next items"),
    Command("previous", "p", "", "the previous items"),
    Command("back", "b", "", "the previous page"),
    Command("user", "u", "NAME", "go to a user, by name or by the address of a profile"),
    Command("thing", "t", "ID", "go to a thing, by its id or an address"),
    Command("find", "F", "WORDS", "search everything saved"),
    Command("sort", "s", "ORDER", "sort the list; - in front reverses the order"),
    Command("browser", "o", "ITEM", "open in the browser"),
    Command("address", "y", "ITEM", "print the address"),
    Command("flattr", "f", "ITEM", "flattr it (asks first)"),
    Command("refresh", "r", "all", "fetch what is new, or (all) the whole list"),
    Command("get", "g", "METHOD NAME=VALUE …", "send a request to the API"),
    Command("login", "L", "NAME", "log in"),
    Command("bookmarks", "B", "", "bookmarks, saved searches, and what was opened"),
    Command("bookmark", "m", "ITEM", "add a bookmark, or remove it"),
    Command("changes", "C", "QUERY", "what has changed in saved data"),
    Command("earnings", "e", "NAME", "the revenue of a user, or of all"),
    Command("export", "x", "FILE", "write the list to FILE: .csv, .json, .jsonl or .md"),
    Command("help", "h", "", "this list"),
    Command("quit", "q", "", "quit; so does ctrl+d"),
)
_BY_WORD: Final = {word: command.name for command in COMMANDS for word in (command.name, command.short)} | {
    "?": "help",
    "exit": "quit",
}
_PLACES: Final = {word: mode.id for mode in MODES for word in (mode.key, mode.id)}


def parse_line(line: str) -> ParsedLine:
    """Split a typed line into a name and the text after the name.

    A line begins with a command, the name or digit of a mode (`things` or `2`), the number of an item, or `/` and a
    query.
    """
    line = line.strip()
    if line.startswith("/"):
        return ParsedLine("filter", line[1:].strip())
    word, _, text = line.partition(" ")
    known = _BY_WORD.get(word) or _BY_WORD.get(word.lower()) or _PLACES.get(word.lower())
    if known is not None:
        return ParsedLine(known, text.strip())
    if word.isascii() and word.isdigit() and not text:
        return ParsedLine("open", word)
    return ParsedLine("", line)


def explain_commands() -> list[tuple[str, str]]:
    """Return the rows of the help: what can be typed (`back or b`), and what that does."""
    places = ", ".join(f"{mode.key} {mode.id}" for mode in MODES)
    rows = [(places, "go to a place; a name after 1 to 4 or 6 shows that user's"), ("11, 12 …", "open an item")]
    rows.append(("/QUERY", "filter the list, or search; / alone shows all again"))
    rows += [(f"{row.name} or {row.short}{f' {row.argument}' if row.argument else ''}", row.help) for row in COMMANDS]
    return rows


class AccountCommands:
    """Runs the commands `login`, `flattr` and `get`.

    `ask` prints a question, and returns the line that the user types, or None at the end of the input.
    """

    def __init__(
        self,
        library: Library,
        network: NetworkWait,
        output: TextOutput,
        ask: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self._library = library
        self._network = network
        self._output = output
        self._ask = ask

    async def flattr(self, item: Entity) -> None:
        """Ask the user whether to flattr the thing that an item is about. If so, flattr it. Print the result."""
        thing, writes = thing_of(item), self._library.writes
        if thing is None or writes is None:
            self._output.write("Only things can be flattred." if thing is None else "Nothing can be sent from here.")
            return
        write, me = Write.on("flattr", thing), self._library.account
        if me and thing.owner is not None and fold_username(thing.owner.username) == fold_username(me):
            self._output.write(own_thing_refusal(write))
            return
        writes.check(write)
        if not await self.confirm(write.question):
            self._output.write("Nothing was sent.")
            return
        try:
            receipt = await writes.perform(write)  # ctrl+c does not stop this: the server may have done it already
        except FlattrError as error:
            self._output.write(refusal(write, error))
        else:
            self._output.write(write.confirmation(receipt))

    async def confirm(self, question: str) -> bool:
        """Print a question, and return whether the user typed `yes` or `y`."""
        self._output.write(question)
        return (await self._ask("Type yes to do it:") or "").lower() in YES

    async def log_in(self, text: str) -> None:
        """Log in, and print the result. The user is asked for what is needed.

        At the sandbox, `text` is the user name; with "", the user is asked for it. At other sources, `text` is ignored.
        """
        accounts = self._library.accounts
        if accounts is None:
            self._output.write("You can't log in here: the source “saved” has no server.")
            return
        async with await accounts.start_login() as attempt:
            if accounts.in_process:
                users = await attempt.users()
                name = text or await self._ask("Log in to the sandbox as which user?") or ""
                meant = next((user for user in users if fold_username(user) == fold_username(name)), None)
                if meant is None:
                    self._output.write(f"The sandbox has no user {name}." if name else "Nobody was logged in.")
                    return
                account = await self._network.run(attempt.consent(meant))
            else:
                self._output.write(f"Open this address in a browser, and log in there: {attempt.address}")
                pasted = await self._ask("Paste the address of the last page, even if it does not load:")
                if not pasted:
                    self._output.write("Nobody was logged in.")
                    return
                account = await self._network.run(attempt.paste(pasted))
        self._library.account = account
        accounts.switch_to(account)
        if self._library.writes is not None:
            self._library.writes.forget()
        self._library.retry_private()
        self._output.write(f"Logged in as {account} at {self._library.source.label}.")

    async def send_request(self, text: str) -> None:
        """Send the request that the user typed as `METHOD NAME=VALUE …`, and print the response.

        If the request changes data at the server, the user is asked first.
        """
        console = self._library.console
        try:
            words = shlex.split(text)
        except ValueError:
            self._output.write("A quotation mark is not closed. Put values with spaces between quotation marks.")
            return
        if console is None or not words:
            self._output.write("Say which method, for example: get user username=ada. 7 lists them.")
            return
        method = read_method(words[0], "7")
        arguments = read_arguments(method, words[1:])
        if method.writes and not await self.confirm(f"{method.help}: {text}?"):
            self._output.write("Nothing was sent.")
            return
        wrap_write = self._library.writes.perform_custom if method.writes and self._library.writes is not None else None
        sending = console.send(method, arguments, confirmed=method.writes, remember=False, wrap_write=wrap_write)
        exchange = await (sending if method.writes else self._network.run(sending, f"Sending {method.name}"))
        if exchange.has_response:
            self._output.write(f"Status {exchange.status}{', saved before' if exchange.saved else ''}.")
        if exchange.body:
            document = await asyncio.to_thread(format_body, exchange.body, exchange.content_type)
            for line in document.lines:
                self._output.write_verbatim(line)
        for remark in filter(None, (exchange.problem, exchange.note)):
            self._output.write(remark[:1].upper() + remark[1:])


async def export_page(page: Page, name: str, output: TextOutput, confirm: Callable[[str], Awaitable[bool]]) -> None:
    """Write all saved items of a page to the file `name`, and print the number of items, or why that failed.

    The suffix of the file's name decides the format. If the file exists, `confirm` is called with a question, and the
    file is replaced only if `confirm` returns True.
    """
    target = Path(name)
    ending = target.suffix.lstrip(".").lower()
    if ending not in set(ExportFormat):
        output.write(f"Say to which file, with one of the endings {ENDINGS}, for example: export list.csv.")
        return
    if await asyncio.to_thread(target.exists) and not await confirm(f"{target} exists already. Replace it?"):
        output.write("Nothing was written.")
        return
    method = BY_NAME.get(page.request.method) if isinstance(page, FeedPage) else None
    written = 0

    def write() -> None:
        nonlocal written
        records = list(page.records())
        written = len(records)
        write_file(target, format_items(records, ExportFormat(ending), kind=method.response_kind if method else None))

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        output.write(f"{target} can't be written: {error.strerror or error}.")
    else:
        output.write(f"{fmt.plural(written, 'row')} written to {target}.")
