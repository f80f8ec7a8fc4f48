"""The table rows and columns that show what a search in all saved items has found."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from textual.content import Content

from flattr_tui.library.bookmarks import bookmarked_as
from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.query.offline_search import KINDS, FoundItem
from flattr_tui.ui import format as fmt
from flattr_tui.ui.list_kinds import WHEN, add_star
from flattr_tui.ui.widgets.table_columns import Column, RowStyle
from flattr_tui.ui.widgets.table_rows import RowList

MAX_HITS_PER_KIND = 100
"""Maximum number of hits that are listed for each kind of item."""
SIGNS: Mapping[str, tuple[str, str]] = {
    "user": ("☺", "$secondary"),
    "thing": ("■", "$primary"),
    "flattr": ("♥", "$accent"),
    "activity": ("»", "$success"),
}
"""Symbol and colour of each kind of item."""
PLURALS: Mapping[str, str] = {"activity": "activities"}


def plural_of_kind(kind: str) -> str:
    """Return the plural of a kind of item: `things` for `thing`."""
    return PLURALS.get(kind, f"{kind}s")


class HitRow(Row, frozen=True, kw_only=True):
    """A table row that shows a hit of the search."""

    hit: FoundItem
    imported: bool = False
    """Whether the hit belongs to another source than the one that the app shows."""


class HitRows(RowList):
    """The table rows for the hits of one kind of item, or of all kinds."""

    def __init__(self, hits: Sequence[FoundItem], kind: str = "", current_source: str = "") -> None:
        """Make a row for each of `hits` that is of `kind`; "" makes rows for all hits.

        Hits that belong to other sources than `current_source` are labelled as imported.
        """
        super().__init__(
            [
                HitRow(
                    hit.item,
                    f"{hit.source} {hit.kind} {hit.item.key}",
                    hit.fetched_at,
                    hit=hit,
                    imported=current_source not in {"", hit.source},
                )
                for hit in hits
                if kind in {"", hit.kind}
            ]
        )


def limit_hits(hits: Sequence[FoundItem]) -> tuple[list[FoundItem], dict[str, tuple[int, bool]]]:
    """Return the first `MAX_HITS_PER_KIND` hits of each kind of item, and the counts by kind.

    A count is a pair: the number of these hits, and whether there are more hits of this kind.
    """
    kept: list[FoundItem] = []
    counts: dict[str, tuple[int, bool]] = {}
    for kind in KINDS:
        found = [hit for hit in hits if hit.kind == kind]
        kept += found[:MAX_HITS_PER_KIND]
        if found:
            counts[kind] = (min(len(found), MAX_HITS_PER_KIND), len(found) > MAX_HITS_PER_KIND)
    return kept, counts


def count_line(counts: Mapping[str, tuple[int, bool]], chosen: str) -> Content:
    """Return the counts from `limit_hits` in words: `2 users · 27 things · 100+ flattrs`. `chosen` is highlighted."""
    parts = []
    for kind, (number, more) in counts.items():
        text = f"{number:,}+ {plural_of_kind(kind)}" if more else fmt.plural(number, kind, plural_of_kind(kind))
        parts.append(Content.styled(text, "bold $accent" if kind == chosen else "$muted"))
    return Content.styled(" · ", "$muted").join(parts)


def _highlight_spans(text: str, spans: Sequence[tuple[int, int]], style: str = "") -> Content:
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
    title = _highlight_spans(hit.title, hit.marks) if hit.title else Content.styled("(no title)", "$muted")
    if row.imported:
        title = Content.styled("imported ", "$warning") + title
    else:
        title = add_star(title, bookmarked_as(row.item), look)
    text = {hit.title[start:stop].casefold() for start, stop in hit.marks}
    if len(text) >= len(look.words) or not hit.spans:  # the title contains all words: no snippet is needed
        return title
    return title + "  " + _highlight_spans(hit.snippet, hit.spans, "$muted")


COLUMNS = (
    Column("kind", "Kind", _kind, width=10, priority=8),
    Column("title", "Match", _title, minimum=20, priority=9),
    replace(WHEN, priority=4, sort=None),
)
