"""The titles of bookmarks in sentences, and the record by which a removed bookmark is restored."""

from dataclasses import dataclass

from flattr_tui.library.bookmarks import Mark, MarkKind


@dataclass(frozen=True, slots=True)
class RemovedBookmark:
    """A removed bookmark or, with `opened`, a removed history entry, as needed to restore it."""

    mark: Mark
    opened: bool


def bookmark_title(mark: Mark, *, start: bool = False) -> str:
    """Return a bookmark's title for use within a sentence or, with `start`, at the beginning of one."""
    match mark.kind:
        case MarkKind.USER:
            return mark.key
        case MarkKind.THING:
            return f"“{mark.title}”" if mark.title else f"{'T' if start else 't'}hing {mark.key}"
        case MarkKind.SEARCH:
            return f"{'T' if start else 't'}he search for {mark.title}"
        case MarkKind.FILTER:
            return f"{'T' if start else 't'}he filter “{mark.title}”"
        case MarkKind.FIND:
            return f"{'T' if start else 't'}he query “{mark.title}”"
