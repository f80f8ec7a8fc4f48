"""The columns of each kind of list, and the functions that draw their cells."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace
from textual.content import Content

from flattr_tui.library.bookmarks import bookmarked_as, key_of
from flattr_tui.library.query.list_feed import SAVED_FLATTRS, Row, Sort
from flattr_tui.model.entities import Activity, Entity, Flattr, Subscription, User, thing_of, time_of
from flattr_tui.ui import format as fmt
from flattr_tui.ui.item_text import SIGNED_VERBS, shorten_sentence
from flattr_tui.ui.list_labels import LIST_WORDS, ListLabels
from flattr_tui.ui.widgets.table_columns import Column, RowStyle

MUTED = "$muted"
STAR = "★"


def mark_words(text: str, words: Iterable[str], style: str = "") -> Content:
    """Return `text`, which may be from a server, as content. Each word that begins with one of `words` is highlighted.

    Case doesn't matter.
    """
    content = Content.styled(text, style) if style else Content(text)
    for word in words:
        for found in re.finditer(rf"(?<!\w){re.escape(word)}", text, re.IGNORECASE):
            content = content.stylize(".rowtable--word", found.start(), found.end())
    return content


def add_star(content: Content, subject: Entity | None, look: RowStyle) -> Content:
    """Return `content`; with a star before it if `subject` is bookmarked."""
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
    """Return an activity's sentence without the user and the verb that the list already shows.

    The thing's title stands out: all other words are muted.
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
