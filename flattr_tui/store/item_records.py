"""Single objects on their way out, and where a request is best read from."""

from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, Item, Lookup, RateLimit, Receipt
from flattr_tui.model.response_kind import Answer
from flattr_tui.model.source import SourceKind
from flattr_tui.store.item_reader import Read, Shelf
from flattr_tui.store.list_writer import arguments
from flattr_tui.store.schema import ItemKind
from flattr_tui.store.types import Scope

_DECODERS: Final[dict[str, "msgspec.msgpack.Decoder[Any]"]] = {
    Answer.LOOKUP: msgspec.msgpack.Decoder(Lookup),
    Answer.RATE_LIMIT: msgspec.msgpack.Decoder(RateLimit),
    Answer.RECEIPT: msgspec.msgpack.Decoder(Receipt),
}
_BY_ITEM: Final = {"thing": (ItemKind.THING, "id"), "user": (ItemKind.USER, "username")}
"""The methods whose answer is an item, and which argument names it."""


class _Known(NamedTuple):
    fetched_at: float
    entity: Item


class Records:
    """Reads records; make one for each look."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._shelf = Shelf(read)

    def record(self, scope: Scope, request: Request) -> tuple[Entity, float] | None:
        """Return a single object and when it was fetched; see `Catalogue.record`."""
        if request.method in _BY_ITEM:
            return self._best(scope, request)
        for account in dict.fromkeys((scope.account, "")):
            found = self._read(
                "SELECT r.answer, r.item, r.entity, r.fetched_at FROM record r JOIN scope s ON s.id = r.scope"
                " WHERE r.method = ? AND r.arguments = ? AND s.source = ? AND s.account = ?",
                (request.method, arguments(request), scope.source, account),
            )
            if not found:
                continue
            answer, item, body, fetched_at = found[0]
            if item is None:
                return _DECODERS[answer].decode(body), fetched_at
            self._shelf.load([item])
            entity = self._shelf.entity(item)
            if entity is not None:
                return entity, fetched_at
        return None

    def _best(self, scope: Scope, request: Request) -> tuple[Entity, float] | None:
        """Lay what the account sees of an item and what everybody sees over each other, the newer over the older."""
        kind, name = _BY_ITEM[request.method]
        key = request.get(name)
        known: list[_Known] = []
        for account in dict.fromkeys((scope.account, "")):
            item = self._item(Scope(scope.source, account), kind, key)
            if item is not None:
                self._shelf.load([item])
                entity = self._shelf.entity(item)
                if entity is not None:
                    known.append(_Known(self._shelf.fetched_at(item), entity))
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

    def _item(self, scope: Scope, kind: ItemKind, key: str) -> int | None:
        sql = (
            "SELECT i.id FROM item i JOIN scope s ON s.id = i.scope"
            " WHERE s.source = ? AND s.account = ? AND i.kind = ? AND i."
        )
        found = self._read(f"{sql}key = ?", (*scope, kind, key))
        if not found and kind is ItemKind.USER:  # the service does not mind the case of names
            found = self._read(f"{sql}owner = ?", (*scope, kind, key.lower()))
        return found[0][0] if found else None

    def which(self, request: Request, account: str = "") -> Scope | None:
        """Say where a request is best read from; see `Catalogue.which`."""
        known: list[tuple[bool, float, bool, Scope]] = []
        for table in ("feed", "record"):
            known += [
                (source == SourceKind.SAVED, fetched_at or 0.0, owner == account, Scope(source, owner))
                for source, owner, fetched_at in self._read(
                    f"SELECT s.source, s.account, t.fetched_at FROM {table} t JOIN scope s ON s.id = t.scope"
                    " WHERE t.method = ? AND t.arguments = ? AND s.account IN (?, '')",
                    (request.method, arguments(request), account),
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
