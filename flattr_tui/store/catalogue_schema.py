"""The catalogue's tables of items and single objects, and the types of what the catalogue's methods take and return.

The tables have the columns by which items are found, sorted, filtered and counted.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.entities import Activity, Choice, Flattr, Item, Subscription, Thing, User
from flattr_tui.model.query_language import Term

CancelCheck = Callable[[], bool]
"""Returns True once the caller no longer needs the result."""
Check = Callable[[], None]
"""Called between the parts of a long API page. It may raise an exception to stop the work, which is then undone."""
SHORT_LIST: Final = 500
"""Lists of at most this many rows are scanned for words, without the full-text index."""


def never_stop() -> None:
    """Do nothing. This is the default for parameters called `check`, which can stop work by an exception."""


class Scope(NamedTuple):
    """A source and an account: those for which a response was fetched, or those whose saved data may be read."""

    source: str
    """Name of the source (`Source.name`)."""
    account: str = ""
    """User name of the login; "" for no login, which may read only public responses."""


class RowEntry(NamedTuple):
    """One row of a list: an item or a gap."""

    position: int
    item: Item | None
    """The item; None for a gap."""
    key: str
    """The item's key (`Item.key`); "" for a gap."""
    fetched_at: float
    """When the server last sent or confirmed the item, in Unix seconds; 0 for a gap."""
    missing: int | None = None
    """For a gap, the number of missing rows, or None if that is unknown. None for an item."""


class IngestResult(NamedTuple):
    """What adding a response to the catalogue changed. Most fields are about a list, not about a single object."""

    request: ApiRequest
    new: int = 0
    """Number of items that the list did not have before."""
    joins_known: bool = False
    """Whether this API page reaches known rows or the end of the list without a gap. A refresh may then stop."""
    ended: bool = False
    """Whether the list ends with this page."""
    record_count: int = 0
    """Number of records on the API page, including unreadable ones."""
    suspicious: bool = False
    """Whether the previous API page must be fetched again, because known items between the two pages are missing."""
    has_next: bool = False
    """Whether the next API page is known to have items. Then even a short page does not end the list."""
    recounted: int = 0
    """Number of known things whose number of flattrs has changed; 0 if the response was ingested before."""
    shrunk: bool = False
    """Whether items of this API page, or above it, were removed from the list since the page was last fetched."""


class ThingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of Flattr's search for things. Empty parameters do not filter.

    Source: content/api/resources/things.md, 'Search things'.
    """

    query: str = ""
    """The searched words. The last one may be the beginning of a word."""
    tags: str = ""
    """A tag expression (`model.tag_expression`)."""
    user: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    conditions: tuple[Term, ...] = ()
    """Conditions of the query language, which only this program understands, not Flattr."""
    sort: str = "relevance"
    """One of Flattr's orders: relevance, trend, flattrs, flattrs_month, flattrs_week, flattrs_day."""

    @classmethod
    def of(cls, request: ApiRequest) -> "ThingFilter":
        """Return the parameters in a request for the API method `search`."""
        parted = {name: tuple(filter(None, request.get(name).split(","))) for name in ("category", "language")}
        return cls(
            query=request.get("query"),
            tags=request.get("tags"),
            user=request.get("user"),
            url=request.get("url"),
            categories=parted["category"],
            languages=parted["language"],
            sort=request.get("sort", "relevance"),
        )


class SearchResult(NamedTuple):
    """The result of a search for things: the first ids, and the number of all results."""

    ids: Sequence[int]
    """Item ids of the first results, for `Catalogue.read_items`."""
    total: int
    """Number of all results, including those beyond the limit."""


class SearchHit(NamedTuple):
    """One result of the full-text search."""

    entry: RowEntry
    kind: str
    """`user`, `thing`, `flattr` or `activity`."""
    scope: Scope
    """The source and account for which the found item was saved."""


class Tally(msgspec.Struct, frozen=True):
    """The number of flattrs that have a certain value of a dimension, such as a month. A chart shows it as a bar."""

    key: str
    """The value, as `YYYY-MM`, `YYYY-MM-DD`, a user name, a tag, or the id of a thing, category or language."""
    label: str
    """The value as it is displayed: the title of a thing, otherwise the key."""
    count: int
    """Number of flattrs."""


class FlattrStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one user's saved flattrs, for charts."""

    counted: int
    """Number of flattrs that were counted."""
    total: int | None
    """Number of all flattrs that the user gave; None if the saved list is not complete."""
    by_month: tuple[tuple[str, int], ...]
    """Number of flattrs in each month (`YYYY-MM`) from the first to the last, zeros included."""
    supported: tuple[tuple[str, int], ...]
    """Number of flattrs by the user name of the thing's owner, the largest first, at most 100."""
    categories: tuple[tuple[str, int], ...]
    """Number of flattrs by category id, the largest first, at most 100."""


class ItemKind(IntEnum):
    """What an item of the catalogue is: a user, a thing, and so on. The numbers are stored, so never change them."""

    USER = 0
    THING = 1
    FLATTR = 2
    ACTIVITY = 3
    SUBSCRIPTION = 4
    CHOICE = 5


