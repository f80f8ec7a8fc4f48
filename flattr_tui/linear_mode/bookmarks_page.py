"""The page of linear mode for bookmarks, saved searches and recently opened pages."""

from collections.abc import Iterable

from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.library.query.saved_queries import describe_query, list_request
from flattr_tui.linear_mode.pages import FeedPage, NumberedItem, Page, ProfilePage, ThingPage
from flattr_tui.linear_mode.search_pages import FindPage, SearchPage
from flattr_tui.model.entities import Thing
from flattr_tui.ui import format as fmt

CONDITIONS = {"category": "category", "language": "language", "user": "owner", "tags": "tag"}
"""Parameters of Flattr's search, each with the condition in a query (`model.query_language`) that means the same."""
BOOKMARK_HINT = "bookmark ITEM keeps a thing or a user, and bookmark alone the page's."


class BookmarksPage(Page):
    """The page of the bookmarks, the saved searches and filters, and the recently opened pages."""

    title = "Bookmarks and history"

    async def load(self) -> None:
        kept = self.context.library.bookmarks
        marks = kept.marks if kept is not None else ()
        groups = {
            "Searches and filters": [mark for mark in marks if mark.kind.is_query],
            "Bookmarks": [mark for mark in marks if not mark.kind.is_query],
            "Recently opened": kept.opened if kept is not None else (),
        }
        self._entries = [
            self._entry(mark, "" if at else heading)
            for heading, found in groups.items()
            for at, mark in enumerate(found)
        ]

    def _entry(self, mark: Mark, heading: str) -> NumberedItem:
        name = mark.key if mark.kind is MarkKind.USER else mark.title or mark.key
        parts = [name, describe_query(mark) if mark.kind.is_query else mark.kind.value]
        parts.append(fmt.when(mark.at, self.now, self.context.tz))
        if mark.source != self.context.library.source.name:
            return NumberedItem(", ".join([*parts, f"of the source {mark.source}"]), heading=heading)
        return NumberedItem(", ".join(parts), mark.item, lambda: self._open(mark), heading)

    def _open(self, mark: Mark) -> Page:
        match mark.kind:
            case MarkKind.USER:
                return ProfilePage(self.context, mark.key)
            case MarkKind.THING:
                return ThingPage(self.context, Thing(id=int(mark.key), title=mark.title))
            case MarkKind.FIND:
                return FindPage(self.context, mark.key)
            case MarkKind.FILTER:
                username = mark.arguments.get("username", "")
                page: Page = FeedPage(self.context, self.as_own_request(list_request(mark)), username)
                page.text = mark.arguments.get("text", "")
                return page
        conditions = (
            f'{name}:"{mark.arguments[parameter]}"'
            for parameter, name in CONDITIONS.items()
            if mark.arguments.get(parameter)
        )
        page = SearchPage(self.context, " ".join(filter(None, (mark.arguments.get("query", ""), *conditions))))
        page.sort = mark.arguments.get("sort", "")
        return page

    def remarks(self) -> Iterable[str]:
        if not self._entries:
            yield f"Nothing is bookmarked yet. {BOOKMARK_HINT}"
