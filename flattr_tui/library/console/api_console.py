"""The API console: calls any method of the API in any of its formats, or finds the response in saved data.

The requests are exactly those that the client sends. Successful responses of methods that read are stored, as all
fetched responses are. A method that changes something is called only if the user has confirmed it.
"""

import asyncio
import importlib
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    CannotConnectError,
    FlattrError,
    NetworkError,
    NotFlattrResponseError,
    RateLimitedError,
    UsageError,
)
from flattr_tui.api.method_table import BY_NAME, Format, Method
from flattr_tui.api.prepared_request import PreparedRequest, check_arguments, prepare_request
from flattr_tui.api.response import Response
from flattr_tui.library.console.exchange import Exchange, History, curl_command
from flattr_tui.library.fetch.queue_and_limits import MAX_PAGE_SIZE
from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ApiRequest, ResponseKind
from flattr_tui.model.data_source import Source
from flattr_tui.model.entities import UNREADABLE, Lookup, NotFlattrError
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.store.errors import StoreError, UnwritableError
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

_COUNTS: Final = (MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE)
"""The page sizes with which the rest of the program requests and stores API pages."""
UNSURE: Final = "it may have been done, or not"
WriteWrapper = Callable[[Method, Mapping[str, str], Callable[[], Awaitable[Response]]], Awaitable[Response]]
"""Called with a write's method, its arguments, and a function that sends it, which must be awaited once."""


class UnconfirmedError(UsageError):
    """Raised if a method that changes something is called without the user's confirmation."""