KIND_OF: Final[dict[type[Item], ItemKind]] = {
    User: ItemKind.USER,
    Thing: ItemKind.THING,
    Flattr: ItemKind.FLATTR,
    Activity: ItemKind.ACTIVITY,
    Subscription: ItemKind.SUBSCRIPTION,
    Choice: ItemKind.CHOICE,
}
TYPE_OF: Final = {kind: entity for entity, kind in KIND_OF.items()}
LIST_KINDS: Final[dict[ResponseKind, ItemKind]] = {
    ResponseKind.THINGS: ItemKind.THING,
    ResponseKind.SEARCH: ItemKind.THING,
    ResponseKind.FLATTRS: ItemKind.FLATTR,
    ResponseKind.ACTIVITIES: ItemKind.ACTIVITY,
    ResponseKind.SUBSCRIPTIONS: ItemKind.SUBSCRIPTION,
    ResponseKind.CHOICES: ItemKind.CHOICE,
}
"""The kinds of responses that are lists, with the kind of their items. All other responses are single objects."""
ENTITY_FIELDS: Final = str([(kind.name, entity.__struct_fields__) for entity, kind in KIND_OF.items()])
"""The names of all entities' fields. They are part of the catalogue's version, because entities are stored by field."""

SCHEMA: Final[tuple[str, ...]] = (
    # The ingested responses with their results (an `IngestResult`), and facts about the catalogue.
    "CREATE TABLE taken (sequence INTEGER PRIMARY KEY, outcome BLOB)",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # `granted`: the largest page that the source ever served.
    "CREATE TABLE source (name TEXT PRIMARY KEY, granted INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE scope (id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL, UNIQUE (source, account))
    """,
    # One row per item. `subject` is the item whose words describe it (the thing of a flattr or subscription, else the
    # item itself). `person` is the owner of a thing, or who gave a flattr. The columns after `person` are filled for
    # subjects only, and are folded for comparison. A flattr has no key: it is found by person, time and subject. The
    # table is narrow, so that 100,000 rows are scanned quickly; all other fields are in `body`.
    """CREATE TABLE item (
        id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT COLLATE NOCASE,
        fetched_at REAL NOT NULL, time INTEGER, subject INTEGER NOT NULL, person INTEGER,
        title TEXT, owner TEXT, flattrs INTEGER, category TEXT, language TEXT, url TEXT, hidden INTEGER)""",
    "CREATE UNIQUE INDEX item_key ON item (scope, kind, key) WHERE key IS NOT NULL",
    # Lists are fetched from the newest items down: an index in this order grows at its end, which fills its pages.
    "CREATE INDEX item_person ON item (person, kind, time DESC) WHERE person IS NOT NULL",
    "CREATE INDEX item_subject ON item (subject, time) WHERE kind = 2",
    "CREATE INDEX item_newest ON item (time DESC) WHERE kind = 2",
    # Covers the search for users and activities, which are few compared with the things that have the same words.
    "CREATE INDEX item_worded ON item (id, kind, scope) WHERE kind IN (0, 3)",
    "CREATE INDEX item_called ON item (title, scope) WHERE kind = 0",
    # A search scans the things through these, and counts them without reading the table.
    "CREATE INDEX item_made ON item (time) WHERE kind = 1",
    "CREATE INDEX item_filtered ON item (scope, hidden, category, language, key) WHERE kind = 1",
    "CREATE INDEX item_name ON item (owner) WHERE kind = 0",
    "CREATE INDEX item_title ON item (title) WHERE kind = 1",
    "CREATE INDEX item_flattrs ON item (flattrs) WHERE kind = 1",
    "CREATE INDEX item_owner ON item (owner) WHERE kind = 1",
    "CREATE INDEX item_category ON item (category) WHERE kind = 1",
    "CREATE INDEX item_language ON item (language) WHERE kind = 1",
    "CREATE INDEX item_url ON item (url) WHERE kind = 1",
    "CREATE TABLE body (id INTEGER PRIMARY KEY, entity BLOB NOT NULL)",
    "CREATE TABLE tag (folded TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (folded, item)) WITHOUT ROWID",
    # The words of the subjects, folded by `store.text_query_sql`, so that the tokenizer only splits at blanks.
    # Prefixes of up to 3 characters are indexed, so that results appear while typing.
    "CREATE TABLE text (id INTEGER PRIMARY KEY, title TEXT, description TEXT, tags TEXT, owner TEXT)",
    (
        "CREATE VIRTUAL TABLE words USING fts5(title, description, tags, owner, content='text', content_rowid='id',"
        " tokenize='ascii', prefix='1 2 3')"
    ),
    # Single objects: `item` if the object is an item, else `entity`.
    """CREATE TABLE record (
        scope INTEGER NOT NULL, method TEXT NOT NULL, arguments TEXT NOT NULL, answer TEXT NOT NULL, item INTEGER,
        entity BLOB, fetched_at REAL NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (method, arguments, scope))
        WITHOUT ROWID""",
)

encode = msgspec.msgpack.Encoder().encode
"""Returns the bytes (MessagePack) to store for an entity, its fields, or a result."""
decode_fields = msgspec.msgpack.Decoder(dict).decode
"""Returns the fields of a stored entity, by name."""
