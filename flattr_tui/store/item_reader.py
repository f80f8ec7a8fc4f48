"""Reads items from the catalogue as entities, together with the entities that they refer to."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.entities import Flattr, Item, Subscription, Thing, User
from flattr_tui.store.schema import TYPE_OF, ItemKind
from flattr_tui.store.types import RowEntry

ReadQuery = Callable[..., list[tuple[Any, ...]]]
"""The type of `Database.read`."""
_DECODERS: Final = {kind: msgspec.msgpack.Decoder(entity) for kind, entity in TYPE_OF.items()}
_SELECT: Final = (
    "SELECT i.id, i.kind, i.fetched_at, i.time, i.subject, i.person, b.entity FROM json_each(?) j"
    " JOIN item i ON i.id = j.value LEFT JOIN body b ON b.id = i.id"
)


def find_item(read: ReadQuery, scope: int, kind: ItemKind, key: str) -> int | None:
    """Return the id of the item with this entity key; None if there is none."""
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
    """Reads items. It caches what it has read, so make a new one for each query."""

    def __init__(self, read: ReadQuery) -> None:
        self._read = read
        self._rows: dict[int, _ItemRow] = {}
        self._entities: dict[int, Item] = {}

    def load(self, ids: Iterable[int]) -> None:
        """Read items and everything that they refer to, in at most three queries."""
        wanted = {item for item in ids if item > 0}
        while wanted := wanted.difference(self._rows):
            found = [_ItemRow(*row) for row in self._read(_SELECT, (json.dumps(list(wanted)),))]
            if not found:
                return
            self._rows.update((kept.item, kept) for kept in found)
            wanted = {part for kept in found for part in (kept.subject, kept.person) if part}

    def entity(self, item: int) -> Item | None:
        """Return an entity; None if there is no such item. Call `load` first."""
        made = self._entities.get(item)
        if made is None and (kept := self._rows.get(item)) is not None:
            made = self._build(kept)
            if made is not None:
                self._entities[item] = made
        return made

    def fetched_at(self, item: int) -> float:
        """Return when the server last sent an item (Unix seconds)."""
        return self._rows[item].fetched_at

    def read_rows(self, ids: Sequence[int], first: int = 0) -> list[RowEntry]:
        """Return rows for item ids, with positions from `first` on; negative ids are gaps."""
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
        made: Item = _DECODERS[ItemKind(kept.kind)].decode(kept.body)
        if isinstance(made, Thing) and kept.person and isinstance(owner := self.entity(kept.person), User):
            msgspec.structs.force_setattr(made, "owner", owner)  # safe although it is frozen: nobody has seen it yet
        return made