class ApiConsole:
    """Sends API requests that the user composes, and remembers them with their responses.

    `send` waits for the server, and accesses the disk in threads. `load` and `body` access the disk: call them in a
    thread. All other methods return immediately.
    """

    def __init__(
        self,
        source: Source,
        responses: ResponseStore,
        *,
        client: Client | None = None,
        account: Callable[[], str] = lambda: "",
        find_source: Callable[[ApiRequest, str], str | None] | None = None,
        history: History | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the console of `source`. `client` sends the requests; if None, responses are looked up in saved data.

        `account` returns the current account; "" for none. `find_source` is needed if `source` has no server: given a
        request and an account, it returns the name of the source from which a response is saved; None if no response is
        saved. `history` remembers the exchanges; with None, they are remembered in memory only. `clock` returns the
        current time in Unix seconds.
        """
        self.source = source
        self._responses = responses
        self._client = client
        self._account = account
        self._find_source = find_source
        self._history = history or History()
        self._clock = clock

    @property
    def offline(self) -> bool:
        """Whether no request is sent, so that responses come from saved data."""
        return self._client is None

    # -- sending requests

    def prepare(self, method: Method, arguments: Mapping[str, str], format: Format | None = None) -> PreparedRequest:
        """Return the HTTP request that calls an API method, with the token masked.

        With `format` None, the response is requested in the method's default format. Raises `UsageError` if an argument
        is invalid.
        """
        return self._prepare(method, arguments, format).masked()

    def _prepare(self, method: Method, arguments: Mapping[str, str], format: Format | None) -> PreparedRequest:
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
        wrap_write: WriteWrapper | None = None,
    ) -> Exchange:
        """Call an API method, and return the request with its response, or with the reason why there is none.

        With `format` None, the method's default format is requested. `confirmed` says that the user has confirmed a
        method that changes something. With `remember`, the exchange is added to the history. `wrap_write` can show the
        effects of a method that changes something: it gets a function that sends the request, and must call it. With
        None, the request is sent directly.

        Errors of the network and of the API are not raised, but are part of the result. Raises `UsageError` if an
        argument is invalid, and `UnconfirmedError` if a confirmation is missing. If this coroutine is cancelled, the
        server may nevertheless have made the change.
        """
        fmt = format or method.default_format
        checked = check_arguments(method, arguments)
        exchange = Exchange(
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
            # These formats need parsers, which are imported in a thread.
            await asyncio.to_thread(importlib.import_module, "flattr_tui.model.xml_yaml_parser")
        done = (
            await self._send_live(exchange, wrap_write)
            if self._client is not None
            else await self._answer_offline(exchange)
        )
        if remember:
            await asyncio.to_thread(self._history.add, done)
        return done

    async def _send_live(self, exchange: Exchange, wrap_write: WriteWrapper | None) -> Exchange:
        assert self._client is not None  # noqa: S101 -- the caller makes sure of this
        method = exchange.api_method
        call = partial(self._client.call, method, exchange.arguments, format=exchange.requested_format)
        try:
            response = await (wrap_write(method, exchange.arguments, call) if wrap_write and method.writes else call())
        except FlattrError as error:
            exchange = self._with_sent_request(exchange)
            if (
                isinstance(error, NetworkError)
                and not method.writes
                and (saved := await self._answer_from_store(exchange))
            ):
                return msgspec.structs.replace(saved, problem=str(error), exit_code=error.exit_code)
            came = _from_response(exchange, error.response) if error.response else exchange
            unsure = method.writes and error.leaves_open
            problem = f"{UNSURE}: {error.reason}. Check before you send it again." if unsure else _explain(error)
            return msgspec.structs.replace(came, problem=problem, unsure=unsure, exit_code=error.exit_code)
        done = _from_response(self._with_sent_request(exchange), response)
        if method.response_kind is ResponseKind.LOOKUP and (response.status == 404 or _is_flattrable_lookup(done)):
            # Not stored: the response changes as soon as somebody flattrs the address.
            return msgspec.structs.replace(done, exit_code=1)
        if method.personal and self._account() != exchange.account:
            return msgspec.structs.replace(done, note="It was not saved, because the account has changed meanwhile.")
        return done if method.writes else await self._store(done)

    def _with_sent_request(self, exchange: Exchange) -> Exchange:
        """Return an exchange whose request is prepared again, so that the request shows the token that was sent.

        The client may have loaded the token just before it sent the request, after the console had prepared the
        request.
        """
        request = self.prepare(exchange.api_method, exchange.arguments, exchange.requested_format)
        return msgspec.structs.replace(exchange, request=request)

    async def _store(self, done: Exchange) -> Exchange:
        try:
            stored = await asyncio.to_thread(self._store_in_thread, done)
        except NotFlattrError as error:
            problem = NotFlattrResponseError(f"the response is {error}.")
            return msgspec.structs.replace(done, problem=str(problem), exit_code=problem.exit_code)
        except UnwritableError as error:
            return msgspec.structs.replace(done, note=f"It was not saved. {error.cause}. {error.advice}")
        except StoreError as error:
            return msgspec.structs.replace(done, note=f"It was not saved. {error}")
        return msgspec.structs.replace(done, sequence=stored.sequence)

    def _store_in_thread(self, done: Exchange) -> StoredResponse:
        page = decode_page(done.api_method.response_kind, done.body or b"", done.content_type)
        if page.is_unreadable:
            raise NotFlattrError(UNREADABLE)
        wanted = _page_sizes(done)[0]
        key = self._response_key(done, _granted_count(wanted, page.records))
        before = msgspec.structs.replace(key, page=key.page - 1)
        if key.count != wanted and before.page and self._responses.latest(before) is None:
            key = msgspec.structs.replace(key, count=wanted)  # the last page does not show which size is allowed
        put = self._responses.put(
            StoredResponse(
                **msgspec.structs.asdict(key),
                response_kind=done.api_method.response_kind,
                url=done.request.url,
                status=done.status,
                content_type=done.content_type,
                etag=done.headers.get("etag"),
                fetched_at=done.fetched_at,
                body=done.body or b"",
            )
        )
        return put.stored

    def _response_key(self, exchange: Exchange, count: int, **more: str) -> ResponseKey:
        return ResponseKey(
            source=self.source.name,
            account=exchange.account,
            request=ApiRequest.of(exchange.method, exchange.arguments, **more),
            page=int(exchange.arguments.get("page") or 1),
            count=count,
            format=exchange.format,
        )

    # -- what is saved

    async def _answer_offline(self, exchange: Exchange) -> Exchange:
        if exchange.api_method.writes:
            problem = CannotConnectError("offline; changes need the server.")
        elif saved := await self._answer_from_store(exchange):
            return saved
        else:
            problem = CannotConnectError("offline, and no response to this is saved.")
        return msgspec.structs.replace(exchange, problem=str(problem), exit_code=problem.exit_code)

    async def _answer_from_store(self, exchange: Exchange) -> Exchange | None:
        try:
            return await asyncio.to_thread(self._find_saved, exchange)
        except StoreError as error:
            return msgspec.structs.replace(exchange, problem=str(error), exit_code=1)

    def _find_saved(self, exchange: Exchange) -> Exchange | None:
        """Return `exchange` with a saved response that contains what was requested; None if there is none.

        The saved response may contain more than was requested: with the argument `full`, or as a larger page.
        """
        counts = _page_sizes(exchange)
        has_full = exchange.api_method.parameter("full") is not None and "full" not in exchange.arguments
        for more in [{}, {"full": "1"}] if has_full else [{}]:
            for account in dict.fromkeys((exchange.account, "")):
                source = self._source_for(exchange, account, more)
                for count in counts:
                    key = self._response_key(exchange, count, **more)
                    key = msgspec.structs.replace(key, source=source, account=account)
                    stored = self._responses.latest(key)
                    if stored is not None:
                        return _from_store(exchange, stored, _size_note(count, counts[0], fuller=bool(more)))
                    if "count" in exchange.arguments and count == counts[0]:
                        part = self._find_in_larger_page(exchange, key, fuller=bool(more))
                        if part is not None:
                            return part
        return None

    def _find_in_larger_page(self, exchange: Exchange, key: ResponseKey, *, fuller: bool) -> Exchange | None:
        """Return `exchange` with a response cut out of a larger saved page of the same list; None if impossible.

        `key` is the key of the small page that was requested. `fuller` says that the saved pages were requested with
        all fields: the items in the result then have more fields than were requested. Only a page in JSON can be cut,
        and only if it has all requested items.
        """
        if key.format != Format.JSON:
            return None
        first = (key.page - 1) * key.count
        for count in _COUNTS:
            page, start = divmod(first, count)
            if start + key.count > count:
                continue  # the part continues on the next page
            stored = self._responses.latest(msgspec.structs.replace(key, page=page + 1, count=count))
            if stored is None:
                continue
            try:
                items = msgspec.json.decode(stored.body, type=list[msgspec.Raw])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # not a plain list: a search result, or a page that needs repair
            body = msgspec.json.encode(items[start : start + key.count])
            cut = msgspec.structs.replace(stored, body=body, etag=None)
            note = (
                f"{'This saved response has more than was requested. ' if fuller else ''}A part of a page of {count}."
            )
            found = _from_store(exchange, cut, note)
            return msgspec.structs.replace(found, sequence=0)  # the number is that of the whole page
        return None

    def _source_for(self, exchange: Exchange, account: str, more: Mapping[str, str]) -> str:
        """Return the name of the source from which to read a saved response to a request by `account`.

        The request is the request of `exchange` with the additional arguments `more`. The result is the console's own
        source. For the source `saved`, which combines all others, it is a source that has a response to the request; if
        there is no such source, `saved`.
        """
        if self.source.base or self._find_source is None:
            return self.source.name
        request = ApiRequest.of(exchange.method, {**exchange.arguments, **more})
        return self._find_source(request, account) or self.source.name

    # -- the history

    def load(self) -> None:
        """Read the history of earlier runs of the program from its file. Call this in a thread."""
        self._history.load()

    @property
    def history(self) -> Sequence[Exchange]:
        """The exchanges with this source, the latest first. Those of other accounts are left out."""
        mine = {"", self._account()}
        return [
            exchange
            for exchange in reversed(self._history.exchanges)
            if exchange.source == self.source.name and exchange.account in mine
        ]

    def body(self, exchange: Exchange) -> bytes | None:
        """Return the body of an exchange's response, from memory or from the store; None if neither contains it.

        This may access the disk: call it in a thread. Raises `StoreError` if the store can't be read.
        """
        if exchange.body is not None or not exchange.sequence:
            return exchange.body
        stored = self._responses.get(exchange.sequence)
        if stored is None or stored.account not in {"", self._account()} or stored.request.method != exchange.method:
            return None
        return stored.body

    # -- copying a request

    def curl_command(self, request: PreparedRequest, *, with_token: bool = False) -> str:
        """Return a curl command that sends a request.

        In place of the token, the command contains `$FLATTR_TOKEN` or, with `with_token`, the real token.
        """
        token = None
        if with_token and "Authorization" in request.headers and self._client is not None:
            # Any personal method will do: an account has one token.
            bearer = self._client.prepare(BY_NAME["me"], {}).headers.get("Authorization", "")
            token = bearer.removeprefix("Bearer ") or None
        return curl_command(request, token)


def _is_flattrable_lookup(exchange: Exchange) -> bool:
    """Whether the response to a lookup says that there is no thing yet, but that flattring would create one."""
    if exchange.status != 200:
        return False
    try:
        page = decode_page(ResponseKind.LOOKUP, exchange.body or b"", exchange.content_type)
    except NotFlattrError:
        return False
    return any(isinstance(entity, Lookup) and not entity.found for entity in page.entities)


def confirmation_question(method: Method, arguments: Mapping[str, str], *, name: str = "") -> str:
    """Return the question to ask before an API method that changes something is called: `Flattr thing 7? It counts …`.

    `arguments` are the arguments of the call. `name` is the title of the thing; "" if unknown.
    """
    what = name or (f"thing {arguments['id']}" if arguments.get("id") else arguments.get("url", ""))
    return _CONSEQUENCES.get(method.name, "{help}: {what}?").format(what=what, help=method.help)


_CONSEQUENCES: Final = {
    "flattr": "Flattr {what}? It counts for this month, and can't be undone.",
    "flattr-url": "Flattr {what}? It counts for this month, and can't be undone.",
    "create-thing": "Create a thing for {what}? Others will see it, unless it is hidden.",
    "update-thing": "Change {what}? The old values are lost.",
    "delete-thing": "Delete {what}? This can't be undone.",
    "subscribe": "Subscribe to {what}? It is flattred each month from now on.",
    "toggle-subscription": "Pause the subscription to {what}, or resume it if it is paused?",
    "unsubscribe": "Unsubscribe from {what}?",
}


def _explain(error: FlattrError) -> str:
    """Return what an error says and, if the rate limit is used up, in how many seconds it is reset."""
    reset = error.reset if isinstance(error, RateLimitedError) else None
    wait = math.ceil(reset - error.response.fetched_at) if reset and error.response else 0
    return f"{error} Try again in {wait:,} s." if wait > 0 else str(error)


def _from_response(exchange: Exchange, response: Response) -> Exchange:
    return msgspec.structs.replace(
        exchange,
        status=response.status,
        headers=dict(response.headers),
        body=response.body,
        size=len(response.body),
        elapsed=response.elapsed,
        fetched_at=response.fetched_at,
    )


def _from_store(exchange: Exchange, stored: StoredResponse, note: str) -> Exchange:
    return msgspec.structs.replace(
        exchange,
        status=stored.status,
        headers={"content-type": stored.content_type, **({"etag": stored.etag} if stored.etag else {})},
        body=stored.body,
        size=len(stored.body),
        fetched_at=max(stored.fetched_at, stored.checked_at),
        saved=True,
        note=note,
        sequence=stored.sequence,
    )


def _size_note(count: int, wanted: int, *, fuller: bool) -> str:
    parts = ["This saved response has more than was requested."] if fuller else []
    return " ".join(parts + ([f"A page of {count}."] if count != wanted else []))


def _page_sizes(exchange: Exchange) -> list[int]:
    """Return the page sizes to look for in saved data to answer a request, in the order in which to try them.

    The requested size comes first. For a method without pages, the result is `[0]`.
    """
    if not exchange.api_method.is_list:
        return [0]
    wanted = exchange.arguments.get("count")
    if wanted is None:
        return [DEFAULT_PAGE_SIZE, *(count for count in _COUNTS if count != DEFAULT_PAGE_SIZE)]
    return [int(wanted), *(count for count in _COUNTS if count < int(wanted))]


def _granted_count(requested: int, received: int) -> int:
    """Return the page size that the server allows, from the numbers of `requested` and of `received` items on a page.

    A page with fewer items than requested shows the allowed size, unless it has so few that it may be the list's last
    page. Then `requested` is returned.
    """
    return received if DEFAULT_PAGE_SIZE <= received < requested else requested
