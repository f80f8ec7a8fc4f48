"""The log of changes: items that a response has added to a list or removed, and changed numbers of flattrs.

The log is a part of the catalogue, and is derived from the saved responses, too. The items that a list had when it was
first read are not changes: only items newer than the newest item on its first API page count as added. An item counts
as gone once a response proves that the list no longer has it (see `store.list_page_merger`).
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from flattr_tui.model.api_request import OWN_METHODS, USER_LISTS, fold_username
from flattr_tui.store.catalogue_schema import ItemKind, Scope
from flattr_tui.store.item_reader import ReadQuery

MAX_CHANGES: Final = 20_000
"""Maximum number of changes in the log, for all sources together. Older ones are deleted."""
LOGGED_METHODS: Final = frozenset([*USER_LISTS, *(OWN_METHODS[method] for method in USER_LISTS)])
"""The API methods of lists whose changes are logged: one user's lists, which grow at the top."""

SCHEMA: Final[tuple[str, ...]] = (
    # `at`: when the response was fetched. `feed`: the list, 0 for a change of a count, which is from `old` to `new`.
    """CREATE TABLE change (
        id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, feed INTEGER NOT NULL, kind INTEGER NOT NULL,
        item INTEGER NOT NULL, at REAL NOT NULL, old INTEGER, new INTEGER)""",
    "CREATE INDEX change_list ON change (feed, item)",
)


class LoggedChangeKind(IntEnum):
    """What happened to an item. The numbers are stored in the table, so never change them."""

    ADDED = 0
    GONE = 1
    RECOUNTED = 2
    """A thing's number of flattrs has changed."""


class LoggedChange(NamedTuple):
    """One logged change: a list has gained or lost an item, or a thing's number of flattrs has changed."""

    kind: LoggedChangeKind
    at: float
    """When the response that showed the change was fetched, in Unix seconds."""
    item: int
    """The item's id, for `Catalogue.read_items`."""
    item_kind: ItemKind
    key: str
    """Identifies the item among all items of its kind at the source, whichever account received it."""
    time: int | None
    """When the item was created, in Unix seconds; None if unknown."""
    username: str
    """The user whose list changed, or who owns the thing, in lower case; "" if unknown."""
    source: str
    old: int = 0
    new: int = 0
    """The new number of flattrs; `old` is the previous one. Both are 0 unless that number changed."""


def log_list_changes(
    connection: sqlite3.Connection,
    scope: int,
    list_id: int,
    added: Mapping[int, int],
    gone: Collection[int],
    at: float,
    *,
    since: float,
) -> None:
    """Log the items that a list has gained and lost.

    `added` maps the ids of the gained items to their times (Unix seconds), and `gone` has the ids of the lost items.
    Gained items that are not later than `since` were in the list before it was first read, and are not logged. `scope`
    is the id of the list's source and account, and `at` is when the response was fetched. If a gained item was logged
    as lost before, that entry is deleted, and no new one is made: the item only seemed to be gone, because the list
    moved between two requests, or was hidden for a while.
    """
    back = {
        item
        for (item,) in connection.execute(
            "SELECT item FROM change WHERE feed = ? AND kind = ? AND item IN (SELECT value FROM json_each(?))",
            (list_id, LoggedChangeKind.GONE, json.dumps(list(added))),
        ).fetchall()
    }
    connection.executemany(
        "DELETE FROM change WHERE feed = ? AND item = ? AND kind = ?",
        [(list_id, item, LoggedChangeKind.GONE) for item in back],
    )
    new = sorted((item for item in added.keys() - back if added[item] > since), key=lambda item: added[item])
    changes = [(item, LoggedChangeKind.ADDED) for item in new] + [
        (item, LoggedChangeKind.GONE) for item in sorted(gone)
    ]
    connection.executemany(
        "INSERT INTO change (scope, feed, kind, item, at) VALUES (?, ?, ?, ?, ?)",
        [(scope, list_id, kind, item, at) for item, kind in changes],
    )
    if changes:
        _prune(connection)


def log_recount(connection: sqlite3.Connection, scope: int, item: int, at: float, old: int, new: int) -> None:
    """Log that the number of a thing's flattrs has changed from `old` to `new`.

    `scope` is the id of the source and account of the response that shows it, `at` is when that response was fetched
    (Unix seconds), and `item` is the thing's item id.
    """
    connection.execute(
        "INSERT INTO change (scope, feed, kind, item, at, old, new) VALUES (?, 0, ?, ?, ?, ?, ?)",
        (scope, LoggedChangeKind.RECOUNTED, item, at, old, new),
    )
    _prune(connection)


def forget_list_changes(connection: sqlite3.Connection, list_id: int) -> None:
    """Delete the logged changes of a list.

    Call this before the list is rebuilt, because the rebuild logs the same changes again.
    """
    connection.execute("DELETE FROM change WHERE feed = ?", (list_id,))


def _prune(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?", (MAX_CHANGES,))


def read_changes(read: ReadQuery, scope: Scope, *, everywhere: bool, since: float = 0.0) -> list[LoggedChange]:
    """Return the changes since a time (Unix seconds) that the scope's account may see, the latest first.

    With `everywhere`, changes at all sources are returned, otherwise only changes at the scope's source.
    """
    rows = read(
        "SELECT c.kind, c.at, c.item, i.kind, coalesce(i.key, ''), coalesce(t.key, ''), i.time,"
        " coalesce(f.arguments, '{}'), coalesce(i.owner, ''), s.source, s.account, c.old, c.new"
        " FROM change c JOIN scope s ON s.id = c.scope JOIN item i ON i.id = c.item"
        " LEFT JOIN item t ON t.id = i.subject LEFT JOIN feed f ON f.id = c.feed"
        " WHERE c.at >= ? AND (? OR s.source = ?) AND s.account IN (?, '')"
        " ORDER BY c.at DESC, i.time DESC, c.item DESC, c.kind",
        (since, everywhere, scope.source, scope.account),
    )
    changes: list[LoggedChange] = []
    for kind, at, item, item_kind, key, thing, time, arguments, owner, source, account, old, new in rows:
        is_list = kind != LoggedChangeKind.RECOUNTED
        username = fold_username(dict(json.loads(arguments)).get("username") or account) if is_list else owner
        name = f"{username}/{thing}/{time or 0}" if item_kind == ItemKind.FLATTR else key
        changes.append(
            LoggedChange(
                LoggedChangeKind(kind), at, item, ItemKind(item_kind), name, time, username, source, old or 0, new or 0
            )
        )
    return changes
