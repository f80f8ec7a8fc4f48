"""The texts around a list: its title, its counts, and the placeholder while there is no data."""

import math

from textual.content import Content

from flattr_tui.library.events import ConnectionState, SourceStatus
from flattr_tui.library.query.list_feed import FeedStatus, Sort, View
from flattr_tui.ui import format as fmt
from flattr_tui.ui.list_columns import ListKind
from flattr_tui.ui.list_labels import wait_reason
from flattr_tui.ui.widgets.base_widgets import Placeholder, Severity


def heading(
    kind: ListKind, who: str, status: FeedStatus, view: View, *, note: str = "", marked: int = 0
) -> tuple[Content, Content, Content]:
    """Return the title of a list, followed by `note`, and its counts twice: with words, and without words.

    The counts are the numbers of marked, saved and new rows. `who` is the user whose list it is.
    """
    before, _, after = kind.title.partition("{who}")
    title = Content.assemble((before, "bold"), (who if "{who}" in kind.title else "", "bold $accent"), (after, "bold"))
    if note:
        title += Content.styled(f" · {note}", "$muted")
    chosen = Content.styled(f"{marked:,} marked · " if marked else "", "$accent")
    count, short = (
        chosen + Content.styled(" · ".join(_count_parts(kind, status, view, short=short)), "$muted")
        for short in (False, True)
    )
    return title, count, short


def end_line(kind: ListKind, status: FeedStatus, view: View) -> Content:
    """Return the line below the last row of a list; empty if the list is filtered or not completely saved."""
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
    who: str,
    status: FeedStatus,
    view: View,
    source: SourceStatus,
    now: float,
    *,
    has_server: bool = True,
) -> Placeholder | None:
    """Return the text to show beside or instead of the rows of a list; None if no text is needed.

    The text says, for example, that the list is being fetched. `who` is the user whose list it is. `now` is in Unix
    seconds. `has_server` says whether missing data can be fetched.
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
        todo = "" if is_whole else "R to fetch the whole list, "
        return Placeholder(f"No match for “{view.text}” among {counted}.", f"Press {todo}esc to clear the filter.")
    return None if status.shown else _empty_placeholder(kind, who, status, source, has_server=has_server)


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
    kind: ListKind, who: str, status: FeedStatus, source: SourceStatus, *, has_server: bool
) -> Placeholder:
    if status.is_empty or (status.ended and not status.saved):
        return Placeholder(kind.none.format(who=who))
    if status.loading or status.sorting:
        return Placeholder(f"⋯ Fetching {_lower_first(kind.title.format(who=who))}.")
    if source.connection is ConnectionState.OFFLINE:
        return Placeholder(
            "Nothing is saved here yet.",
            "Start without --offline to fetch it." if has_server else "Press ctrl+f to search everything saved.",
        )
    if source.connection is ConnectionState.UNREACHABLE:
        return Placeholder(
            "Nothing is saved here, and the server cannot be reached.", "Press r to try again.", Severity.ERROR
        )
    return Placeholder(f"⋯ Fetching {_lower_first(kind.title.format(who=who))}.")
