"""Sends writes (flattrs, subscriptions, changes of things): each is sent once, and displayed as done immediately.

If the server refuses a write, it is displayed no longer. If no response arrives, the server is asked whether the write
succeeded, because a thing can be flattred only once a month, and subscribed to only once. Source:
`flattr/developers.flattr.net`, content/api/resources/{flattrs,things,subscriptions}.md, and content/api/policy.md: a
program acts only with the user's consent, so callers of `perform` must have asked the user.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from flattr_tui.api.errors import (
    ApiError,
    FlattrError,
    InsufficientBudgetError,
    NotFoundError,
    OfflineError,
    ScopeError,
    UnauthorizedError,
    UsageError,
)
from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.library.account.optimistic_writes import OptimisticChanges, OptimisticFeed, PendingWrite, Write
from flattr_tui.library.base_library import RecordState
from flattr_tui.library.query.list_feed import Feed
from flattr_tui.model.api_request import (
    ApiRequest,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.entities import Entity, Flattr, NotFlattrError, Receipt, Subscription, Thing, User

if TYPE_CHECKING:
    from flattr_tui.api.client import Client
    from flattr_tui.api.response import Response
    from flattr_tui.library.account.account_manager import AccountManager

_NOTHING_TOLD = Receipt()
"""Used in place of the server's receipt if the response to a write is missing or can't be decoded."""

_RUNS = {"paused": False, "started": True}
"""Whether a subscription is active after it was paused or resumed, by the message in the server's response."""


class WriteCheck(NamedTuple):
    """What the server's data says about whether a write was done."""

    done: bool | None
    """Whether the write was done; None if that is unknown."""
    finding: str
    """A sentence that tells the user what was found: `Thing 7 is gone: it was done.`"""


