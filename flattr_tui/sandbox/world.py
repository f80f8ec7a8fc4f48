"""The sandbox's state: one SQLite file (or `:memory:`), made from a seed number on first use."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from flattr_tui.sandbox.rows import (
    ActivityRow,
    FlattrRow,
    SubscriptionRow,
    ThingDraft,
    ThingRow,
    ThingSearch,
    Token,
    UserRow,
)


class World:
    """All users, things, flattrs, activities, subscriptions, tokens. Safe to use from several threads."""

    @classmethod
    def open(cls, path: Path | None, *, seed: int = 1, scale: int = 0, clock: Callable[[], float] | None = None) -> Self:
        """Open the world kept at `path` (None: in memory), seeding it when it is new.

        `scale` > 0 gives the user `collector` that many flattrs. The data's own time ends with 2017; `clock` (Unix
        seconds, default the machine's) dates what is written from now on.
        """
        raise NotImplementedError

    def close(self) -> None: raise NotImplementedError
    def __enter__(self) -> Self: return self
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: self.close()

    # reading -- `count` is already capped by the caller, `page` starts at 1; past the end is an empty list
    def user(self, username: str) -> UserRow | None: raise NotImplementedError
    def usernames(self) -> list[str]: raise NotImplementedError
    def thing(self, thing_id: int) -> ThingRow | None: raise NotImplementedError
    def things(self, thing_ids: Sequence[int]) -> list[ThingRow]: raise NotImplementedError
    def things_of(self, username: str, *, count: int, page: int, hidden: bool = False) -> list[ThingRow]: raise NotImplementedError
    def flattrs_of(self, username: str, *, count: int, page: int, hidden: bool = False) -> list[FlattrRow]: raise NotImplementedError
    def flattrs_on(self, thing_id: int, *, count: int, page: int) -> list[FlattrRow]: raise NotImplementedError
    def activities_of(self, username: str, *, incoming: bool, count: int = 30) -> list[ActivityRow]: raise NotImplementedError
    def search(self, search: ThingSearch, *, count: int, page: int) -> tuple[int, list[ThingRow]]: raise NotImplementedError
    def lookup(self, url: str) -> ThingRow | None: raise NotImplementedError
    def has_flattred(self, username: str, thing_ids: Sequence[int]) -> frozenset[int]: raise NotImplementedError
    def has_subscribed(self, username: str, thing_ids: Sequence[int]) -> frozenset[int]: raise NotImplementedError
    def subscriptions_of(self, username: str) -> list[SubscriptionRow]: raise NotImplementedError

    # writing -- each raises rows.Refused with Flattr's code, and then nothing has changed
    def flattr(self, username: str, thing_id: int) -> ThingRow: raise NotImplementedError
    def create_thing(self, username: str, draft: ThingDraft) -> ThingRow: raise NotImplementedError
    def update_thing(self, username: str, thing_id: int, draft: ThingDraft) -> ThingRow: raise NotImplementedError
    def delete_thing(self, username: str, thing_id: int) -> None: raise NotImplementedError
    def subscribe(self, username: str, thing_id: int) -> ThingRow: raise NotImplementedError
    def toggle_subscription(self, username: str, thing_id: int) -> bool: raise NotImplementedError
    def unsubscribe(self, username: str, thing_id: int) -> None: raise NotImplementedError
    def discover(self, url: str) -> ThingRow: raise NotImplementedError

    # authorization -- codes and tokens survive a restart; a code is spent once
    def keep_code(self, code: str, fields: dict[str, str]) -> None: raise NotImplementedError
    def spend_code(self, code: str) -> dict[str, str] | None: raise NotImplementedError
    def keep_token(self, token: Token) -> None: raise NotImplementedError
    def token(self, token: str) -> Token | None: raise NotImplementedError
    def revoke_token(self, token: str) -> None: raise NotImplementedError

    # the tests' hand on the world
    def insert_flattr(self, username: str, thing_id: int, created_at: int) -> int: raise NotImplementedError
    def remove_flattr(self, flattr_id: int) -> None: raise NotImplementedError
    def set_budget(self, username: str, flattrs: int) -> None: raise NotImplementedError
