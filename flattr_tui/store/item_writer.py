"""Writes items into the catalogue: one row per item, source and account, with columns for sorting and searching.

If a response leaves out a field, the stored value of the field stays.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import fold_username
from flattr_tui.model.entities import Activity, Choice, Entity, Flattr, Subscription, Thing, User
from flattr_tui.store import text_query_sql
from flattr_tui.store.catalogue_schema import ItemKind, decode_fields, encode
from flattr_tui.store.change_log import log_recount

Fields = dict[str, Any]
OWNER = "by"
"""Name of the field of a stored thing that contains its owner's user name.

The owner is stored as an item of its own.
"""
_TITLE_LENGTH = 120
"""Number of characters of a title that are used for sorting."""
_PART: Final = 500
"""Number of entities that are written between two calls of `check`. Writing them takes 0.1 s."""
_FlattrKey = tuple[int, int | None, int]
"""The id of a flattr's thing, the flattr's time, and the id of the person: together they identify a flattr."""


class StoredItem(NamedTuple):
    """The ids and the time of an item that `ItemWriter` has written. `catalogue_schema.SCHEMA` explains them."""

    item: int
    subject: int
    person: int
    """The id of the person who gave the flattr; 0 if unknown, or if the item is not a flattr."""
    time: int | None
    """When the item was created, in Unix seconds; None if unknown."""


class _Change(NamedTuple):
    item: int
    old: Fields
    fields: Fields
    is_new: bool


class _NewItem(NamedTuple):
    """The columns of a new item. Columns with the same value for all items of a response are left out."""

    id: int
    key: str | None
    subject: int
    time: int | None = None
    person: int | None = None
    title: str | None = None
    owner: str | None = None
    flattrs: int | None = None
    category: str | None = None
    language: str | None = None
    url: str | None = None
    hidden: bool | None = None


_INSERT: Final = (
    f"INSERT INTO item (scope, kind, fetched_at, {', '.join(_NewItem._fields)})"
    f" VALUES (?, ?, ?{', ?' * len(_NewItem._fields)})"
)


class ItemWriter:
    """Writes the entities of one response, in the transaction of `connection`.

    `scope` is the id of the response's source and account, and `at` is when it was served (Unix seconds). `check` is
    called between the parts of a long API page. If it raises an exception, the writing stops, and the exception is
    passed on.
    """

    def __init__(
        self, connection: sqlite3.Connection, scope: int, at: float, check: Callable[[], None] | None = None
    ) -> None:
        self._connection = connection
        self._check = check
        self._scope = scope
        self._at = at
        """When the response was served, in Unix seconds. Fields of a newer response are not overwritten."""
        self._first = self._next = 1 + (connection.execute("SELECT max(id) FROM item").fetchone()[0] or 0)
        self._flattrs: dict[_FlattrKey, int] = {}
        """Ids of the flattrs that are new with this response."""
        self._words: list[tuple[int, str, str, str, str]] = []
        """The id and the normalized texts of each new item, which `_insert` writes together."""
        self.recounted = 0
        """Number of stored things whose number of flattrs has changed."""
        self.changed = False
        """Whether any item was added or changed."""

    def write(self, entities: Sequence[Entity]) -> list[StoredItem]:
        """Write the entities that are new or have changed.

        Returns a `StoredItem` for each entity that is an item, also for those that have not changed, in the given
        order.
        """
        written: list[StoredItem] = []
        for start in range(0, len(entities), _PART):
            if self._check is not None:
                self._check()
            written += self._write_part(entities[start : start + _PART])
        return written

    def _write_part(self, entities: Sequence[Entity]) -> list[StoredItem]:
        users = _Users()
        things: dict[str, Fields] = {}
        for entity in entities:
            if isinstance(entity, Flattr | Subscription):
                _collect_thing(entity.thing, things, users)
            if isinstance(entity, Thing):
                _collect_thing(entity, things, users)
            elif isinstance(entity, User):
                users.add(entity)
            elif isinstance(entity, Flattr) and entity.owner:
                users.add(entity.owner)
        people = self._write_users(users.fields)
        held = self._write_things(things)
        known = len(self._flattrs)
        if entities and isinstance(entities[0], Flattr):
            written = self._write_flattrs([entity for entity in entities if isinstance(entity, Flattr)], people, held)
        else:
            found = (self._write_entity(entity, people, held) for entity in entities)
            written = [placed for placed in found if placed is not None]
        new = islice(self._flattrs.items(), known, None)
        self._insert(
            ItemKind.FLATTR,
            [_NewItem(item, None, subject, time, person or None) for (subject, time, person), item in new],
        )
        return written

    def _write_entity(self, entity: Entity, people: Mapping[str, int], things: Mapping[str, int]) -> StoredItem | None:
        match entity:
            case User():
                key = people[fold_username(entity.username)]
                return StoredItem(key, key, 0, None)
            case Thing():
                key = things[entity.key]
                return StoredItem(key, key, 0, entity.created_at)
            case Subscription():
                subject = things[entity.thing.key]
                fields = _known_fields(entity)
                fields.pop("thing")
                item = self._upsert(
                    ItemKind.SUBSCRIPTION, {entity.key: fields}, time=entity.created_at, subject=subject
                )
                return StoredItem(item[entity.key], subject, 0, entity.created_at)
            case Activity():
                item = self._upsert(ItemKind.ACTIVITY, {entity.id: _known_fields(entity)}, time=entity.published)
                return StoredItem(item[entity.id], item[entity.id], 0, entity.published)
            case Choice():
                item = self._upsert(ItemKind.CHOICE, {entity.id: _known_fields(entity)})
                return StoredItem(item[entity.id], item[entity.id], 0, None)
        return None

    def _write_flattrs(
        self, flattrs: Sequence[Flattr], people: Mapping[str, int], things: Mapping[str, int]
    ) -> list[StoredItem]:
        keys: list[_FlattrKey] = [
            (
                things[flattr.thing.key],
                flattr.created_at,
                people[fold_username(flattr.owner.username)] if flattr.owner else 0,
            )
            for flattr in flattrs
        ]
        stored = self._find_flattrs([key for key in keys if key not in self._flattrs and key[0] < self._first])
        written: list[StoredItem] = []
        for key in keys:
            item = stored.get(key) or self._flattrs.get(key)
            if item is None:
                item = self._flattrs[key] = self._reserve_id()
            subject, time, person = key
            written.append(StoredItem(item, subject, person, time))
        return written

    def _find_flattrs(self, keys: Sequence[_FlattrKey]) -> dict[_FlattrKey, int]:
        """Return the ids of those flattrs that are stored already, by key. Their time of fetching is updated."""
        found = self._connection.execute(
            "SELECT i.subject, i.time, coalesce(i.person, 0), i.id, i.fetched_at FROM json_each(?) j"
            " CROSS JOIN item i INDEXED BY item_subject ON i.subject = json_extract(j.value, '$[0]') AND i.kind = 2"
            " AND i.time IS json_extract(j.value, '$[1]') AND i.person IS nullif(json_extract(j.value, '$[2]'), 0)",
            (json.dumps(keys),),
        ).fetchall()
        self._touch([row[3] for row in found if row[4] < self._at])
        return {row[:3]: row[3] for row in found}

    def _touch(self, ids: Sequence[int]) -> None:
        """Set the time of fetching of these items to the time of the response that is being written."""
        self._connection.executemany(
            "UPDATE item SET fetched_at = ? WHERE id = ?", [(self._at, item) for item in sorted(ids)]
        )

    def _reserve_id(self) -> int:
        item = self._next
        self._next += 1
        self.changed = True
        return item

    def _insert(self, kind: ItemKind, items: Sequence[_NewItem]) -> None:
        """Insert new items with all their columns, and their words into the index.

        The columns are written together, because writing some of them later would update ten indexes twice.
        """
        self._connection.executemany(_INSERT, [(self._scope, kind, self._at, *item) for item in items])
        self._connection.executemany("INSERT OR REPLACE INTO text VALUES (?, ?, ?, ?, ?)", self._words)
        self._connection.executemany(
            "INSERT INTO words (rowid, title, description, tags, owner) VALUES (?, ?, ?, ?, ?)", self._words
        )
        self._words.clear()

    def _upsert(
        self, kind: ItemKind, fields_by_key: Mapping[str, Fields], *, time: int | None = None, subject: int = 0
    ) -> dict[str, int]:
        """Insert or update items of any kind except users, things and flattrs, and return the items' ids by key.

        `fields_by_key` has the fields of each item by the item's key. `time` is when the items were created (Unix
        seconds; None if unknown). `subject` is the id of the thing that the items are about; 0 if they are about no
        thing.
        """
        ids, changed = self._merge(kind, fields_by_key)
        new = {change.item for change in changed.values() if change.is_new}
        titles: dict[int, str] = {}
        for key, item in ids.items():
            if kind is ItemKind.ACTIVITY:
                fields = fields_by_key[key]
                title, name, actor = (fields.get(part) or "" for part in ("title", "object_name", "actor_name"))
                titles[item] = text_query_sql.fold(name or title)[:_TITLE_LENGTH]
                text = text_query_sql.fold(" ".join(filter(None, (title, name))))
                self._index_texts(item, (text, "", "", text_query_sql.fold(actor)), is_new=item in new)
            if item not in new and (subject or time is not None):
                self._connection.execute(
                    "UPDATE item SET time = coalesce(?, time), subject = ?, title = ? WHERE id = ?",
                    (time, subject or item, titles.get(item), item),
                )
        rows = ((key, item) for key, item in ids.items() if item in new)
        self._insert(kind, [_NewItem(item, key, subject or item, time, title=titles.get(item)) for key, item in rows])
        return ids

    def _merge(self, kind: ItemKind, fields_by_key: Mapping[str, Fields]) -> tuple[dict[str, int], dict[str, _Change]]:
        """Merge the fields of items with the fields that are stored, and store the results.

        Returns two dictionaries by key: the ids of all the items, and what has changed. A new item gets an id here, but
        the caller must insert its row into the table `item`.
        """
        connection = self._connection
        ids: dict[str, int] = {}
        changed: dict[str, _Change] = {}
        older: list[int] = []
        for key, item, fetched_at, body in connection.execute(
            # CROSS makes SQLite look up key by key; otherwise it scans all items of the kind.
            "SELECT j.value, i.id, i.fetched_at, b.entity FROM json_each(?) j"
            " CROSS JOIN item i ON i.scope = ? AND i.kind = ? AND i.key = j.value JOIN body b ON b.id = i.id",
            (json.dumps(list(fields_by_key)), self._scope, kind),
        ):
            ids[key] = item
            old, new = decode_fields(body), fields_by_key[key]
            if not new.items() <= old.items():
                merged = {**old, **new} if self._at >= fetched_at else {**new, **old}
                if merged != old:
                    changed[key] = _Change(item, old, merged, is_new=False)
            if self._at > fetched_at:
                older.append(item)
        self._touch(older)
        for key, fields in fields_by_key.items():
            if key not in ids:
                ids[key] = self._reserve_id()
                changed[key] = _Change(ids[key], {}, fields, is_new=True)
        connection.executemany(
            "INSERT OR REPLACE INTO body VALUES (?, ?)",
            [(change.item, encode(change.fields)) for change in changed.values()],
        )
        self.changed |= bool(changed)
        return ids, changed

    def _write_users(self, fields_by_key: Mapping[str, Fields]) -> dict[str, int]:
        ids, changed = self._merge(ItemKind.USER, fields_by_key)
        new: list[_NewItem] = []
        for item, old, fields, is_new in changed.values():
            name = fields["username"]
            about = " ".join(filter(None, (fields.get(part) for part in ("about", "city", "country"))))
            named = searchable_name(name, fields)
            title = text_query_sql.fold(named)
            columns = (name, title[:_TITLE_LENGTH], name.lower())
            if is_new:
                new.append(_NewItem(item, name, item, title=columns[1], owner=columns[2]))
            else:
                self._connection.execute("UPDATE item SET key = ?, title = ?, owner = ? WHERE id = ?", (*columns, item))
            self._index_texts(item, (title, text_query_sql.fold(about), "", ""), is_new=is_new)
            if old and searchable_name(name, old) != named:
                self._reindex_things_of(item, title)
        self._insert(ItemKind.USER, new)
        return ids

    def _reindex_things_of(self, person: int, name: str) -> None:
        """Index all things of a person again, because the person's normalized name has changed to `name`."""
        for item, title, description, tags in self._connection.execute(
            "SELECT t.id, t.title, t.description, t.tags FROM item i JOIN text t ON t.id = i.id"
            " WHERE i.person = ? AND i.kind = 1",
            (person,),
        ).fetchall():
            self._index_texts(item, (title, description, tags, name), is_new=False)

    def _write_things(self, fields_by_key: Mapping[str, Fields]) -> dict[str, int]:
        ids, changed = self._merge(ItemKind.THING, fields_by_key)
        owners = self._find_owners({change.fields.get(OWNER, "") for change in changed.values()})
        new: list[_NewItem] = []
        untagged: list[tuple[str, int]] = []
        tagged: list[tuple[str, int]] = []
        for key, (item, old, fields, is_new) in changed.items():
            before, count = old.get("flattrs"), fields.get("flattrs")
            if before is not None and count is not None and before != count:
                self.recounted += 1
                log_recount(self._connection, self._scope, item, self._at, before, count)
            username = fields.get(OWNER, "")
            owner, named = owners.get(username, (None, ""))
            title = text_query_sql.fold(fields.get("title", ""))
            columns = _NewItem(
                item,
                key,
                item,
                fields.get("created_at"),
                owner,
                title[:_TITLE_LENGTH],
                username.lower() or None,
                fields.get("flattrs"),
                fields.get("category"),
                fields.get("language"),
                fields.get("url", "").rstrip("/") or None,
                fields.get("hidden"),
            )
            if is_new:
                new.append(columns)
            else:
                self._connection.execute(
                    "UPDATE item SET time = ?, person = ?, title = ?, owner = ?, flattrs = ?, category = ?,"
                    " language = ?, url = ?, hidden = ? WHERE id = ?",
                    (*columns[3:], item),
                )
            tags_before, tags = old.get("tags", []), fields.get("tags", [])
            description = text_query_sql.fold(fields.get("description", ""))
            words = text_query_sql.fold(", ".join(tags))
            self._index_texts(item, (title, description, words, named), is_new=is_new)
            if tags_before != tags:
                before_folded, after_folded = ({tag.casefold() for tag in some} for some in (tags_before, tags))
                untagged += [(tag, item) for tag in before_folded - after_folded]
                tagged += [(tag, item) for tag in after_folded - before_folded]
        self._connection.executemany("DELETE FROM tag WHERE folded = ? AND item = ?", untagged)
        self._connection.executemany("INSERT OR IGNORE INTO tag VALUES (?, ?)", tagged)
        self._insert(ItemKind.THING, new)
        return ids

    def _find_owners(self, usernames: Iterable[str]) -> dict[str, tuple[int, str]]:
        """Return the item id and the normalized names of each user, by user name. Unknown users are left out."""
        found = self._connection.execute(
            "SELECT j.value, i.id, t.title FROM json_each(?) j"
            " CROSS JOIN item i ON i.scope = ? AND i.kind = 0 AND i.key = j.value JOIN text t ON t.id = i.id",
            (json.dumps(list(usernames)), self._scope),
        )
        return {username: (item, named) for username, item, named in found}

    def _index_texts(self, item: int, folded: tuple[str, str, str, str], *, is_new: bool) -> None:
        """Index the title, description, tags and owner of an item. They are normalized by `text_query_sql.fold`.

        With `is_new`, they are only added to `_words`. The method `_insert` indexes them together with the new items.
        """
        if is_new:
            self._words.append((item, *folded))
            return
        connection = self._connection
        old = connection.execute("SELECT title, description, tags, owner FROM text WHERE id = ?", (item,)).fetchone()
        if old == folded:
            return
        if old is not None:
            connection.execute(
                "INSERT INTO words (words, rowid, title, description, tags, owner) VALUES ('delete', ?, ?, ?, ?, ?)",
                (item, *old),
            )
        connection.execute("INSERT OR REPLACE INTO text VALUES (?, ?, ?, ?, ?)", (item, *folded))
        connection.execute(
            "INSERT INTO words (rowid, title, description, tags, owner) VALUES (?, ?, ?, ?, ?)", (item, *folded)
        )


