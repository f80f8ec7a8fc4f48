"""The API console: any method by hand, in any of its formats, live or from what is saved.

What it sends is what the client sends; what it shows is what came. Good answers of methods that read are kept like
any other. A method that writes is sent only when somebody confirmed it.
"""

import asyncio
import importlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from flattr_tui.api.client import Client
from flattr_tui.api.errors import CannotConnectError, FlattrError, NetworkError, UsageError
from flattr_tui.api.methods import BY_NAME, Format, Method
from flattr_tui.api.prepared_request import PreparedRequest, check_arguments, prepare_request
from flattr_tui.api.response import Response
from flattr_tui.library.console import code_snippets as console_copies
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.console.history import History
from flattr_tui.model.api_request import Request
from flattr_tui.model.decoder import decode_page
from flattr_tui.model.entities import Lookup
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.source import Source
from flattr_tui.store.errors import StoreError
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

DEFAULT_COUNT: Final = 30
"""Items a page where none are asked for, and what every server grants. content/api/index.md, 'Pagination'."""
_COUNTS: Final = (100, DEFAULT_COUNT)
"""Sizes of pages that the rest of the program saves."""
Around = Callable[[Method, Mapping[str, str], Callable[[], Awaitable[Response]]], Awaitable[Response]]
"""What is done around the sending of a write: it calls what it is given, once, and returns what that returns."""


class UnconfirmedError(UsageError):
    """A method that writes was to be sent, and nobody confirmed it."""