class WriteChecker:
    """Finds out whether a write was done, by fetching the data that the write would have changed.

    `client` fetches as the logged-in user; `clock` returns the current time in Unix seconds.
    """

    def __init__(self, client: "Client", clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock

    async def check(self, method: Method, arguments: Mapping[str, str]) -> WriteCheck:
        """Find out with one request whether a write was done: the call of `method` with `arguments`.

        If the request fails, the result says so; no `FlattrError` is raised.
        """
        try:
            return await self._look_up(method.name, arguments)
        except (FlattrError, NotFlattrError) as error:
            return WriteCheck(None, f"Checking it failed: {str(error).rstrip('.')}.")

    async def _look_up(self, name: str, arguments: Mapping[str, str]) -> WriteCheck:
        target = f"thing {arguments['id']}" if "id" in arguments else arguments.get("url", "")
        match name:
            case "flattr" | "flattr-url":
                flattrs = [one for one in await self._read("my-flattrs") if isinstance(one, Flattr)]
                done = _has_thing([one.thing for one in flattrs if self._is_of_this_month(one)], arguments)
                return _make_check(done, f"{target} is {'' if done else 'not '}among your flattrs of this month")
            case "create-thing":
                done = _has_thing(await self._read("my-things"), arguments)
                return _make_check(done, f"a thing for {target} is {'' if done else 'not '}among your newest things")
            case "update-thing":
                return await self._check_update(target, arguments)
            case "delete-thing":
                try:
                    await self._read("thing", id=arguments["id"])
                except NotFoundError:
                    return _make_check(True, f"{target} is gone")
                return _make_check(False, f"{target} is still there")
        return await self._check_subscription(name, target, arguments)

    async def _check_update(self, target: str, arguments: Mapping[str, str]) -> WriteCheck:
        (thing,) = await self._read("thing", id=arguments["id"])
        given = {name: value for name, value in arguments.items() if name != "id"}
        other = [name for name, value in given.items() if _as_text(getattr(thing, name, None)) != _as_text(value)]
        if other:
            return _make_check(False, f"{target} has another {' and another '.join(other)}")
        return _make_check(True, f"{target} is as you wanted it")

    async def _check_subscription(self, name: str, target: str, arguments: Mapping[str, str]) -> WriteCheck:
        found = [
            one
            for one in await self._read("my-subscriptions")
            if isinstance(one, Subscription) and _has_thing([one.thing], arguments)
        ]
        if name == "toggle-subscription" and found:
            return WriteCheck(None, f"The subscription to {target} is {'active' if found[0].active else 'paused'} now.")
        finding = f"you are {'' if found else 'not '}subscribed to {target}"
        return _make_check(bool(found) == (name != "unsubscribe"), finding)

    async def _read(self, name: str, **arguments: str) -> Sequence[Entity]:
        from flattr_tui.model.entity_decoder import decode_page  # noqa: PLC0415

        method = BY_NAME[name]
        response = await self._client.call(method, arguments)
        return decode_page(method.response_kind, response.body, response.content_type).entities

    def _is_of_this_month(self, one: Flattr) -> bool:
        return one.created_at is None or _month(one.created_at) == _month(self._clock())


def _make_check(done: bool, finding: str) -> WriteCheck:
    """Return the result of a check. Its sentence consists of `finding` and of whether the write was done (`done`)."""
    sentence = f"{finding[:1].upper()}{finding[1:]}"
    return WriteCheck(done, f"{sentence}: it was done." if done else f"{sentence}: so far it was not done.")


def _month(seconds: float) -> tuple[int, ...]:
    return time.gmtime(seconds)[:2]


def _has_thing(entities: Sequence[Entity], arguments: Mapping[str, str]) -> bool:
    """Whether a thing in `entities` has the id or the address that is among the arguments of a write."""
    url = arguments.get("url", "")
    submitted = parse_qs(urlsplit(url).query).get("url", [])  # an auto-submit address contains the thing's address
    addresses = {address.rstrip("/") for address in (url, *submitted) if address}
    return any(
        isinstance(thing, Thing)
        and (str(thing.id) == arguments.get("id") or (thing.url or "").rstrip("/") in addresses)
        for thing in entities
    )


def _as_text(value: object) -> str:
    """Return the value of a thing's field as text, to compare it: tags are sorted and joined, and None becomes ""."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        value = ",".join(value)
    text = " ".join(str(value or "").split())
    return ",".join(sorted(part.strip() for part in text.split(",")))


def needs_login(error: FlattrError) -> bool:
    """Whether a login may help after an error, because nobody is logged in, or because the token lacks a scope."""
    return (isinstance(error, UnauthorizedError) and not isinstance(error, InsufficientBudgetError)) or (
        isinstance(error, ScopeError) and error.code == "insufficient_scope"
    )


def refusal(write: Write, error: FlattrError) -> str:
    """Return a sentence that says that a write was not done, why, and what to do.

    If the error leaves open whether the write was done, the sentence says so.
    """
    if error.leaves_open:
        return f"Whether {write.target} was {write.done} is unknown: {error.reason}. The server is being asked now."
    sentence = f"{write.target} was not {write.done}: {error}"
    return sentence[:1].upper() + sentence[1:] if write.thing is None or write.thing.title else sentence


def own_thing_refusal(write: Write) -> str:
    """Return a sentence that says that users can't flattr their own things, or subscribe to their own things.

    `write` is the flattr or subscription, which was not sent, because the server would refuse it.
    """
    code = "flattr_owner" if write.method == "flattr" else "thing_owner"
    return refusal(write, ApiError(403, code, ""))


class SavedData(Protocol):
    """The part of a library that writes use: the account, the saved data, and a way to fetch data again."""

    @property
    def account(self) -> str: ...  # noqa: D102

    def feed(self, request: ApiRequest) -> Feed: ...  # noqa: D102

    def record(self, request: ApiRequest) -> RecordState: ...  # noqa: D102

    def refresh(self, request: ApiRequest) -> None: ...  # noqa: D102


class WriteService:
    """Sends writes, and shows their effects in the data of one library. Call its methods on the event loop's thread.

    `client` sends the writes with the token of `accounts`; None if no connection is ever opened. `outdate` is called
    with each request whose saved data has become outdated by a write.
    """

    def __init__(
        self,
        library: SavedData,
        client: "Client | None",
        accounts: "Callable[[], AccountManager]",
        *,
        outdate: Callable[[ApiRequest], None] = lambda request: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._library = library
        self._client = client
        self._ask_accounts = accounts
        self._outdate = outdate
        self._clock = clock
        self.changes = OptimisticChanges()
        """The effects of writes that fetched data does not contain yet."""
        self._listener: Callable[[], None] = lambda: None

    @property
    def _accounts(self) -> "AccountManager":
        return self._ask_accounts()

    # -- displaying pending changes

    def set_listener(self, listener: Callable[[], None]) -> None:
        """Set the function `listener`, which is called whenever a write changes what must be displayed."""
        self._listener = listener

    def with_changes(self, feed: Feed) -> Feed:
        """Return the rows of a list with the effects of writes that the fetched rows do not contain yet.

        `feed` has the fetched rows. `reload` of the result reloads `feed`, too.
        """
        return OptimisticFeed(feed, self.changes)

    def forget(self) -> None:
        """Stop showing the effects of earlier writes. Call this when the account has changed."""
        self.changes = OptimisticChanges()

    # -- sending writes

    def check(self, write: Write) -> None:
        """Raise an error if a write can't be sent: call this before the user is asked.

        Raises `UsageError` if an argument is invalid, or if another write on the same thing is in progress. Raises
        `OfflineError` if the program runs offline, so that it never sends anything.
        """
        if self._client is None:
            raise OfflineError("the program is offline. Nothing is sent or queued; try again when online.")
        from flattr_tui.api.prepared_request import check_arguments  # noqa: PLC0415 -- needed only when something is written

        check_arguments(BY_NAME[write.method], dict(write.arguments))
        self._check_alone(write)

    def _check_alone(self, write: Write) -> None:
        under_way = self.changes.pending_write(write.thing_id) if write.thing_id is not None else None
        if under_way is not None:
            raise UsageError(f"the server has not confirmed yet that it is {under_way.done}. Wait for it.")

    async def perform(self, write: Write) -> Receipt:
        """Send a write once, start to fetch again what the write changed, and return the server's receipt.

        A `FlattrError` means that nothing has changed, unless its `leaves_open` is true. The functions `refusal` and
        `needs_login` explain the error.
        """
        self.check(write)
        account, client = self._accounts.account, self._client
        if client is None or not await self._accounts.logged_in():
            raise UnauthorizedError(401, "unauthorized", "")
        self._check_same(account)
        method = BY_NAME[write.method]
        _, receipt = await self._execute(write, lambda: client.call(method, dict(write.arguments)))
        return receipt

    async def perform_custom(
        self, method: Method, arguments: Mapping[str, str], send: "Callable[[], Awaitable[Response]]"
    ) -> "Response":
        """Await `send()`, which sends a write that the user composed by hand, and return the response.

        The write is the call of `method` with `arguments`. Its effects are shown immediately, and what it changed is
        fetched again. Errors that `send` raises are passed on. Raises `UsageError` without calling `send` if another
        write on the same thing is in progress, or if the account changes while the access token is loaded.
        """
        write = self._as_write(method, arguments)
        self._check_alone(write)
        account = self._accounts.account
        await self._accounts.ready()
        self._check_same(account)
        response, _ = await self._execute(write, send)
        return response

    def refresh_after(self, method: Method, arguments: Mapping[str, str]) -> None:
        """Start to fetch the data again that a write may have changed.

        The write is the call of `method` with `arguments`. Call this if the write was sent, but nobody waited for its
        response.
        """
        write = self._as_write(method, arguments)
        self._refetch(write)

    async def look_up(self, method: Method, arguments: Mapping[str, str]) -> WriteCheck:
        """Ask the server whether a write was done although its response did not arrive.

        The write is the call of `method` with `arguments`.
        """
        if self._client is None:
            return WriteCheck(None, "It can't be checked offline.")
        return await WriteChecker(self._client, self._clock).check(method, arguments)

    def _as_write(self, method: Method, arguments: Mapping[str, str]) -> Write:
        """Return a `Write` for the call of `method` with `arguments`.

        If the arguments contain the id of a thing, the `Write` contains the saved thing with this id. If that thing is
        not saved, the `Write` contains a thing with only the id.
        """
        thing = None
        if given := arguments.get("id"):
            thing = self._find_thing(int(given)) or Thing(id=int(given))
        return Write(method.name, tuple(arguments.items()), thing)

    def _find_thing(self, number: int) -> Thing | None:
        """Return the saved thing with the id `number`, with the effects of writes; None if the thing is not saved."""
        known = self._library.record(ApiRequest.of("thing", id=str(number)))
        seen = self.changes.apply_to(known.entity, known.fetched_at) if known.entity is not None else None
        return seen if isinstance(seen, Thing) else None

    def _check_same(self, account: str) -> None:
        if self._accounts.account != account:
            raise UsageError("the account has changed meanwhile. Do it again with the current account.")

    async def _execute(self, write: Write, send: "Callable[[], Awaitable[Response]]") -> "tuple[Response, Receipt]":
        """Await `send()`, which sends a write, and return the response and the receipt in it.

        The effects of the write are shown immediately. If `send` raises an error, the effects are removed again.
        """
        change = self.changes.add(write)
        self._listener()
        try:
            response = await send()
        except BaseException as error:
            self.changes.remove(change)
            self._listener()
            if isinstance(error, FlattrError) and error.leaves_open:
                self._refetch(write)
            raise
        receipt = _decode_receipt(BY_NAME[write.method].response_kind, response.body, response.content_type)
        self._confirm_change(change, receipt)
        self._refetch(write, receipt)
        return response, receipt

    def _confirm_change(self, change: PendingWrite, receipt: Receipt) -> None:
        change.done_at = self._clock()
        if change.write.method == "toggle-subscription":
            change.active = _RUNS.get(receipt.message, change.active)
        if receipt.thing is not None and receipt.thing.flattrs is not None and "flattrs" in change.fields:
            change.fields["flattrs"] = receipt.thing.flattrs
        self._listener()

    def _refetch(self, write: Write, receipt: Receipt = _NOTHING_TOLD) -> None:
        received = receipt.thing
        number = write.thing_id or receipt.id or (received.id if received is not None else None)
        for request in self._affected_requests(write, number, self._find_owner(write.thing, received)):
            self._outdate(request)
            if self._is_known(request):
                self._library.refresh(request)

    def _find_owner(self, meant: Thing | None, received: Thing | None) -> User | None:
        """Return the owner of the thing that a write acted on; None if unknown.

        `meant` is the thing as it was known before the write, and `received` the thing in the response. If neither has
        an owner, saved data is read.
        """
        for thing in (meant, received):
            if thing is not None and thing.owner is not None:
                return thing.owner
        saved = self._find_thing(received.id) if received is not None else None
        return saved.owner if saved is not None else None

    def _is_known(self, request: ApiRequest) -> bool:
        """Whether the data of a request is saved or being fetched. After a write, only such data is fetched again."""
        known = self._library.record(request) if request.method == "thing" else self._library.feed(request).status
        return known.fetched_at is not None or known.loading

    def _affected_requests(self, write: Write, number: int | None, owner: User | None) -> Iterator[ApiRequest]:
        """Yield all requests whose data a write may have changed.

        `number` is the id of the thing that the write acted on, and `owner` the thing's owner. Both are None if
        unknown.
        """
        me = self._library.account
        if number is not None and write.method != "delete-thing":
            yield ApiRequest.of("thing", id=str(number))
        if write.method in {"flattr", "flattr-url"}:
            yield from _general_and_own(user_flattrs_request(me), me)
            if number is not None:
                yield ApiRequest.of("thing-flattrs", id=str(number))
            if owner is not None:
                yield user_activities_request(owner.username, incoming=True)
                yield user_things_request(owner.username)
        elif "subscri" in write.method:
            yield ApiRequest.of("my-subscriptions")
        else:
            yield from _general_and_own(user_things_request(me), me)
        yield from _general_and_own(user_activities_request(me), me)


def _general_and_own(request: ApiRequest, account: str) -> Iterator[ApiRequest]:
    yield request
    yield to_own_request(request, account)


def _decode_receipt(kind: Any, body: bytes, content_type: str) -> Receipt:
    """Return the receipt in `body`, the response to a write; an empty receipt if the response can't be decoded.

    `kind` is the `ResponseKind` of the API method, and `content_type` the type of the body. A response that can't be
    decoded does not mean that the write failed.
    """
    from flattr_tui.model.entity_decoder import decode_page  # noqa: PLC0415

    try:
        entities = decode_page(kind, body, content_type).entities
    except NotFlattrError:
        return _NOTHING_TOLD
    return entities[0] if entities and isinstance(entities[0], Receipt) else _NOTHING_TOLD
