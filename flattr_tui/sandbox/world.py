"""The sandbox's data with all its changes: one SQLite file (or `:memory:`), generated from a number at the first use.

Each change is one transaction. If a change is refused, nothing has changed. Source: `flattr/developers.flattr.net`,
content/api/resources/{flattrs,things,subscriptions}.md.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from flattr_tui.sandbox.data_reader import DataReader, PageEnds, check_address
from flattr_tui.sandbox.data_search import DataSearch
from flattr_tui.sandbox.database import Store, open_store
from flattr_tui.sandbox.models import Refused, ThingDraft, ThingRow, Token, UserRow

COLUMNS = ("title", "description", "category", "language")


class DataWriter(DataReader):
    """The part of `World` that changes the sandbox's data.

    Methods that act for a user raise `Refused('unauthorized')` if there is no such user, and `Refused('not_found')` if
    there is no such thing or subscription.
    """

    _store: Store
    _clock: Callable[[], float]

    def _now(self) -> int:
        return int(self._clock())

    def _actor_and_thing(self, username: str, thing_id: int) -> tuple[UserRow, ThingRow]:
        user, thing = self.user(username), self.thing(thing_id)
        if user is None:
            raise Refused("unauthorized", "You are unauthorized to access the resource")
        if thing is None:
            raise Refused("not_found", "The thing could not be found")
        return user, thing

    def flattr(self, username: str, thing_id: int) -> ThingRow:
        """Flattr a thing, and return it with the new number of flattrs.

        Raises `Refused`: `flattr_once` if the user has flattred the thing in this calendar month (UTC), `flattr_owner`
        if it is the user's own, and `no_means` if the user's budget is used up.
        """
        with self._store.transaction() as connection:
            user, thing = self._actor_and_thing(username, thing_id)
            if thing.owner.id == user.id:
                raise Refused("flattr_owner", "The user is the owner of the thing")
            month = datetime.fromtimestamp(self._now(), UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            again = connection.execute(
                "SELECT 1 FROM flattrs WHERE user = ? AND thing = ? AND created_at >= ?",
                (user.id, thing_id, int(month.timestamp())),
            ).fetchone()
            if again:
                raise Refused("flattr_once", "The current user have already flattred the thing")
            if user.budget <= 0:
                raise Refused("no_means", "User has no means to flattr")
            connection.execute("UPDATE users SET budget = budget - 1 WHERE id = ?", (user.id,))
            self._insert_flattr(connection, user.id, thing_id, self._now())
        return self._thing_now(thing_id)

    @staticmethod
    def _insert_flattr(connection: sqlite3.Connection, user: int, thing: int, at: int) -> int:
        cursor = connection.execute("INSERT INTO flattrs (user, thing, created_at) VALUES (?, ?, ?)", (user, thing, at))
        DataWriter._update_counts(connection, thing)
        return int(cursor.lastrowid or 0)

    @staticmethod
    def _update_counts(connection: sqlite3.Connection, thing: int) -> None:
        connection.execute(
            "UPDATE things SET (flattrs, flattrs_user_count, last_flattr_at) = (SELECT count(*), count(DISTINCT user),"
            " coalesce(max(created_at), 0) FROM flattrs WHERE thing = things.id) WHERE id = ?",
            (thing,),
        )

    def _thing_now(self, thing_id: int) -> ThingRow:
        thing = self.thing(thing_id)
        if thing is None:
            raise Refused("not_found", "The thing could not be found")
        return thing

    def discover(self, url: str) -> ThingRow:
        """Return the thing with an address. If there is none, create it.

        A thing can be created for an auto-submit URL that names a known user (content/auto-submit/index.md), and for an
        address that says who the owner is (`data_reader.discover`). Raises `Refused` for other addresses.
        """
        found = self.lookup(url)
        if found is not None:
            return found
        made = self.submittable(url)
        if made is None:
            raise Refused("not_found", "No thing was found for the url")
        return self.create_thing(*made)

    def flattr_address(self, username: str, url: str) -> ThingRow:
        """Flattr the thing with an address, creating it if there is none. Returns it with the new number of flattrs.

        Raises `Refused` if no thing can be created for the address, or if the flattr is refused (`flattr_once`,
        `flattr_owner`, `no_means`). A refused flattr creates no thing.
        """
        found = self.lookup(url)
        if found is None:
            user, made = self.user(username), self.submittable(url)
            if user is not None and made is not None and made[0] == user.username:
                raise Refused("flattr_owner", "The user is the owner of the thing")
            if user is not None and user.budget <= 0:
                raise Refused("no_means", "User has no means to flattr")
            found = self.discover(url)
        return self.flattr(username, found.id)

    def create_thing(self, username: str, draft: ThingDraft) -> ThingRow:
        """Create a thing and return it. Raises `Refused('validation')` if the address is invalid or already taken."""
        check_address(draft.url or "")
        with self._store.transaction() as connection:
            user = self.user(username)
            if user is None:
                raise Refused("unauthorized", "You are unauthorized to access the resource")
            if self.lookup(draft.url or "") is not None:
                raise Refused("validation", "A thing with this url exists already")
            cursor = connection.execute(
                "INSERT INTO things (owner, url, title, description, tags, language, category, created_at, hidden)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    user.id, draft.url, draft.title or draft.url, draft.description or "", ",".join(draft.tags or ()),
                    draft.language or "en_GB", draft.category or "rest", self._now(), bool(draft.hidden),
                ),
            )  # fmt: skip
            key = int(cursor.lastrowid or 0)
            self._index_words(connection, key)
        return self._thing_now(key)

    @staticmethod
    def _index_words(connection: sqlite3.Connection, key: int) -> None:
        connection.execute("DELETE FROM words WHERE rowid = ?", (key,))
        connection.execute(
            "INSERT INTO words (rowid, title, description, tags, owner) SELECT t.id, t.title, t.description, t.tags,"
            " u.username || ' ' || u.firstname || ' ' || u.lastname FROM things t JOIN users u ON u.id = t.owner"
            " WHERE t.id = ?",
            (key,),
        )

    def _own_thing(self, username: str, thing_id: int) -> ThingRow:
        user, thing = self._actor_and_thing(username, thing_id)
        if thing.owner.id != user.id:
            raise Refused("forbidden", "You are not the owner of the thing")
        return thing

    def update_thing(self, username: str, thing_id: int, draft: ThingDraft) -> ThingRow:
        """Change a thing of the user, and return the changed thing.

        Fields that are None in `draft` stay as they are, and so does the address. Raises `Refused('forbidden')` for
        another user's thing.
        """
        changes: dict[str, object] = {
            name: getattr(draft, name) for name in COLUMNS if getattr(draft, name) is not None
        }
        if draft.tags is not None:
            changes["tags"] = ",".join(draft.tags)
        if draft.hidden is not None:
            changes["hidden"] = draft.hidden
        with self._store.transaction() as connection:
            self._own_thing(username, thing_id)
            if changes:
                changes["updated_at"] = self._now()
                sets = ", ".join(f"{name} = ?" for name in changes)
                connection.execute(f"UPDATE things SET {sets} WHERE id = ?", (*changes.values(), thing_id))
                self._index_words(connection, thing_id)
        return self._thing_now(thing_id)

    def delete_thing(self, username: str, thing_id: int) -> None:
        """Delete a thing of the user, with its flattrs and subscriptions. Raises `Refused` for another user's thing."""
        with self._store.transaction() as connection:
            self._own_thing(username, thing_id)
            for table, column in (
                ("flattrs", "thing"),
                ("subscriptions", "thing"),
                ("things", "id"),
                ("words", "rowid"),
            ):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (thing_id,))

    def subscribe(self, username: str, thing_id: int) -> ThingRow:
        """Subscribe the user to a thing, and return the thing.

        Raises `Refused`: `thing_owner` if it is the user's own thing, `subscribed` if the user is subscribed to it
        already.
        """
        with self._store.transaction() as connection:
            user, thing = self._actor_and_thing(username, thing_id)
            if thing.owner.id == user.id:
                raise Refused("thing_owner", "You can not subscribe to your own thing")
            if thing_id in self.has_subscribed(username, [thing_id]):
                raise Refused("subscribed", "You are already subscribed to the thing")
            connection.execute(
                "INSERT INTO subscriptions VALUES (?, ?, 1, ?, ?)", (user.id, thing_id, self._now(), self._now())
            )
        return self._thing_now(thing_id)

    def toggle_subscription(self, username: str, thing_id: int) -> bool:
        """Pause or resume the user's subscription to a thing. Returns whether the subscription is active now."""
        with self._store.transaction() as connection:
            user, _ = self._actor_and_subscribed_thing(username, thing_id)
            connection.execute(
                "UPDATE subscriptions SET active = NOT active, started_at ="
                " CASE active WHEN 0 THEN ? ELSE started_at END WHERE user = ? AND thing = ?",
                (self._now(), user.id, thing_id),
            )
            row = connection.execute(
                "SELECT active FROM subscriptions WHERE user = ? AND thing = ?", (user.id, thing_id)
            ).fetchone()
            return bool(row[0])

    def unsubscribe(self, username: str, thing_id: int) -> None:
        """End the user's subscription to a thing."""
        with self._store.transaction() as connection:
            user, _ = self._actor_and_subscribed_thing(username, thing_id)
            connection.execute("DELETE FROM subscriptions WHERE user = ? AND thing = ?", (user.id, thing_id))

    def _actor_and_subscribed_thing(self, username: str, thing_id: int) -> tuple[UserRow, ThingRow]:
        user, thing = self._actor_and_thing(username, thing_id)
        if thing_id not in self.has_subscribed(username, [thing_id]):
            raise Refused("not_found", "You are not subscribed to the thing")
        return user, thing

    # -- authorization

    def store_code(self, code: str, fields: dict[str, str]) -> None:
        """Store an authorization code. `fields` are the details of its grant, such as the user and the scopes."""
        with self._store.transaction() as connection:
            connection.execute("INSERT INTO codes VALUES (?, ?)", (code, json.dumps(fields)))

    def spend_code(self, code: str) -> dict[str, str] | None:
        """Return the details of an authorization code, and delete the code; None if it is unknown or was used."""
        with self._store.transaction() as connection:
            row = connection.execute("DELETE FROM codes WHERE code = ? RETURNING fields", (code,)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def store_token(self, token: Token) -> None:
        """Store an access token."""
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?)",
                (token.token, token.username, token.client_id, " ".join(sorted(token.scopes))),
            )

    def token(self, token: str) -> Token | None:
        """Return the details of an access token; None if it is unknown."""
        row = self._store.one("SELECT * FROM tokens WHERE token = ?", token)
        return Token(row["token"], row["username"], row["client_id"], frozenset(row["scopes"].split())) if row else None

    def revoke_token(self, token: str) -> None:
        """Delete an access token. An unknown token is ignored."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM tokens WHERE token = ?", (token,))

    # -- for tests and injected faults

    def insert_flattr(self, username: str, thing_id: int, created_at: int) -> int:
        """Insert a flattr that was given at `created_at` (Unix seconds), and return its id.

        The rules of the service, such as one flattr a month, are not applied.
        """
        with self._store.transaction() as connection:
            user, _ = self._actor_and_thing(username, thing_id)
            return self._insert_flattr(connection, user.id, thing_id, created_at)

    def remove_flattr(self, flattr_id: int) -> None:
        """Delete a flattr. An unknown id is ignored."""
        with self._store.transaction() as connection:
            row = connection.execute("DELETE FROM flattrs WHERE id = ? RETURNING thing", (flattr_id,)).fetchone()
            if row:
                self._update_counts(connection, row[0])

    def set_budget(self, username: str, flattrs: int) -> None:
        """Set the number of flattrs that a user can still give."""
        with self._store.transaction() as connection:
            connection.execute("UPDATE users SET budget = ? WHERE username = ?", (flattrs, username))


class World(DataWriter, DataSearch):
    """All data of the sandbox: users, things, flattrs, subscriptions and tokens. Threads and processes may share it."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._page_ends = PageEnds()

    @classmethod
    def open(
        cls, path: Path | None, *, seed: int = 1, scale: int = 0, clock: Callable[[], float] | None = None
    ) -> Self:
        """Open the sandbox's data at `path` (None: in memory). New data is generated from the number `seed`.

        If `scale` is not 0, new data has a user `collector` with that many flattrs. Generated data ends with 2017.
        Later changes get their times from `clock` (Unix seconds; None: the machine's clock). Raises `StorageError`, an
        `OSError`, if the file can neither be opened nor created.
        """
        return cls(open_store(path, seed=seed, scale=scale), clock or time.time)

    def close(self) -> None:
        """Close the SQLite file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
