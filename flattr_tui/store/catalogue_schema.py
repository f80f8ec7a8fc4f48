"""The catalogue's tables of items, with the columns by which items are found, sorted, filtered and counted."""

from enum import IntEnum
from typing import Final

import msgspec

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Activity, Choice, Flattr, Item, Subscription, Thing, User


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
    "CREATE INDEX item_subject ON item (subject, kind, time) WHERE kind = 2",
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
    # The words of the subjects, folded by `store.text_normalizer`, so that the tokenizer only splits at blanks.
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
