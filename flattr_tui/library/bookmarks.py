"""Bookmarks, the history of opened pages and searches, and drafts of forms, in one file that all sources share.

Every change is made in memory immediately, and recorded. `save`, which is called in a thread, locks and reads the file,
repeats the recorded changes, and replaces the file. So two running programs never undo each other's changes.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Struct

from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.entities import Activity, Entity, Thing, User, thing_of, username_of
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.store.shared_files import file_lock, replace_file, set_aside

VERSION = 1
OPENED_LIMIT = 200
"""Maximum number of opened pages in the history, over all runs and sources."""
QUERIES_LIMIT = 100
"""Maximum number of search texts in the history."""
SEEN_LIMIT = 500
"""Maximum number of lists for which the time of the newest item that the user has seen is stored."""
DRAFTS_LIMIT = 20
"""Maximum number of drafts of unsent forms."""
SIZE_LIMIT = 16 << 20
"""Maximum size of the file in bytes. A larger file was not written by this program."""


class MarkKind(StrEnum):
    """What a bookmark leads to: a user, a thing, or the results of a query."""

    USER = "user"
    THING = "thing"
    SEARCH = "search"
    """A search for things at the server."""
    FILTER = "filter"
    """A user's list, filtered by a query."""
    FIND = "find"
    """A full-text search in all saved items."""

    @property
    def is_query(self) -> bool:
        """Whether a bookmark of this kind opens the results of a query. The user can give such a bookmark a name."""
        return self in {MarkKind.SEARCH, MarkKind.FILTER, MarkKind.FIND}