class Console:
    """See the module. `prepare` and the copies return at once, `send` waits for the server and writes in threads."""

    def __init__(
        self,
        source: Source,
        responses: ResponseStore,
        *,
        client: Client | None = None,
        account: Callable[[], str] = lambda: "",
        keep: Callable[[StoredResponse], StoredResponse] | None = None,
        which: Callable[[Request, str], str | None] | None = None,
        history: History | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Speak through `client`; without one, answer from what is saved.

        `keep` stores a good answer (called in a thread; raises `StoreError`) and returns it with its number. `which`
        names the source that a request of an account is read from where this source has no server.
        """
        self.source = source
        self._responses = responses
        self._client = client
        self._account = account
        self._keep = keep or (lambda stored: responses.put(stored).stored)
        self._which = which
        self._history = history or History()
        self._clock = clock

    @property
    def offline(self) -> bool:
        """Whether it answers from what is saved alone."""
        return self._client is None

    # -- asking

    def prepare(self, method: Method, arguments: Mapping[str, str], format: Format | None = None) -> PreparedRequest:
        """Build the request that `send` would send, the token masked; raises `UsageError`."""
        return self._prepared(method, arguments, format).masked()

    def _prepared(self, method: Method, arguments: Mapping[str, str], format: Format | None) -> PreparedRequest:
        if self._client is not None:
            return self._client.prepare(method, arguments, format=format)
        return prepare_request(self.source.base, method, arguments, format=format)

    async def send(
        self,
        method: Method,
        arguments: Mapping[str, str],
        format: Format | None = None,
        *,
        confirmed: bool = False,
        remember: bool = True,
        around: Around | None = None,
    ) -> Exchange:
        """Send a request, and return what came of it; errors of the network and of the API are part of that.

        Raises `UsageError` where the request can't be made, and `UnconfirmedError` for one that writes and was not
        `confirmed`. Cancelling stops it; one that writes may have been done all the same. `remember` puts it into the
        history. A write is sent by `around` where that is given: who shows elsewhere what it changes must know of it.
        """
        fmt = format or method.default_format
        checked = check_arguments(method, arguments)
        asked = Exchange(
            method=method.name,
            arguments=checked,
            format=fmt.value,
            source=self.source.name,
            account=self._account() if method.personal else "",
            request=self.prepare(method, arguments, fmt),
            sent_at=self._clock(),
        )
        if method.writes and not confirmed:
            raise UnconfirmedError(f"{method.name} changes something and was not confirmed; nothing was sent.")
        if fmt in {Format.XML, Format.YAML, Format.ATOM}:
            # Parsers that are imported for these alone: off the event loop.
            await asyncio.to_thread(importlib.import_module, "flattr_tui.model.markup_parser")
        done = await self._live(asked, around) if self._client is not None else await self._offline(asked)
        if remember:
            await asyncio.to_thread(self._history.add, done)
        return done

    async def replay(self, exchange: Exchange, *, confirmed: bool = False) -> Exchange:
        """Send a request of the history again, to the source of now."""
        return await self.send(exchange.declared, exchange.arguments, exchange.asked_format, confirmed=confirmed)

    async def _live(self, asked: Exchange, around: Around | None) -> Exchange:
        assert self._client is not None  # noqa: S101 -- the caller asked
        method = asked.declared
        call = partial(self._client.call, method, asked.arguments, format=asked.asked_format)
        try:
            response = await (around(method, asked.arguments, call) if around and method.writes else call())
        except FlattrError as error:
            asked = self._as_sent(asked)
            if isinstance(error, NetworkError) and not method.writes and (saved := await self._saved(asked)):
                return msgspec.structs.replace(saved, problem=str(error), exit_code=error.exit_code)
            came = _with_answer(asked, error.response) if error.response else asked
            return msgspec.structs.replace(came, problem=str(error), exit_code=error.exit_code)
        done = _with_answer(self._as_sent(asked), response)
        if method.answer is ResponseKind.LOOKUP and (response.status == 404 or _is_flattrable(done)):
            # Not kept: the answer is another one as soon as somebody flattrs the address.
            return msgspec.structs.replace(done, exit_code=1)
        if method.personal and self._account() != asked.account:
            return msgspec.structs.replace(done, note="It was not kept: the account is another one since.")
        return done if method.writes else await self._kept(done)

    def _as_sent(self, asked: Exchange) -> Exchange:
        """Put in the request as it went out: the token may have been got, or renewed, on the way."""
        request = self.prepare(asked.declared, asked.arguments, asked.asked_format)
        return msgspec.structs.replace(asked, request=request)

    async def _kept(self, done: Exchange) -> Exchange:
        try:
            stored = await asyncio.to_thread(self._put, done)
        except NotFlattrError as error:
            return msgspec.structs.replace(done, note=f"It was not kept, being no answer of Flattr: {error}.")
        except StoreError as error:
            return msgspec.structs.replace(done, note=f"It was not kept. {error}")
        return msgspec.structs.replace(done, sequence=stored.sequence)

    def _put(self, done: Exchange) -> StoredResponse:
        page = decode_page(done.declared.answer, done.body or b"", done.content_type)
        wanted = _counts(done)[0]
        place = self._place(done, _granted(wanted, page.records))
        before = msgspec.structs.replace(place, page=place.page - 1)
        if place.count != wanted and before.page and self._responses.latest(before) is None:
            place = msgspec.structs.replace(place, count=wanted)  # it is the last page, and not all that is granted
        return self._keep(
            StoredResponse(
                **msgspec.structs.asdict(place),
                answer=done.declared.answer,
                url=done.request.url,
                status=done.status,
                content_type=done.content_type,
                etag=done.headers.get("etag"),
                fetched_at=done.fetched_at,
                body=done.body or b"",
            )
        )

    def _place(self, asked: Exchange, count: int, **more: str) -> ResponseKey:
        return ResponseKey(
            source=self.source.name,
            account=asked.account,
            request=Request.of(asked.method, asked.arguments, **more),
            page=int(asked.arguments.get("page") or 1),
            count=count,
            format=asked.format,
        )

    # -- what is saved

    async def _offline(self, asked: Exchange) -> Exchange:
        if asked.declared.writes:
            problem = CannotConnectError("offline; what changes something needs the server.")
        elif saved := await self._saved(asked):
            return saved
        else:
            problem = CannotConnectError("offline, and no answer to this is saved.")
        return msgspec.structs.replace(asked, problem=str(problem), exit_code=problem.exit_code)

    async def _saved(self, asked: Exchange) -> Exchange | None:
        try:
            return await asyncio.to_thread(self._find, asked)
        except StoreError as error:
            return msgspec.structs.replace(asked, problem=str(error), exit_code=1)

    def _find(self, asked: Exchange) -> Exchange | None:
        """Find the answer to this very request, or one that says as much and more."""
        counts = _counts(asked)
        has_full = asked.declared.parameter("full") is not None and "full" not in asked.arguments
        for more in [{}, {"full": "1"}] if has_full else [{}]:
            for account in dict.fromkeys((asked.account, "")):
                source = self._read_from(asked, account, more)
                for count in counts:
                    place = self._place(asked, count, **more)
                    place = msgspec.structs.replace(place, source=source, account=account)
                    stored = self._responses.latest(place)
                    if stored is not None:
                        return _from_store(asked, stored, _particular(count, counts[0], fuller=bool(more)))
                    if "count" in asked.arguments and count == counts[0]:
                        part = self._find_part(asked, place, fuller=bool(more))
                        if part is not None:
                            return part
        return None

    def _find_part(self, asked: Exchange, place: ResponseKey, *, fuller: bool) -> Exchange | None:
        """Find a small page of a list as a part of a larger one that is saved; None for other formats than JSON."""
        if place.format != Format.JSON:
            return None
        first = (place.page - 1) * place.count
        for count in _COUNTS:
            page, start = divmod(first, count)
            if start + place.count > count:
                continue  # the end of it is on the next page
            stored = self._responses.latest(msgspec.structs.replace(place, page=page + 1, count=count))
            if stored is None:
                continue
            try:
                items = msgspec.json.decode(stored.body, type=list[msgspec.Raw])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # not a plain list: a search result, or a page that needs mending
            body = msgspec.json.encode(items[start : start + place.count])
            cut = msgspec.structs.replace(stored, body=body, etag=None)
            note = f"{'A fuller answer than was asked for. ' if fuller else ''}A part of a page of {count}."
            found = _from_store(asked, cut, note)
            return msgspec.structs.replace(found, sequence=0)  # what is saved under the number is the whole page
        return None

    def _read_from(self, asked: Exchange, account: str, more: Mapping[str, str]) -> str:
        """Name the source whose answers are read: for `saved`, the one that has this request."""
        if self.source.base or self._which is None:
            return self.source.name
        return self._which(Request.of(asked.method, {**asked.arguments, **more}), account) or self.source.name

    # -- afterwards

    def load(self) -> None:
        """Read the history of earlier runs: in a thread."""
        self._history.load()

    @property
    def history(self) -> Sequence[Exchange]:
        """What was sent to this source, as nobody or as this account; the latest first."""
        mine = {"", self._account()}
        return [
            exchange
            for exchange in reversed(self._history.exchanges)
            if exchange.source == self.source.name and exchange.account in mine
        ]

    def body(self, exchange: Exchange) -> bytes | None:
        """Return an exchange's body, from the store where it is no longer at hand; None where it is in neither.

        Raises `StoreError`.
        """
        if exchange.body is not None or not exchange.sequence:
            return exchange.body
        stored = self._responses.get(exchange.sequence)
        if stored is None or stored.account not in {"", self._account()} or stored.request.method != exchange.method:
            return None
        return stored.body

    # -- copies

    def curl(self, exchange_or: Exchange | PreparedRequest, *, with_token: bool = False) -> str:
        """Write it as a curl command; the token is `$FLATTR_TOKEN` unless asked for."""
        request, token = self._for_copy(exchange_or, with_token=with_token)
        return console_copies.curl(request, token)

    def httpx_call(self, exchange_or: Exchange | PreparedRequest, *, with_token: bool = False) -> str:
        """Write it as a Python program; the token is taken from the environment unless asked for."""
        request, token = self._for_copy(exchange_or, with_token=with_token)
        return console_copies.httpx_call(request, token)

    def command(self, method: Method, arguments: Mapping[str, str], format: Format | None = None) -> str:
        """Write it as a `flattr-tui get` line."""
        return console_copies.command(method, arguments, format or method.default_format, self.source.name)

    def _for_copy(self, given: Exchange | PreparedRequest, *, with_token: bool) -> tuple[PreparedRequest, str | None]:
        request = given.request if isinstance(given, Exchange) else given
        if not with_token or "Authorization" not in request.headers or self._client is None:
            return request, None
        # What personal method is asked makes no difference: an account has one token.
        bearer = self._client.prepare(BY_NAME["me"], {}).headers.get("Authorization", "")
        return request, bearer.removeprefix("Bearer ") or None


def _is_flattrable(done: Exchange) -> bool:
    """Whether a lookup was answered with 200 `flattrable`: there is no thing yet, but a flattr would make one."""
    if done.status != 200:
        return False
    try:
        page = decode_page(ResponseKind.LOOKUP, done.body or b"", done.content_type)
    except NotFlattrError:
        return False
    return any(isinstance(entity, Lookup) and not entity.found for entity in page.entities)


def consequence(method: Method, arguments: Mapping[str, str], *, name: str = "") -> str:
    """Say what a method that writes will do; `name` says what thing it is about, where that is known."""
    what = name or (f"thing {arguments['id']}" if arguments.get("id") else arguments.get("url", ""))
    return _CONSEQUENCES.get(method.name, "{help}: {what}?").format(what=what, help=method.help)


_CONSEQUENCES: Final = {
    "flattr": "Flattr {what}? It counts as this month's, and can't be taken back.",
    "flattr-url": "Flattr {what}? It counts as this month's, and can't be taken back.",
    "create-thing": "Create a thing for {what}? Others will see it, unless it is hidden.",
    "update-thing": "Change {what}? What it said before is gone.",
    "delete-thing": "Delete {what}? It can't be brought back.",
    "subscribe": "Subscribe to {what}? It is flattred each month from now on.",
    "toggle-subscription": "Pause the subscription to {what}, or resume it if it is paused?",
    "unsubscribe": "Unsubscribe from {what}?",
}


def _with_answer(asked: Exchange, response: Response) -> Exchange:
    return msgspec.structs.replace(
        asked,
        status=response.status,
        headers=dict(response.headers),
        body=response.body,
        size=len(response.body),
        elapsed=response.elapsed,
        fetched_at=response.fetched_at,
    )


def _from_store(asked: Exchange, stored: StoredResponse, note: str) -> Exchange:
    return msgspec.structs.replace(
        asked,
        status=stored.status,
        headers={"content-type": stored.content_type, **({"etag": stored.etag} if stored.etag else {})},
        body=stored.body,
        size=len(stored.body),
        fetched_at=max(stored.fetched_at, stored.checked_at),
        saved=True,
        note=note,
        sequence=stored.sequence,
    )


def _particular(count: int, wanted: int, *, fuller: bool) -> str:
    parts = ["A fuller answer than was asked for."] if fuller else []
    return " ".join(parts + ([f"A page of {count}."] if count != wanted else []))


def _counts(asked: Exchange) -> list[int]:
    """List the sizes of page that answer this, the best first; 0 for a method without pages."""
    if not asked.declared.is_list:
        return [0]
    wanted = asked.arguments.get("count")
    if wanted is None:
        return [DEFAULT_COUNT, *(count for count in _COUNTS if count != DEFAULT_COUNT)]
    return [int(wanted), *(count for count in _COUNTS if count < int(wanted))]


def _granted(wanted: int, came: int) -> int:
    """Say how many items a page were granted: a server may grant fewer than were asked for."""
    return came if DEFAULT_COUNT <= came < wanted else wanted
