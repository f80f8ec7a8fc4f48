"""Items on their way out: entities put together from what is kept of them and of what they speak of."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.entities import Flattr, Item, Subscription, Thing, User
from flattr_tui.store.schema import TYPE_OF, ItemKind
from flattr_tui.store.types import Entry

Read = Callable[..., list[tuple[Any, ...]]]
"""`Database.read`."""
_DECODERS: Final = {kind: msgspec.msgpack.Decoder(entity) for kind, entity in TYPE_OF.items()}
_SELECT: Final = (
    "SELECT i.id, i.kind, i.fetched_at, i.time, i.subject, i.person, b.entity FROM json_each(?) j"
    " JOIN item i ON i.id = j.value LEFT JOIN body b ON b.id = i.id"
)


def find_item(read: Read, scope: int, kind: ItemKind, key: str) -> int | None:
    """Find an item by its entity's `key`."""
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


class _Kept(NamedTuple):
    item: int
    kind: int
    fetched_at: float
    time: int | None
    subject: int
    person: int | None
    body: bytes | None


class Shelf:
    """Reads items; remembers what it read, so make one for each look."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: dict[int, _Kept] = {}
        self._made: dict[int, Item] = {}

    def load(self, ids: Iterable[int]) -> None:
        """Read items and all that they speak of, in three queries at most."""
        wanted = {item for item in ids if item > 0}
        while wanted := wanted.difference(self._kept):
            found = [_Kept(*row) for row in self._read(_SELECT, (json.dumps(list(wanted)),))]
            if not found:
                return
            self._kept.update((kept.item, kept) for kept in found)
            wanted = {part for kept in found for part in (kept.subject, kept.person) if part}

    def entity(self, item: int) -> Item | None:
        """Make one entity; None where there is no such item."""
        made = self._made.get(item)
        if made is None and (kept := self._kept.get(item)) is not None:
            made = self._make(kept)
            if made is not None:
                self._made[item] = made
        return made

    def fetched_at(self, item: int) -> float:
        """Say when an item was last served."""
        return self._kept[item].fetched_at

    def entries(self, ids: Sequence[int], first: int = 0) -> list[Entry]:
        """Make rows of items, with positions from `first` on; ids that are negative are holes."""
        self.load(ids)
        rows: list[Entry] = []
        for position, item in enumerate(ids, first):
            if item < 0:
                rows.append(Entry(position, None, "", 0.0, None if item == -1 else -1 - item))
            elif (entity := self.entity(item)) is not None:
                rows.append(Entry(position, entity, entity.key, self.fetched_at(item)))
        return rows

    def _make(self, kept: _Kept) -> Item | None:
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
            msgspec.structs.force_setattr(made, "owner", owner)  # nobody has seen it yet
        return made
