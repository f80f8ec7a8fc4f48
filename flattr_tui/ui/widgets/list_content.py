"""What lists and tables show: their rows, the columns of each kind of list, headings with counts, and placeholders."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Literal, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace
from textual.content import Content

from flattr_tui.library.bookmarks import bookmarked_as, key_of
from flattr_tui.library.events import ConnectionState, SourceStatus
from flattr_tui.library.query.list_feed import FeedStatus, Gap, Row, Sort, View
from flattr_tui.model.api_request import SAVED_FLATTRS
from flattr_tui.model.entities import Activity, Entity, Flattr, Subscription, User, thing_of, time_of
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import LIST_WORDS, SIGNED_VERBS, ListLabels, shorten_sentence, wait_reason
from flattr_tui.ui.widgets.base_widgets import Placeholder, Severity

GAP = 2
"""Cells between two columns."""
MUTED = "$muted"
STAR = "★"


class RowStyle(msgspec.Struct, frozen=True):
    """All that the text of a cell depends on, apart from the row."""

    now: float = 0.0
    """The current time in Unix seconds."""
    tz: tzinfo = UTC
    words: tuple[str, ...] = ()
    """The words of the search or filter. Words in cells that begin with one of these are highlighted."""
    owner: str = ""
    """Name of the user whose list the table shows. Rows do not repeat this name."""
    starred: frozenset[tuple[str, str]] = frozenset()
    """Pairs of kind and key of the bookmarked items."""


class Column(msgspec.Struct, frozen=True):
    """One column of a table: its title, its width, and the function that draws its cells."""

    id: str
    title: str
    render: Callable[[Row, RowStyle], Content]
    width: int | None = None
    """Width in cells; with None, the column gets a share of the width that is left."""
    minimum: int = 12
    """Minimum width in cells if `width` is None. Other columns are hidden to leave that much."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """On a narrow screen, columns are hidden in the order of this number, lowest first."""
    sort: Sort | None = None
    """The order in which a click on the title sorts the list; None if the list can't be sorted by this column."""
    short_title: str = ""
    """The title to show if `title` does not fit; "" for none."""
    weight: int = 1
    """Share of the width that is left, relative to other columns whose `width` is None."""


