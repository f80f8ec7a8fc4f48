"""The sources from which a table reads its rows, and the base class of tables, which draws rows in columns."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.cache import LRUCache
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style

from flattr_tui.library.query.list_feed import Gap, Row, Sort
from flattr_tui.ui.widgets.base_widgets import MARGIN, LineView
from flattr_tui.ui.widgets.table_columns import GAP, Column, RowStyle, fit_columns

MIN_CHUNK = 16
"""Minimum number of rows that are read at a time."""


class RowSource(Protocol):
    """Provides the rows of a table, read by index."""

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


class RowRenderer(LineView):
    """Draws the rows of a source below the column titles."""

    HEADER = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rowtable--header",
        "rowtable--sorted",
        "rowtable--sign",
        "rowtable--gap",
        "rowtable--footer",
        "rowtable--word",
    }
    DEFAULT_CSS = """
    RowRenderer {
        & > .rowtable--header { color: $muted; }
        & > .rowtable--sorted { color: $accent; }
        & > .rowtable--sign { color: $accent; text-style: bold; }
        & > .rowtable--gap { color: $muted; text-style: italic; }
        & > .rowtable--footer { color: $muted; }
        & > .rowtable--word { color: $accent; text-style: bold underline; }
    }
    """
    source: reactive[RowSource | None] = reactive(None, init=False, always_update=True, layout=False)
    marked: reactive[frozenset[str]] = reactive(frozenset, init=False)
    """Keys of the marked rows."""
    starred: reactive[frozenset[tuple[str, str]]] = reactive(frozenset, init=False)
    """Pairs of kind and key of the bookmarked items, which columns show with a star."""
    footer: reactive[Content] = reactive(Content(""), init=False)
    row_style: reactive[RowStyle] = reactive(RowStyle(), init=False)
    sorted_by: reactive[tuple[Sort, bool]] = reactive((Sort.SERVER, False), init=False)
    """The sort order of the rows, and whether it is descending. The title of its column shows it."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._fitted: list[tuple[Column, int]] = []
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._rich_styles: dict[tuple[Style | str, bool, bool], RichStyle] = {}
        """Rich's styles, by a cell's style, whether the cursor is on the row, and whether the table has the focus."""
        self._chunks: LRUCache[int, list[Row | Gap]] = LRUCache(8)
        """The rows that were read last: pieces of `_chunk_size` rows, by their number from 0."""
        self._chunk_size = MIN_CHUNK
        self._row_count = 0
        self._effective_style = RowStyle()
        """`row_style` with the bookmarked items added."""

    # -- source and columns

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, including those that are hidden because of the width."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self.fit_width()

    def row_at(self, index: int) -> Row | Gap | None:
        """Return the row or gap at an index; None if there is none. About a screenful of rows is read at a time."""
        if self.source is None or not 0 <= index < self._row_count:
            return None
        number, at = divmod(index, self._chunk_size)
        chunk = self._chunks.get(number)
        if chunk is None:
            start = number * self._chunk_size
            chunk = self._chunks[number] = self.source.rows(start, start + self._chunk_size)
        return chunk[at] if at < len(chunk) else None

    @property
    def row_count(self) -> int:
        """Number of rows and gaps, as counted by the last `count_rows`."""
        return self._row_count

    def count_rows(self) -> None:
        """Count the rows of the source again, and discard the rows read from it so far."""
        self._row_count = len(self.source) if self.source is not None else 0
        self._chunk_size = max(MIN_CHUNK, self.page_rows)
        self._chunks.clear()

    @property
    def has_last_line(self) -> bool:
        """Whether a footer follows the rows."""
        return bool(self.footer)

    def watch_footer(self) -> None:
        self.update_size()

    def watch_row_style(self) -> None:
        self._restyle()

    def watch_starred(self) -> None:
        self._restyle()

    def _restyle(self) -> None:
        self._effective_style = replace(self.row_style, starred=self.starred)
        self._strips.clear()
        self.refresh()

    def watch_marked(self) -> None:
        self.refresh()

    def watch_sorted_by(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._rich_styles.clear()
        super().notify_style_update()

    def fit_width(self) -> None:
        """Choose the columns that fit the width, and set their widths."""
        self._fitted = fit_columns(self._columns, max(1, self.scrollable_content_region.width - MARGIN - 1))
        self._strips.clear()
        self.update_size()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width = self._line_width
        if y < self.HEADER:
            return self._draw_header(width)
        index = self.scroll_offset.y + y - self.HEADER
        at = self.row_at(index)
        base = self.visual_style
        if at is None:
            length = self.row_count
            text = self.footer if index == length and length else Content("")
            style = base + self.get_visual_style("rowtable--footer", partial=True)
            return self.draw_line(Content(" " * MARGIN) + text, width, style)
        is_cursor = index == self.cursor
        if isinstance(at, Gap):
            return self.draw_gap(at, is_cursor=is_cursor, width=width)
        marked = at.key in self.marked
        known = (at, width, is_cursor, self.has_focus, marked)
        strip = self._strips.get(known)
        if strip is None:
            strip = self._strips[known] = self._draw_row(at, width, is_cursor=is_cursor, is_marked=marked)
        return strip

    def draw_gap(self, gap: Gap, *, is_cursor: bool, width: int) -> Strip:
        base = self.cursor_style if is_cursor else self.visual_style
        style = base + self.get_visual_style("rowtable--gap", partial=True)
        return self.draw_line(Content(f"{' ' * MARGIN}{gap_text(gap)}"), width, style)

    def _draw_row(self, row: Row, width: int, *, is_cursor: bool, is_marked: bool) -> Strip:
        """Return a drawn row, put together from its cells.

        To join, measure and split the content of the whole row took 1.5 times as long.
        """
        base = self.cursor_style if is_cursor else self.visual_style
        look = (is_cursor, self.has_focus)
        sign = "✓ " if is_marked else "▸ " if is_cursor else "• " if row.is_new else "  "
        segments = [Segment(sign, self._rich_style(".rowtable--sign", look, base))]
        used, gap, plain = MARGIN, 0, ""  # `plain` is text in the row's own style that follows `segments`
        own_style = base.rich_style
        for column, cells in self._fitted:
            cell = column.render(row, self._effective_style).truncate(cells, ellipsis=True)
            text, spans, left = cell.plain, cell.spans, cells - cell.cell_length
            before, after = (left, 0) if column.align == "right" else (0, left)
            plain += " " * (gap + before)
            if not spans:
                plain += text
            else:
                if plain:
                    segments.append(Segment(plain, own_style))
                plain = ""
                if len(spans) == 1 and spans[0].start == 0 and spans[0].end >= len(text):
                    segments.append(Segment(text, self._rich_style(spans[0].style, look, base)))
                else:
                    runs = cell.render(base, "", parse_style=self._parse_style)
                    segments += [Segment(part, run.rich_style) for part, run in runs]
            plain += " " * after
            used, gap = used + gap + cells, GAP
        segments.append(Segment(plain + " " * (width - used), own_style))
        strip = Strip(segments, max(used, width)).crop(0, width)
        if is_cursor and (self.app.native_ansi_color or self.app.no_color):
            return self.draw_cursor_line(Content(strip.text, strip_control_codes=False), width)
        return strip

    def _rich_style(self, style: Style | str, look: tuple[bool, bool], base: Style) -> RichStyle:
        """Return the Rich style for a cell with the style `style` in a row with the style `base`.

        `look` says whether the cursor is on the row, and whether the table has the focus.
        """
        found = self._rich_styles.get((style, *look))
        if found is None:
            found = self._rich_styles[style, *look] = (base + self._parse_style(style)).rich_style
        return found

    def _draw_header(self, width: int) -> Strip:
        sort, descending = self.sorted_by
        parts: list[Content] = []
        for column, cells in self._fitted:
            on = column.sort is not None and column.sort is sort
            arrow = ("↓" if descending else "↑") if on else ""
            fits = len(column.title) + len(arrow) <= cells
            title = (column.title if fits else column.short_title or column.title)[: max(1, cells - len(arrow))] + arrow
            text = title.rjust(cells) if column.align == "right" else title.ljust(cells)
            parts.append(Content.styled(text, ".rowtable--sorted") if on else Content(text))
        line = Content(" " * MARGIN) + Content(" " * GAP).join(parts)
        return self.draw_line(line, width, self.visual_style + self.get_visual_style("rowtable--header", partial=True))


def gap_text(gap: Gap) -> str:
    """Return the text of a gap: how many rows are missing, and how to fetch them."""
    if gap.loading:
        return "⋯ loading" if gap.missing is None else f"⋯ loading {gap.missing:,} rows"
    if gap.missing is not None:
        return f"⋯ {gap.missing:,} row{'s' if gap.missing != 1 else ''} not saved — r fetches them"
    return "⋯ more is not saved — r fetches it" if not gap.at_end else "⋯ more to come — r fetches it"
