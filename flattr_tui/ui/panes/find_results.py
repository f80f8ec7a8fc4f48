"""What was found in everything saved, as rows of a table: of every kind, or of one."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from textual.content import Content

from flattr_tui.library.query.feed import Gap, Row
from flattr_tui.library.query.search import KINDS, FoundItem
from flattr_tui.ui import format as fmt
from flattr_tui.ui.columns import WHEN, starred
from flattr_tui.ui.item_links import bookmarked_as
from flattr_tui.ui.widgets.columns import Column, RowStyle

LIMIT = 100
"""How many of each kind are listed."""
SIGNS: Mapping[str, tuple[str, str]] = {
    "user": ("☺", "$secondary"),
    "thing": ("■", "$primary"),
    "flattr": ("♥", "$accent"),
    "activity": ("»", "$success"),
}
"""Each kind as a sign, and its colour."""
PLURALS: Mapping[str, str] = {"activity": "activities"}


def plural(kind: str) -> str:
    """Name a kind's items: `things`."""
    return PLURALS.get(kind, f"{kind}s")


class HitRow(Row, frozen=True, kw_only=True):
    """A row of the table."""

    hit: FoundItem
    imported: bool = False
    """Whether it is of what was imported, and not of the source."""


class HitRows:
    """The rows: those of one `kind`, or ("") of all."""

    def __init__(self, hits: Sequence[FoundItem], kind: str = "", source: str = "") -> None:
        """Show hits; `source` is that whose pages can be opened ("" for all)."""
        self._rows: list[Row | Gap] = [
            HitRow(
                hit.item,
                f"{hit.source} {hit.kind} {hit.item.key}",
                hit.fetched_at,
                hit=hit,
                imported=source not in {"", hit.source},
            )
            for hit in hits
            if kind in {"", hit.kind}
        ]
        self._places = {row.key: at for at, row in enumerate(self._rows) if isinstance(row, Row)}

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return some rows, clipped."""
        return self._rows[max(0, start) : stop]

    def find_row(self, key: str) -> int | None:
        """Say where a row stands."""
        return self._places.get(key)


def first_of_each(hits: Sequence[FoundItem]) -> tuple[list[FoundItem], dict[str, tuple[int, bool]]]:
    """Leave out what is over the limit; say of each kind how many there are, and whether there are more."""
    kept: list[FoundItem] = []
    counts: dict[str, tuple[int, bool]] = {}
    for kind in KINDS:
        found = [hit for hit in hits if hit.kind == kind]
        kept += found[:LIMIT]
        if found:
            counts[kind] = (min(len(found), LIMIT), len(found) > LIMIT)
    return kept, counts


def counted(counts: Mapping[str, tuple[int, bool]], chosen: str) -> Content:
    """Count what was found, kind by kind: `2 users · 27 things · 100+ flattrs`; the chosen one stands out."""
    parts = []
    for kind, (number, more) in counts.items():
        text = f"{number:,}+ {plural(kind)}" if more else fmt.plural(number, kind, plural(kind))
        parts.append(Content.styled(text, "bold $accent" if kind == chosen else "$muted"))
    return Content.styled(" · ", "$muted").join(parts)


def _marked(text: str, spans: Sequence[tuple[int, int]], style: str = "") -> Content:
    content = Content.styled(text, style) if style else Content(text)
    for start, stop in spans:
        content = content.stylize(".rowtable--word", start, stop)
    return content


def _kind(row: Row, look: RowStyle) -> Content:
    if not isinstance(row, HitRow):
        return Content("")
    sign, style = SIGNS[row.hit.kind]
    return Content.styled(f"{sign} ", style) + Content.styled(row.hit.kind, "$muted")


def _title(row: Row, look: RowStyle) -> Content:
    if not isinstance(row, HitRow):
        return Content("")
    hit = row.hit
    title = _marked(hit.title, hit.marks) if hit.title else Content.styled("(no title)", "$muted")
    if row.imported:
        title = Content.styled("imported ", "$warning") + title
    else:
        title = starred(title, bookmarked_as(row.item), look)
    told = {hit.title[start:stop].casefold() for start, stop in hit.marks}
    if not hit.spans or len(told) >= len(look.words):
        return title  # which says it all
    return title + "  " + _marked(hit.snippet, hit.spans, "$muted")


COLUMNS = (
    Column("kind", "Kind", _kind, width=10, priority=8),
    Column("title", "What, and where it says so", _title, minimum=20, priority=9),
    replace(WHEN, priority=4, sort=None),
)
