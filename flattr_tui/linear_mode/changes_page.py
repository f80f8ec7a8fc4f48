"""The page of linear mode for changes in the saved data."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from flattr_tui.library.query.change_history import SAVED_CHANGES, Change, ChangeRecord, ChangeRow, ChangesReader
from flattr_tui.linear_mode.pages import NumberedItem, Page, PageContext
from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.model.query_language import QueryContext, parse_query
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import describe_change, summarize


class ChangesPage(Page):
    """The page of changes in the saved data, the latest first. `text` is a query that filters the changes."""

    title = "Changes"

    def __init__(self, context: PageContext, text: str = "") -> None:
        super().__init__(context)
        self.text = text
        self._changes: Sequence[Change] = ()
        self._days: dict[int, str] = {}
        """The heading of each day (`3 January 2018`), by the index of the day's first item on the page."""

    @property
    def can_filter(self) -> bool:
        return True

    @property
    def query_context(self) -> QueryContext:
        return self.query_context_since(SAVED_CHANGES)

    @property
    def _reader(self) -> ChangesReader:
        library = self.context.library
        return ChangesReader(library.catalogue, library.source, library.account)

    async def load(self) -> None:
        query = parse_query(self.text, self.query_context)
        days = await asyncio.to_thread(self._reader.read_days, self.context.tz, query=query)
        self._changes, self._days = [change for day in days for change in day.changes], {}
        at = 0
        for day in days:
            self._days[at] = f"{day.day.day} {SHORT_MONTHS[day.day.month - 1]} {day.day.year}"
            at += len(day.changes)
        if self._changes and not self.text:
            await self.context.record_look(SAVED_CHANGES, int(self._changes[0].at))

    def __len__(self) -> int:
        return len(self._changes)

    def _rows(self, start: int, stop: int) -> Sequence[ChangeRow | None]:
        seen_until = self.context.seen.seen_until(SAVED_CHANGES)
        rows = self._reader.read_rows(self._changes[start:stop], seen_until)
        return [row if isinstance(row, ChangeRow) else None for row in rows]

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        return [self._entry(row, self._days.get(at, "")) for at, row in enumerate(self._rows(start, stop), start)]

    def _entry(self, row: ChangeRow | None, heading: str) -> NumberedItem:
        if row is None:
            return NumberedItem("(deleted)", heading=heading)
        _, *what = describe_change(row.change, self.context.tz)
        told = summarize(row.item, self.now, self.context.tz, list_owner=row.change.username)
        text = ", ".join([fmt.clock(row.change.at, self.context.tz), *what, *told, *(["new"] if row.is_new else [])])
        return NumberedItem(text, row.item, self.open_item(row.item), heading)

    def records(self) -> Iterator[Struct]:
        return (ChangeRecord.from_row(row) for row in self._rows(0, len(self)) if row is not None)

    def remarks(self) -> Iterable[str]:
        if self.text:
            yield f"{fmt.plural(len(self), 'change')} match{'es' if len(self) == 1 else ''} {self.text}."
        elif not self._changes:
            yield "Nothing has changed since the lists were first saved."
            if self.context.library.is_online:
                yield "r on a list compares it with the server's."