def searchable_name(username: str, fields: Fields) -> str:
    """Return the words by which a person is found: user name, first name and last name, as far as they are known."""
    return " ".join(filter(None, (username, fields.get("firstname"), fields.get("lastname"))))


def _known_fields(entity: msgspec.Struct) -> Fields:
    """Return the fields of an entity that the server has sent. A title of "" counts as not sent."""
    fields = {name: value for name, value in msgspec.structs.asdict(entity).items() if value is not None}
    if fields.get("title") == "":
        del fields["title"]
    return fields


def _merge_fields(found: dict[str, Fields], key: str, fields: Fields) -> None:
    found[key] = {**found[key], **fields} if key in found else fields


class _Users:
    """Collects the users in a response, each once. In a list, nearly every item repeats the same few users."""

    def __init__(self) -> None:
        self.fields: dict[str, Fields] = {}
        """The fields of each user, by user name in lower case."""
        self._last: dict[str, User] = {}

    def add(self, user: User) -> None:
        """Add a user who occurs in an item. If the user was added before, later fields replace earlier ones."""
        if self._last.get(user.username) != user:
            self._last[user.username] = user
            _merge_fields(self.fields, fold_username(user.username), _known_fields(user))


def _collect_thing(thing: Thing, things: dict[str, Fields], users: _Users) -> None:
    fields = _known_fields(thing)
    owner = fields.pop("owner", None)
    if "tags" in fields:
        fields["tags"] = list(fields["tags"])
    if owner is not None:
        fields[OWNER] = owner.username
        users.add(owner)
    _merge_fields(things, thing.key, fields)


def delete_scope(connection: sqlite3.Connection, scope: int) -> None:
    """Delete all items, lists and single objects of the source and account that the id `scope` stands for."""
    mine = "SELECT id FROM item WHERE scope = ?"
    connection.execute(
        "INSERT INTO words (words, rowid, title, description, tags, owner)"
        f" SELECT 'delete', id, title, description, tags, owner FROM text WHERE id IN ({mine})",
        (scope,),
    )
    for table, column in (("text", "id"), ("body", "id"), ("tag", "item")):
        connection.execute(f"DELETE FROM {table} WHERE {column} IN ({mine})", (scope,))
    for table in ("block", "member", "page", "origin"):
        connection.execute(f"DELETE FROM {table} WHERE feed IN (SELECT id FROM feed WHERE scope = ?)", (scope,))
    for table in ("feed", "record", "change", "item"):
        connection.execute(f"DELETE FROM {table} WHERE scope = ?", (scope,))