def fit_columns(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, in the given order, each with its width in cells.

    If not all fit, the columns of the lowest `priority` are left out. At least one column stays.
    """
    kept = list(columns)
    while len(kept) > 1 and sum(_minimum_width(column) for column in kept) + GAP * (len(kept) - 1) > width:
        kept.remove(min(kept, key=lambda column: column.priority))
    left = width - sum(column.width or 0 for column in kept) - GAP * (len(kept) - 1)
    weights = sum(column.weight for column in kept if column.width is None)
    fitted: list[tuple[Column, int]] = []
    for column in kept:
        if column.width is None:
            share = left * column.weight // weights if weights else 0
            left, weights = left - share, weights - column.weight
            fitted.append((column, max(1, share)))
        else:
            fitted.append((column, min(column.width, max(1, width))))
    return fitted


def _minimum_width(column: Column) -> int:
    return column.minimum if column.width is None else column.width


def column_titles(fitted: Sequence[tuple[Column, int]], sort: Sort, descending: bool) -> Content:
    """Return the line of column titles. An arrow follows the title of the column that `sort` sorts by.

    If there is no room, the arrow is in the gap before the title. It points down if `descending` is true. `fitted`
    contains the columns with their widths, as `fit_columns` returns them.
    """
    line = Content("")
    for number, (column, cells) in enumerate(fitted):
        on = column.sort is not None and column.sort is sort
        arrow = ("↓" if descending else "↑") if on else ""
        title = column.title if len(column.title) + len(arrow) <= cells else column.short_title or column.title
        gap = " " * GAP if number else ""
        if number and len(title) == cells and on:
            gap = gap[:-1] + arrow
        else:
            title = title[: max(1, cells - len(arrow))] + arrow
        text = title.rjust(cells) if column.align == "right" else title.ljust(cells)
        line += Content.styled(gap + text, ".rowtable--sorted") if on else Content(gap + text)
    return line


class RowSource(Protocol):
    """Protocol: provides the rows of a table by index, and finds a row by key."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). Rows beyond the end are left out."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key; None if there is none."""
        ...


class RowList:
    """A source of rows that are all in memory."""

    def __init__(self, rows: Sequence[Row | Gap]) -> None:
        self._rows = list(rows)
        self._places = {row.key: at for at, row in enumerate(rows) if isinstance(row, Row)}

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). Rows beyond the end are left out."""
        return self._rows[max(0, start) : stop]

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key; None if there is none."""
        return self._places.get(key)


class Position(NamedTuple):
    """A position of a table's cursor, to which the table can return later."""

    key: str | None
    """Key of the row under the cursor; None on a gap or without rows."""
    cursor: int
    """Index of the row under the cursor."""
    line: int
    """Number of the cursor's line on screen, counted from the first visible row of the table."""


def gap_text(gap: Gap) -> str:
    """Return the text of a gap: how many rows are missing, and how to fetch them."""
    if gap.loading:
        return "⋯ loading" if gap.missing is None else f"⋯ loading {gap.missing:,} rows"
    if gap.missing is not None:
        return f"⋯ {gap.missing:,} row{'s' if gap.missing != 1 else ''} not saved — r fetches them"
    return "⋯ more is not saved — r fetches it" if not gap.at_end else "⋯ more to come — r fetches it"


def mark_words(text: str, words: Iterable[str], style: str = "") -> Content:
    """Return `text`, which may be from a server, as content in `style`, with the searched words highlighted.

    A word is highlighted if it begins with one of `words`; case doesn't matter.
    """
    content = Content.styled(text, style) if style else Content(text)
    for word in words:
        for found in re.finditer(rf"(?<!\w){re.escape(word)}", text, re.IGNORECASE):
            content = content.stylize(".rowtable--word", found.start(), found.end())
    return content


def add_star(content: Content, subject: Entity | None, look: RowStyle) -> Content:
    """Return `content`, with a star before it if `subject` is among the bookmarked items in `look`."""
    return Content.styled(f"{STAR} ", "$accent") + content if key_of(subject) in look.starred else content


def _when(row: Row, look: RowStyle) -> Content:
    return Content.styled(fmt.when(time_of(row.item), look.now, look.tz), MUTED)


def _title(row: Row, look: RowStyle) -> Content:
    thing = thing_of(row.item)
    if thing is None:
        return Content("")
    content = mark_words(thing.title or "(no title)", look.words)
    if row.is_removed:
        content = Content.styled(content.plain, "strike $muted")
    elif thing.hidden:
        content += Content.styled(" hidden", "$warning")
    return add_star(content, thing, look)


def _title_and_mine(row: Row, look: RowStyle) -> Content:
    title, thing = _title(row, look), thing_of(row.item)
    return title + Content.styled(" ♥", "$accent") if thing is not None and thing.flattred else title


def _owner(row: Row, look: RowStyle) -> Content:
    thing = thing_of(row.item)
    return _name(thing.owner if thing else None, look)


def _flattrs(row: Row, look: RowStyle) -> Content:
    thing = thing_of(row.item)
    return Content(fmt.number(thing.flattrs if thing else None))


def _category(row: Row, look: RowStyle) -> Content:
    thing = thing_of(row.item)
    return Content.styled(fmt.category(thing.category if thing else None, short=True), MUTED)


def _language(row: Row, look: RowStyle) -> Content:
    thing = thing_of(row.item)
    return Content.styled(fmt.language(thing.language if thing else None), MUTED)


def _who(row: Row, look: RowStyle) -> Content:
    return _name(row.item.owner if isinstance(row.item, Flattr) else None, look, "somebody")


def _name(user: User | None, look: RowStyle, nobody: str = "") -> Content:
    return add_star(mark_words(user.username if user else nobody, look.words, "$secondary"), user, look)


def _sentence(row: Row, look: RowStyle) -> Content:
    """Return the cell of an activity: its sentence without the owner of the list, and without the verb.

    The list shows the owner in its title, and the verb as a symbol. All words but the thing's title are muted.
    """
    if not isinstance(row.item, Activity):
        return Content("")
    text, name = shorten_sentence(row.item, look.owner, signed=True), row.item.object_name or ""
    at = text.rfind(name) if name else -1
    content = mark_words(text, look.words)
    if at >= 0:
        content = content.stylize_before(MUTED, 0, at).stylize_before(MUTED, at + len(name))
    return add_star(content, bookmarked_as(row.item), look)


def _running(row: Row, look: RowStyle) -> Content:
    active = row.item.active if isinstance(row.item, Subscription) else None
    if row.is_removed:
        return Content.styled("ended", MUTED)
    if active is None:
        return Content("")
    return Content.styled("● every month", "$success") if active else Content.styled("‖ paused", "$warning")


VERBS = {"like": ("♥", "$accent"), "post": ("+", "$success"), "save": ("↻", "$secondary")}
"""Symbol and style of each verb of Activity Streams: `like` (flattred), `post` (added), `save` (subscribed)."""


def _verb(row: Row, look: RowStyle) -> Content:
    return Content.styled(*VERBS.get(row.item.verb if isinstance(row.item, Activity) else "", ("·", MUTED)))


WHEN = Column("when", "When", _when, width=11, priority=7, sort=Sort.WHEN)
TITLE = Column("title", "Thing", _title_and_mine, minimum=22, priority=9, sort=Sort.TITLE)
TITLE_OF_MINE = replace(TITLE, render=_title)
OWNER = Column("owner", "Owner", _owner, width=13, priority=6, sort=Sort.OWNER)
FLATTRS = Column("flattrs", "Flattrs", _flattrs, width=7, align="right", priority=5, sort=Sort.FLATTRS)
KIND = Column("kind", "Kind", _category, width=5, priority=4, sort=Sort.CATEGORY)
LANGUAGE = Column("language", "Language", _language, width=10, priority=3, sort=Sort.LANGUAGE)
RUNNING = Column("running", "Subscription", _running, width=13, priority=8)
WHO = Column("who", "Who", _who, minimum=10, priority=9)
WHO_NARROW = replace(WHO, width=13, priority=6)
VERB = Column("verb", "", _verb, width=1, priority=8)
_LEGEND = [f"{sign} {SIGNED_VERBS[verb]}" for verb, (sign, _) in VERBS.items()]
SENTENCE = Column(
    "what",
    f"What: {'  '.join(_LEGEND)}",
    _sentence,
    minimum=30,
    priority=9,
    sort=Sort.TITLE,
    short_title=" ".join(_LEGEND),
)


class ListKind(ListLabels, frozen=True, kw_only=True):
    """A kind of list, with its labels and its columns."""

    columns: Sequence[Column]

    @property
    def sorts(self) -> list[Sort]:
        """The sort orders that the key `s` steps through: the server's order, then one for each sortable column."""
        return [Sort.SERVER, *(column.sort for column in self.columns if column.sort is not None)]


_COLUMNS: Mapping[str, Sequence[Column]] = {
    "user-flattrs": (WHEN, TITLE, OWNER, FLATTRS, KIND),
    "my-flattrs": (WHEN, TITLE_OF_MINE, OWNER, FLATTRS, KIND),
    "user-things": (WHEN, TITLE, FLATTRS, KIND, LANGUAGE),
    "my-things": (WHEN, TITLE, FLATTRS, KIND, LANGUAGE),
    "user-activities": (VERB, WHEN, SENTENCE),
    "my-activities": (VERB, WHEN, SENTENCE),
    "my-subscriptions": (RUNNING, TITLE, OWNER, WHEN),
    "thing-flattrs": (WHEN, WHO),
    SAVED_FLATTRS: (WHEN, WHO_NARROW, TITLE, OWNER, FLATTRS, KIND),
    "search": (TITLE, OWNER, FLATTRS, KIND, WHEN),
}
KINDS: dict[str, ListKind] = {
    method: ListKind(**msgspec.structs.asdict(LIST_WORDS[method]), columns=columns)
    for method, columns in _COLUMNS.items()
}
"""The kinds of lists, by the API method that returns the list. `SAVED_FLATTRS` is not an API method."""


def heading(
    kind: ListKind, list_owner: str, status: FeedStatus, view: View, *, note: str = "", marked: int = 0
) -> tuple[Content, Content, Content]:
    """Return three texts for the line above a list: the title, the counts with words, the counts without words.

    The title contains the name of `list_owner`, the user to whom the list belongs, and ends with `note`; "" for no
    note. The counts say how many rows are marked (`marked`), saved and new (`status`). If `view` has a filter, they say
    how many of the saved rows match it. If `view` has a sort order, it follows the counts.
    """
    before, _, after = kind.title.partition("{who}")
    title = Content.assemble(
        (before, "bold"), (list_owner if "{who}" in kind.title else "", "bold $accent"), (after, "bold")
    )
    if note:
        title += Content.styled(f" · {note}", "$muted")
    chosen = Content.styled(f"{marked:,} marked · " if marked else "", "$accent")
    count, short = (
        chosen + Content.styled(" · ".join(_count_parts(kind, status, view, short=short)), "$muted")
        for short in (False, True)
    )
    return title, count, short


def end_line(kind: ListKind, status: FeedStatus, view: View) -> Content:
    """Return the line below the last row of a list, with the number of rows: `— 27 things —`.

    The line is empty if the list is filtered, if it has no rows, or if the server may have more rows.
    """
    is_complete = status.ended and not view.text and status.shown > 0
    return Content(f"— {kind.count(status.shown)} —" if is_complete else "")


def _count_parts(kind: ListKind, status: FeedStatus, view: View, *, short: bool) -> list[str]:
    parts: list[str] = []
    if view.text:
        parts.append(f"{status.shown:,} of {status.saved:,}" + ("" if short else " saved"))
    elif status.total is not None:
        parts.append(f"{status.total:,} found")
        if not status.ended:
            parts.append(f"{status.saved:,} here")
    elif status.ended:
        parts.append("" if not status.saved else f"{status.saved:,}" if short else kind.count(status.saved))
    elif status.saved:
        parts.append(f"{status.saved:,}+" if short else f"{status.saved:,} saved, more to come")
    if status.new:
        parts.append(f"{status.new:,} new")
    if view.sort is not Sort.SERVER:
        parts.append(f"by {view.sort.value}{' ↓' if view.descending else ' ↑'}")
    if status.loading and status.saved:
        parts.append("⟳")
    return [part for part in parts if part]


def list_placeholder(
    kind: ListKind,
    list_owner: str,
    status: FeedStatus,
    view: View,
    source: SourceStatus,
    now: float,
    *,
    has_server: bool = True,
) -> Placeholder | None:
    """Return the text to show beside or instead of the rows of a list; None if no text is needed.

    The text says, for example, that the list is being fetched. It names the `kind` of the list, and depends on the
    `status` of the list, on the filter in `view`, and on the connection in `source`. `list_owner` is the user to whom
    the list belongs. `now` is in Unix seconds. `has_server` says whether missing data can be fetched.
    """
    if status.failure is not None and not status.loading:
        kept = ""
        if status.saved and status.fetched_at:
            kept = f"Showing what was saved {fmt.ago(now - status.fetched_at)}. "
        return Placeholder(status.failure.sentence, f"{kept}Press r to try again.", Severity.ERROR)
    if source.connection is ConnectionState.WAITING and (status.loading or not status.saved):
        left = fmt.countdown((source.waiting_until or now) - now)
        return Placeholder(f"{wait_reason(source)}; continuing in {left}.", "", Severity.WAITING)
    if view.text and not status.shown and status.saved and not status.sorting:
        is_whole = status.ended or source.connection is not ConnectionState.LIVE
        counted = kind.count(status.saved) + ("" if is_whole else " saved so far")
        todo = "" if is_whole else "enter, then R to fetch the whole list, or "  # R alone goes into the filter
        return Placeholder(f"No match for “{view.text}” among {counted}.", f"Press {todo}esc to clear the filter.")
    return None if status.shown else _empty_placeholder(kind, list_owner, status, source, has_server=has_server)


def next_placeholder_in(status: FeedStatus, source: SourceStatus, now: float) -> float:
    """Return the seconds from `now` (Unix seconds) until the text of `list_placeholder` is outdated.

    The result is infinity if the text does not depend on the time.
    """
    if source.connection is ConnectionState.WAITING:
        return fmt.next_countdown_in((source.waiting_until or now) - now)
    if status.failure is not None and status.fetched_at is not None:
        return fmt.next_age_in(now - status.fetched_at)
    return math.inf


def _lower_first(title: str) -> str:
    return title[:1].lower() + title[1:]


def _empty_placeholder(
    kind: ListKind, list_owner: str, status: FeedStatus, source: SourceStatus, *, has_server: bool
) -> Placeholder:
    if status.is_empty or (status.ended and not status.saved):
        return Placeholder(kind.none.format(who=list_owner))
    if status.loading or status.sorting:
        return Placeholder(f"⋯ Fetching {_lower_first(kind.title.format(who=list_owner))}.")
    if source.connection is ConnectionState.OFFLINE:
        return Placeholder(
            "Nothing is saved here yet.",
            "Start without --offline to fetch it." if has_server else "Press ctrl+f to search everything saved.",
        )
    if source.connection is ConnectionState.UNREACHABLE:
        return Placeholder(
            "Nothing is saved here, and the server cannot be reached.", "Press r to try again.", Severity.ERROR
        )
    return Placeholder(f"⋯ Fetching {_lower_first(kind.title.format(who=list_owner))}.")
