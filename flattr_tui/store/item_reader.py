"""Reads items and single objects from the catalogue as entities, together with the entities that they refer to."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity, Flattr, Item, Lookup, RateLimit, Receipt, Subscription, Thing, User
from flattr_tui.store.catalogue_schema import TYPE_OF, ItemKind, RowEntry, Scope

ReadQuery = Callable[..., list[tuple[Any, ...]]]
"""The type of `Database.read`."""
_DECODERS: Final = {int(kind): msgspec.msgpack.Decoder(entity) for kind, entity in TYPE_OF.items()}
_SELECT: Final = (
    "SELECT i.id, i.kind, i.fetched_at, i.time, i.subject, i.person, b.entity FROM json_each(?) j"
    " JOIN item i ON i.id = j.value LEFT JOIN body b ON b.id = i.id"
)
_RECORD_DECODERS: Final[dict[str, "msgspec.msgpack.Decoder[Any]"]] = {
    ResponseKind.LOOKUP: msgspec.msgpack.Decoder(Lookup),
    ResponseKind.RATE_LIMIT: msgspec.msgpack.Decoder(RateLimit),
    ResponseKind.RECEIPT: msgspec.msgpack.Decoder(Receipt),
}
_BY_ITEM: Final = {"thing": (ItemKind.THING, "id"), "user": (ItemKind.USER, "username")}
"""The methods that return one item: the kind of the item, and the argument that names it."""


def readable_scopes(read: ReadQuery, scope: Scope) -> dict[int, Scope]:
    """Return the scopes (sources and accounts) that the account of `scope` may read, in a dictionary by their ids.

    An account may read its own scope, and the public one at the same source. If the source is `saved`, it may read its
    scopes and the public ones at all sources.
    """
    everywhere = scope.source == SourceKind.SAVED
    return {
        key: Scope(source, account)
        for key, source, account in read(
            "SELECT id, source, account FROM scope WHERE account IN (?, '') AND (? OR source = ?)",
            (scope.account, everywhere, scope.source),
        )
    }


def find_item(read: ReadQuery, scope: int, kind: ItemKind, key: str) -> int | None:
    """Return the item id of a user, thing or other item; None if the item is not saved.

    `scope` is the id of the source and account for which the item was saved. `key` is the property `key` of the item: a
    user name for a user, an id as text for a thing.
    """
    if kind is not ItemKind.FLATTR:
        found = read("SELECT id FROM item WHERE scope = ? AND kind = ? AND key = ?", (scope, kind, key))
        return found[0][0] if found else None
    who, _, rest = key.rpartition("/")[0].rpartition("/")
    thing = find_item(read, scope, ItemKind.THING, rest)
    person = find_item(read, scope, ItemKind.USER, who) if who else None
    when = key.rpartition("/")[2]
    if thing is None or not when.isdigit() or (who and person is None):
        return None
    found = read(
        "SELECT id FROM item WHERE subject = ? AND kind = 2 AND coalesce(time, 0) = ? AND person IS ?",
        (thing, int(when), person),
    )
    return found[0][0] if found else None


class _ItemRow(NamedTuple):
    item: int
    kind: int
    fetched_at: float
    time: int | None
    subject: int
    person: int | None
    body: bytes | None


class ItemReader:
    """Reads items by their ids, and keeps them. Create a new reader after the catalogue has changed."""

    def __init__(self, read: ReadQuery) -> None:
        self._read = read
        self._rows: dict[int, _ItemRow] = {}
        self._entities: dict[int, Item] = {}

    def load(self, ids: Iterable[int]) -> None:
        """Read items, and the things and people to which they refer, with at most three queries.

        Ids below 1 are ignored.
        """
        wanted = {item for item in ids if item > 0}
        while wanted := wanted.difference(self._rows):
            found = [_ItemRow(*row) for row in self._read(_SELECT, (json.dumps(list(wanted)),))]
            if not found:
                return
            self._rows.update((kept.item, kept) for kept in found)
            wanted = {part for kept in found for part in (kept.subject, kept.person) if part}

    def entity(self, item: int) -> Item | None:
        """Return the item with the id `item`. Call `load` with the id before.

        Returns None if the item is missing, or if the item refers to a thing that is missing.
        """
        made = self._entities.get(item)
        if made is None and (kept := self._rows.get(item)) is not None:
            made = self._build(kept)
            if made is not None:
                self._entities[item] = made
        return made

    def fetched_at(self, item: int) -> float:
        """Return when the server last sent or confirmed an item, in Unix seconds. Call `load` with its id before."""
        return self._rows[item].fetched_at

    def read_rows(self, ids: Sequence[int], first: int = 0) -> list[RowEntry]:
        """Load items, and return them as rows. The first id gets the position `first`, each next id the next position.

        A negative id stands for a gap (`saved_list_rows`). An id without an item still takes up a position, but has no
        row in the result.
        """
        self.load(ids)
        rows: list[RowEntry] = []
        for position, item in enumerate(ids, first):
            if item < 0:
                rows.append(RowEntry(position, None, "", 0.0, None if item == -1 else -1 - item))
            elif (entity := self.entity(item)) is not None:
                rows.append(RowEntry(position, entity, entity.key, self.fetched_at(item)))
        return rows

    def _build(self, kept: _ItemRow) -> Item | None:
        if kept.kind == ItemKind.FLATTR:
            thing, owner = self.entity(kept.subject), self.entity(kept.person or 0)
            if not isinstance(thing, Thing):
                return None
            return Flattr(thing=thing, owner=owner if isinstance(owner, User) else None, created_at=kept.time)
        if kept.body is None:
            return None
        if kept.kind == ItemKind.SUBSCRIPTION:
            thing = self.entity(kept.subject)
            fields = msgspec.msgpack.decode(kept.body)
            return Subscription(thing=thing, **fields) if isinstance(thing, Thing) else None
        made: Item = _DECODERS[kept.kind].decode(kept.body)
        if isinstance(made, Thing) and kept.person and isinstance(owner := self.entity(kept.person), User):
            msgspec.structs.force_setattr(made, "owner", owner)  # safe although it is frozen: nobody has seen it yet
        return made


class _DatedItem(NamedTuple):
    fetched_at: float
    entity: Item


class RecordReader:
    """Reads single objects (a user, a thing, a rate limit) from the catalogue. Create a new reader for each query."""

    def __init__(self, read: ReadQuery) -> None:
        self._read = read
        self._items = ItemReader(read)

    def read(self, scope: Scope, request: ApiRequest) -> tuple[Entity, float] | None:
        """Return the object in the saved response to a request, and when it was fetched (Unix seconds).

        Returns None if no response is saved. A thing or user is combined from the response to the account and the
        public response. For any other object, the response to the account is preferred.
        """
        if request.method in _BY_ITEM:
            return self._merge_scopes(scope, request)
        for account in dict.fromkeys((scope.account, "")):
            found = self._read(
                "SELECT r.answer, r.item, r.entity, r.fetched_at FROM record r JOIN scope s ON s.id = r.scope"
                " WHERE r.method = ? AND r.arguments = ? AND s.source = ? AND s.account = ?",
                (request.method, request.encoded_arguments, scope.source, account),
            )
            if not found:
                continue
            answer, item, body, fetched_at = found[0]
            if item is None:
                return _RECORD_DECODERS[answer].decode(body), fetched_at
            self._items.load([item])
            entity = self._items.entity(item)
            if entity is not None:
                return entity, fetched_at
        return None

    def _merge_scopes(self, scope: Scope, request: ApiRequest) -> tuple[Entity, float] | None:
        """Return a thing or user that combines the account's copy and the public one; None if neither is saved.

        The second value is when the newer copy was fetched. If the copies differ in a field, the newer value is used.
        """
        kind, name = _BY_ITEM[request.method]
        found = self._read(
            "SELECT i.id FROM item i JOIN scope s ON s.id = i.scope"
            " WHERE s.source = ? AND s.account IN (?, '') AND i.kind = ? AND i.key = ? ORDER BY s.account DESC",
            (*scope, kind, request.get(name)),
        )
        ids = [item for (item,) in found]
        self._items.load(ids)
        known = [
            _DatedItem(self._items.fetched_at(item), entity)
            for item in ids
            if (entity := self._items.entity(item)) is not None
        ]
        if not known:
            return None
        known.sort(key=lambda one: one.fetched_at)
        fields = {
            name: value
            for one in known
            for name, value in msgspec.structs.asdict(one.entity).items()
            if value is not None and (value != "" or name != "title")
        }
        return type(known[0].entity)(**fields), known[-1].fetched_at

    def best_scope(self, request: ApiRequest, account: str = "") -> Scope | None:
        """Return the source and account with the best saved response to a request; None if no response is saved.

        Responses to `account` and public responses at all sources are compared; with `account` "", only public ones. An
        import is better than a fetched response, and a later response better than an earlier one.
        """
        known: list[tuple[bool, float, bool, Scope]] = []
        for table in ("feed", "record"):
            known += [
                (source == SourceKind.SAVED, fetched_at or 0.0, owner == account, Scope(source, owner))
                for source, owner, fetched_at in self._read(
                    f"SELECT s.source, s.account, t.fetched_at FROM {table} t JOIN scope s ON s.id = t.scope"
                    " WHERE t.method = ? AND t.arguments = ? AND s.account IN (?, '')",
                    (request.method, request.encoded_arguments, account),
                )
            ]
        if not known and request.method in _BY_ITEM:
            kind, name = _BY_ITEM[request.method]
            known = [
                (source == SourceKind.SAVED, fetched_at, owner == account, Scope(source, owner))
                for source, owner, fetched_at in self._read(
                    "SELECT s.source, s.account, i.fetched_at FROM scope s JOIN item i"
                    " ON i.scope = s.id AND i.kind = ? AND i.key = ? WHERE s.account IN (?, '')",
                    (kind, request.get(name), account),
                )
            ]
        return max(known)[3] if known else None
