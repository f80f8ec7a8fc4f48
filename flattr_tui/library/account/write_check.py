"""Looks up whether a write succeeded whose response did not arrive.

Source: `flattr/developers.flattr.net`, content/api/resources/{flattrs,things,subscriptions}.md: a thing can be flattred
once a month, and subscribed to once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from flattr_tui.api.client import Client
from flattr_tui.api.errors import FlattrError, NotFoundError
from flattr_tui.api.methods import BY_NAME, Method
from flattr_tui.model.decoder import decode_page
from flattr_tui.model.entities import Entity, Flattr, Subscription, Thing
from flattr_tui.model.errors import NotFlattrError


class WriteCheck(NamedTuple):
    """What the server says about a write now."""

    done: bool | None
    """Whether it was done; None if that can't be told."""
    finding: str
    """A sentence for the user."""


class WriteChecker:
    """Looks up writes by reading what they would have changed, as the account that is logged in."""

    def __init__(self, client: Client, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock

    async def check(self, method: Method, arguments: Mapping[str, str]) -> WriteCheck:
        """Look up whether a write was done, by one request; never raises a `FlattrError`."""
        try:
            return await self._look_up(method.name, arguments)
        except (FlattrError, NotFlattrError) as error:
            return WriteCheck(None, f"Looking it up failed: {str(error).rstrip('.')}.")

    async def _look_up(self, name: str, arguments: Mapping[str, str]) -> WriteCheck:
        target = f"thing {arguments['id']}" if "id" in arguments else arguments.get("url", "")
        match name:
            case "flattr" | "flattr-url":
                flattrs = [one for one in await self._read("my-flattrs") if isinstance(one, Flattr)]
                done = _has_thing([one.thing for one in flattrs if self._is_of_this_month(one)], arguments)
                return _tell(done, f"{target} is {'' if done else 'not '}among your flattrs of this month")
            case "create-thing":
                done = _has_thing(await self._read("my-things"), arguments)
                return _tell(done, f"a thing for {target} is {'' if done else 'not '}among your newest things")
            case "update-thing":
                return await self._check_update(target, arguments)
            case "delete-thing":
                try:
                    await self._read("thing", id=arguments["id"])
                except NotFoundError:
                    return _tell(True, f"{target} is gone")
                return _tell(False, f"{target} is still there")
        return await self._check_subscription(name, target, arguments)

    async def _check_update(self, target: str, arguments: Mapping[str, str]) -> WriteCheck:
        (thing,) = await self._read("thing", id=arguments["id"])
        given = {name: value for name, value in arguments.items() if name != "id"}
        other = [name for name, value in given.items() if _as_text(getattr(thing, name, None)) != _as_text(value)]
        if other:
            return _tell(False, f"{target} has another {' and another '.join(other)}")
        return _tell(True, f"{target} is as you wanted it")

    async def _check_subscription(self, name: str, target: str, arguments: Mapping[str, str]) -> WriteCheck:
        found = [
            one
            for one in await self._read("my-subscriptions")
            if isinstance(one, Subscription) and _has_thing([one.thing], arguments)
        ]
        if name == "toggle-subscription" and found:
            return WriteCheck(None, f"The subscription to {target} is {'active' if found[0].active else 'paused'} now.")
        finding = f"you are {'' if found else 'not '}subscribed to {target}"
        return _tell(bool(found) == (name != "unsubscribe"), finding)

    async def _read(self, name: str, **arguments: str) -> Sequence[Entity]:
        method = BY_NAME[name]
        response = await self._client.call(method, arguments)
        return decode_page(method.response_kind, response.body, response.content_type).entities

    def _is_of_this_month(self, one: Flattr) -> bool:
        return one.created_at is None or _month(one.created_at) == _month(self._clock())


def _tell(done: bool, finding: str) -> WriteCheck:
    """Make the result, with a sentence that says what it means."""
    said = f"{finding[:1].upper()}{finding[1:]}"
    return WriteCheck(done, f"{said}: it was done." if done else f"{said}: so far it was not done.")


def _month(seconds: float) -> tuple[int, ...]:
    return time.gmtime(seconds)[:2]


def _has_thing(found: Sequence[Entity], arguments: Mapping[str, str]) -> bool:
    """Whether the things include the one that the arguments name, by its id or address."""
    url = arguments.get("url", "")
    submitted = parse_qs(urlsplit(url).query).get("url", [])  # an auto-submit address has the thing's in it
    addresses = {address.rstrip("/") for address in (url, *submitted) if address}
    return any(
        isinstance(thing, Thing)
        and (str(thing.id) == arguments.get("id") or (thing.url or "").rstrip("/") in addresses)
        for thing in found
    )


def _as_text(value: object) -> str:
    """Convert a field for comparison: tags are sorted, and nothing equals an empty text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        value = ",".join(value)
    text = " ".join(str(value or "").split())
    return ",".join(sorted(part.strip() for part in text.split(",")))