class Mark(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bookmark of a page, or a page in the history of opened pages."""

    kind: MarkKind
    source: str
    """The name of the source. The same id can stand for different things at different sources."""
    key: str
    """The user name, the thing's id, or the text of the query."""
    title: str = ""
    at: float = 0.0
    """When the page was bookmarked or last opened (Unix seconds)."""
    arguments: dict[str, str] = {}
    """For a query, the arguments of the request that it belongs to, by name."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """A value that is equal for two bookmarks if they lead to the same page or query."""
        return self.kind, self.source, self.folded_key

    @property
    def folded_key(self) -> str:
        """The key for comparing bookmarks: a user name in lower case; any other key is unchanged."""
        return fold_username(self.key) if self.kind is MarkKind.USER else self.key

    @property
    def request(self) -> ApiRequest | None:
        """The request that repeats the bookmarked search; None for other bookmarks."""
        return ApiRequest.of("search", self.arguments) if self.kind is MarkKind.SEARCH else None

    @property
    def item(self) -> User | Thing | None:
        """The bookmarked user (with only the name) or thing (with only the id and the title); None for a query."""
        if self.kind is MarkKind.USER:
            return User(username=self.key)
        return Thing(id=int(self.key), title=self.title) if self.kind is MarkKind.THING else None


def key_of(subject: Entity | None) -> tuple[str, str] | None:
    """Return the `MarkKind` and the key of a bookmark of `subject`, a user or a thing; None for any other entity."""
    match subject:
        case User(username=name) if name:
            return MarkKind.USER, fold_username(name)
        case Thing(id=number):
            return MarkKind.THING, str(number)
    return None


def mark_of(subject: Entity | ApiRequest | None, source: str, at: float) -> Mark | None:
    """Return a new bookmark of a user, a thing or a search request; None for any other `subject`.

    `source` is the name of the source, and `at` the bookmark's date in Unix seconds.
    """
    match subject:
        case User(username=name) if name:
            return Mark(kind=MarkKind.USER, source=source, key=name, title=subject.name, at=at)
        case Thing(id=number):
            return Mark(kind=MarkKind.THING, source=source, key=str(number), title=subject.title, at=at)
        case ApiRequest(method="search"):
            arguments = dict(subject.arguments)
            query = " ".join(f"{name}={value}" for name, value in subject.arguments if name != "full")
            title = arguments.get("query", "") or query
            return Mark(kind=MarkKind.SEARCH, source=source, key=query, title=title, at=at, arguments=arguments)
    return None


class BookmarksContent(Struct, kw_only=True):
    """The content of the bookmarks file. In each list and dictionary, the latest entry is last."""

    version: int = VERSION
    marks: list[Mark] = []
    """The bookmarks."""
    opened: list[Mark] = []
    """The history of opened pages."""
    queries: list[str] = []
    """The history of search texts."""
    drafts: dict[str, dict[str, str]] = {}
    """Drafts of unsent forms, by the key of the form: the text that was typed into each field, by the field's name."""
    seen: dict[str, int] = {}
    """For each list, by its name: the time (Unix seconds) of its newest item when the list was last on screen."""


Change = Callable[[BookmarksContent], None]


class Bookmarks:
    """The bookmarks, the history and the drafts of the user.

    Only `open` and `save` access the disk; all other methods return immediately.
    """

    def __init__(self, path: Path | None, *, notice: Callable[[str], None]) -> None:
        """Start without bookmarks. `save` will write to the file `path`; with None, nothing is stored.

        `notice` is called with sentences for the user.
        """
        self.path = path
        self._notice = notice
        self._contents = BookmarksContent()
        self._pending: list[Change] = []
        self._guard = threading.Lock()  # protects `_contents` and `_pending`
        self._writing = threading.Lock()  # one `save` at a time, to keep changes in order
        self._complained = False

    @classmethod
    def open(cls, path: Path, *, notice: Callable[[str], None]) -> Self:
        """Return the bookmarks in the file at `path`. If there is no such file, the result has no bookmarks.

        An invalid file is set aside. `notice` is then called with a sentence for the user.
        """
        bookmarks = cls(path, notice=notice)
        try:
            bookmarks._contents = bookmarks._read(path)
        except OSError as error:
            bookmarks._complain("read", error)
        return bookmarks

    # -- reading

    @property
    def marks(self) -> Sequence[Mark]:
        """All bookmarks, the latest first."""
        return self._contents.marks[::-1]

    @property
    def opened(self) -> Sequence[Mark]:
        """The history of opened pages, from this run of the program and earlier ones, the latest first."""
        return self._contents.opened[::-1]

    @property
    def queries(self) -> Sequence[str]:
        """The history of search texts, from this run of the program and earlier ones, the latest first."""
        return self._contents.queries[::-1]

    def is_marked(self, mark: Mark) -> bool:
        """Whether the page or query of `mark` is bookmarked."""
        return any(known.identity == mark.identity for known in self._contents.marks)

    def keys_of_source(self, source: str) -> frozenset[tuple[str, str]]:
        """Return a pair for each bookmark that belongs to a source: the bookmark's `MarkKind` and its key."""
        return frozenset((mark.kind, mark.folded_key) for mark in self._contents.marks if mark.source == source)

    def draft(self, key: str) -> Mapping[str, str]:
        """Return the draft of the form `key`: by field name, the texts that were typed but not sent.

        The result is empty if there is no draft.
        """
        return self._contents.drafts.get(key, {})

    # -- changes, which the next `save` stores

    @property
    def unsaved(self) -> bool:
        """Whether bookmarks, history or drafts have changes that are not stored on disk yet."""
        return bool(self._pending)

    def toggle(self, mark: Mark) -> bool:
        """Bookmark a page; if it is bookmarked already, remove the bookmark. Returns whether it is bookmarked now."""
        marked = self.is_marked(mark)
        self._change(lambda kept: _move_to_end(kept.marks, mark, keep=not marked))
        return not marked

    def keep(self, mark: Mark) -> None:
        """Add a bookmark. A bookmark of the same page or query is replaced, for example by one with a new name."""

        def change(kept: BookmarksContent) -> None:
            known = [other.identity for other in kept.marks]
            if mark.identity in known:
                kept.marks[known.index(mark.identity)] = mark
            else:
                kept.marks.append(mark)

        self._change(change)

    def record_opened(self, mark: Mark) -> None:
        """Put a page that the user has opened at the top of the history."""
        self._change(lambda kept: _move_to_end(kept.opened, mark, limit=OPENED_LIMIT))

    def record_query(self, query: str) -> None:
        """Put a text that the user has searched for at the top of the history."""
        query = single_line(query)

        def change(kept: BookmarksContent) -> None:
            kept.queries = [*(known for known in kept.queries if known != query), query][-QUERIES_LIMIT:]

        if query:
            self._change(change)

    def keep_draft(self, key: str, values: Mapping[str, str]) -> None:
        """Store the draft of the form `key`. `values` are the typed texts by field name; if empty, delete the draft."""

        def change(kept: BookmarksContent) -> None:
            kept.drafts.pop(key, None)
            if values:
                kept.drafts = dict([*kept.drafts.items(), (key, dict(values))][-DRAFTS_LIMIT:])

        if values != self.draft(key):
            self._change(change)

    def seen_until(self, name: str) -> int | None:
        """Return the time (Unix seconds) of the newest item that the user has seen in the list called `name`.

        Returns None if the list was never on screen.
        """
        return self._contents.seen.get(name)

    def record_seen(self, name: str, newest: int) -> None:
        """Store that a list was on screen. `name` is the list's name, and `newest` the time of its newest item.

        The time is in Unix seconds.
        """

        def change(kept: BookmarksContent) -> None:
            others = [(other, time) for other, time in kept.seen.items() if other != name]
            kept.seen = dict([*others, (name, max(newest, kept.seen.get(name, newest)))][-SEEN_LIMIT:])

        if newest > self._contents.seen.get(name, -1):
            self._change(change)

    def forget(self, mark: Mark) -> None:
        """Remove a page from the history of opened pages."""
        self._change(lambda kept: _move_to_end(kept.opened, mark, keep=False))

    def forget_all(self) -> None:
        """Clear the history of opened pages and of search texts. Bookmarks and drafts stay."""

        def change(kept: BookmarksContent) -> None:
            kept.opened, kept.queries = [], []

        self._change(change)

    def _change(self, change: Change) -> None:
        with self._guard:
            change(self._contents)
            self._pending.append(change)

    # -- the file

    def save(self) -> None:
        """Store the changes on disk, and load the changes that other running programs have stored.

        This waits for the disk and a lock: call it in a thread. If the file can't be written, the user gets a notice
        once, and the changes last until the program ends.
        """
        if self.path is None:
            self._pending.clear()
            return
        with self._writing:
            with self._guard:
                changes = self._pending[:]
            try:
                with file_lock(self.path):
                    contents = self._read(self.path)
                    for change in changes:
                        change(contents)
                    if changes:
                        replace_file(self.path, msgspec.json.format(msgspec.json.encode(contents)), durable=True)
            except OSError as error:
                self._complain("written", error)
                return
            with self._guard:
                self._pending = self._pending[len(changes) :]
                for change in self._pending:  # changes made while the file was written
                    change(contents)
                self._contents = contents

    def _read(self, path: Path) -> BookmarksContent:
        try:
            with path.open("rb") as file:
                body = file.read(SIZE_LIMIT + 1)
        except FileNotFoundError:
            return BookmarksContent()
        try:
            return parse_contents(body)
        except ValueError as error:
            kept = set_aside(path)
            self._notice(f"The bookmarks could not be read ({error}); they were set aside as {kept}.")
            return BookmarksContent()

    def _complain(self, what: str, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            reason = os.strerror(error.errno) if error.errno else str(error)
            self._notice(f"The bookmarks can't be {what} ({reason}): {self.path}. They last until you quit.")


def parse_contents(body: bytes) -> BookmarksContent:
    """Decode `body`, the bytes of a bookmarks file. Invalid entries are left out.

    Raises `ValueError` if the file as a whole is invalid. The message says why.
    """
    if len(body) > SIZE_LIMIT:
        raise ValueError("the file is larger than 16 MB")
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"the file is damaged: {error}") from error
    if not isinstance(found, dict) or "version" not in found:
        raise ValueError("the file is not one of bookmarks")
    if found["version"] != VERSION:
        raise ValueError(f"the file is of version {found['version']}")
    queries = found.get("queries")
    return BookmarksContent(
        marks=_parse_marks(found.get("marks")),
        opened=_parse_marks(found.get("opened"))[-OPENED_LIMIT:],
        queries=[single_line(text) for text in queries if isinstance(text, str)][-QUERIES_LIMIT:]
        if isinstance(queries, list)
        else [],
        drafts=_parse_drafts(found.get("drafts")),
        seen=_parse_seen(found.get("seen")),
    )


def _parse_seen(found: Any) -> dict[str, int]:
    items = found.items() if isinstance(found, dict) else ()
    return {name: time for name, time in items if isinstance(time, int) and not isinstance(time, bool)}


def _parse_drafts(found: Any) -> dict[str, dict[str, str]]:
    drafts: dict[str, dict[str, str]] = {}
    for key, values in found.items() if isinstance(found, dict) else ():
        try:
            drafts[key] = msgspec.convert(values, dict[str, str])
        except msgspec.ValidationError:
            continue
    return drafts


def _parse_marks(found: Any) -> list[Mark]:
    made = {mark.identity: mark for record in found if (mark := _parse_mark(record))} if isinstance(found, list) else {}
    return list(made.values())


def _parse_mark(record: Any) -> Mark | None:
    try:
        mark = msgspec.convert(record, Mark)
    except msgspec.ValidationError:
        return None
    key = single_line(mark.key)
    if mark.kind is MarkKind.THING and not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    arguments = {single_line(name): single_line(value) for name, value in mark.arguments.items()}
    return msgspec.structs.replace(mark, key=key, title=single_line(mark.title), arguments=arguments) if key else None


def _move_to_end(marks: list[Mark], mark: Mark, *, keep: bool = True, limit: int | None = None) -> None:
    """Put `mark` at the end of `marks`, and remove an earlier bookmark of the same page or query.

    Without `keep`, the earlier bookmark is removed, but `mark` is not added. `limit` is the maximum number of
    bookmarks: the first ones are removed if there are more; None for no maximum.
    """
    others: Iterable[Mark] = [known for known in marks if known.identity != mark.identity]
    marks[:] = [*others, mark] if keep else others
    if limit is not None:
        del marks[:-limit]


@dataclass(frozen=True, slots=True)
class RemovedBookmark:
    """A bookmark, or an entry of the history, that the user has just removed and can restore."""

    mark: Mark
    opened: bool
    """Whether `mark` was in the history of opened pages. If not, it was a bookmark."""


def bookmarked_as(item: Entity | None) -> Thing | User | None:
    """Return what a bookmark of an item leads to: a user, or a thing; None if the item can't be bookmarked.

    For a user or thing, it is the item itself; for a flattr, its thing; for an activity, its thing or user.
    """
    if isinstance(item, User):
        return item
    thing = thing_of(item)
    if thing is None and isinstance(item, Activity):
        return User(username=username_of(item))
    return thing


def bookmark_title(mark: Mark, *, start: bool = False) -> str:
    """Return a bookmark's title for use within a sentence; with `start`, for the beginning of a sentence."""
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
