"""Reads single objects, and finds the best scope to read a request from."""

from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, Item, Lookup, RateLimit, Receipt
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.source import SourceKind
from flattr_tui.store.item_reader import ItemReader, ReadQuery
from flattr_tui.store.list_writer import encode_arguments
from flattr_tui.store.schema import ItemKind
from flattr_tui.store.types import Scope

_DECODERS: Final[dict[str, "msgspec.msgpack.Decoder[Any]"]] = {
    ResponseKind.LOOKUP: msgspec.msgpack.Decoder(Lookup),
    ResponseKind.RATE_LIMIT: msgspec.msgpack.Decoder(RateLimit),
    ResponseKind.RECEIPT: msgspec.msgpack.Decoder(Receipt),
}
_BY_ITEM: Final = {"thing": (ItemKind.THING, "id"), "user": (ItemKind.USER, "username")}
"""Methods that return one item, with the kind of item and the argument that names it."""


class _DatedItem(NamedTuple):
    fetched_at: float
    entity: Item


class RecordReader:
    """Reads single objects; make a new one for each query."""

    def __init__(self, read: ReadQuery) -> None:
        self._read = read
        self._items = ItemReader(read)

    def read(self, scope: Scope, request: Request) -> tuple[Entity, float] | None:
        """Return an object and the time when it was fetched; see `Catalogue.read_record`."""
        if request.method in _BY_ITEM:
            return self._merge_scopes(scope, request)
        for account in dict.fromkeys((scope.account, "")):
            found = self._read(
                "SELECT r.answer, r.item, r.entity, r.fetched_at FROM record r JOIN scope s ON s.id = r.scope"
                " WHERE r.method = ? AND r.arguments = ? AND s.source = ? AND s.account = ?",
                (request.method, encode_arguments(request), scope.source, account),
            )
            if not found:
                continue
            answer, item, body, fetched_at = found[0]
            if item is None:
                return _DECODERS[answer].decode(body), fetched_at
            self._items.load([item])
            entity = self._items.entity(item)
            if entity is not None:
                return entity, fetched_at
        return None

    def _merge_scopes(self, scope: Scope, request: Request) -> tuple[Entity, float] | None:
        """Combine the account's and the public version of an item; newer values override older ones."""
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

    def best_scope(self, request: Request, account: str = "") -> Scope | None:
        """Return the scope to read a request from; see `Catalogue.best_scope`."""
        known: list[tuple[bool, float, bool, Scope]] = []
        for table in ("feed", "record"):
            known += [
                (source == SourceKind.SAVED, fetched_at or 0.0, owner == account, Scope(source, owner))
                for source, owner, fetched_at in self._read(
                    f"SELECT s.source, s.account, t.fetched_at FROM {table} t JOIN scope s ON s.id = t.scope"
                    " WHERE t.method = ? AND t.arguments = ? AND s.account IN (?, '')",
                    (request.method, encode_arguments(request), account),
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
