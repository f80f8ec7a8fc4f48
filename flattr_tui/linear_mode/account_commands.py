"""The commands of linear mode that log in or send something to the server: login, flattr, get."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from typing import Final

from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import own_thing_refusal, refusal
from flattr_tui.library.console.method_text import read_arguments, read_method
from flattr_tui.library.console.pretty_printer import format_body
from flattr_tui.library.errors import FlattrError
from flattr_tui.library.library import Library
from flattr_tui.linear_mode.network_wait import NetworkWait
from flattr_tui.linear_mode.text_io import TextOutput
from flattr_tui.model.api_request import fold_username
from flattr_tui.model.entities import Entity, thing_of

YES: Final = frozenset({"y", "yes"})


class AccountCommands:
    """Runs the commands `login`, `flattr` and `get`.

    `ask` prints a question and returns the line that the user types, or None at the end of the input.
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
        """Ask the user whether to flattr the thing that an item is about; on yes, flattr it. Print the result."""
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
        """Log in, asking the user for what is needed, and print the result.

        At the sandbox, `text` is the user name; "" to ask for the name. At other sources, `text` is ignored.
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
