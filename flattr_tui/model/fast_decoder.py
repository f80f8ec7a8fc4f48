"""The short way for a page that is as documented: typed decoding, then one look at all of its text at once.

Whatever is odd in a page, be it a type, a number's range or a character, makes it go the lenient way of
`model.decode` instead: this way never mends, it only recognises that there is nothing to mend.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from flattr_tui.model.coercion import MAX_TAGS, MULTILINE, prose
from flattr_tui.model.entities import Count, Flattr, Subscription, Thing, User
from flattr_tui.model.response_kind import Answer
from flattr_tui.model.sanitizer import LINE_LIMIT, TEXT_LIMIT

Item = User | Thing | Flattr | Subscription


class _Found(msgspec.Struct):
    """A search result. content/api/resources/things.md, 'Search things'."""

    things: list[Thing]
    total_items: Count | None = None


def _texts(kind: type[msgspec.Struct]) -> Callable[[Any], tuple[str | None, ...]]:
    """Make what gets all one-line texts of an entity, in one call of C."""
    names = [
        field.name
        for field in msgspec.structs.fields(kind)
        if field.type in {str, str | None} and field.name not in MULTILINE
    ]
    return attrgetter(*names)


_DECODERS: dict[Answer, msgspec.json.Decoder[Any]] = {
    # Not strict: numbers as texts and 0 or 1 for truth are so common (seen) that they must not cost the short way.
    answer: msgspec.json.Decoder(kind, strict=False)
    for answer, kind in {
        Answer.USER: User,
        Answer.THING: Thing,
        Answer.THINGS: list[Thing],
        Answer.FLATTRS: list[Flattr],
        Answer.SUBSCRIPTIONS: list[Subscription],
        Answer.SEARCH: _Found,
    }.items()
}
_USER_TEXTS, _THING_TEXTS = _texts(User), _texts(Thing)
_owner, _thing, _tags = attrgetter("owner"), attrgetter("thing"), attrgetter("tags")


def decode(answer: Answer, body: bytes) -> tuple[tuple[Item, ...], int | None] | None:
    """Read a body's entities and its total; None where anything needs a closer look."""
    decoder = _DECODERS.get(answer)
    if decoder is None:
        return None
    try:
        found = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # the lenient way says what is wrong with it
    total = None
    if answer is Answer.SEARCH:
        found, total = found.things, found.total_items
    items: tuple[Item, ...] = tuple(found) if isinstance(found, list) else (found,)
    return (items, total) if _tidied(answer, items) else None


def _tidied(answer: Answer, items: Sequence[Any]) -> bool:
    """Clean the prose, which often has line breaks to mend; say whether everything else is plain."""
    things: Iterable[Thing] = ()
    users: list[User | None] = []
    if answer is Answer.USER:
        users = list(items)
    elif answer in {Answer.FLATTRS, Answer.SUBSCRIPTIONS}:
        things = list(map(_thing, items))
        if answer is Answer.FLATTRS:
            users = list(map(_owner, items))
    else:
        things = items
    users += map(_owner, things)
    whole = [user for user in users if user is not None]
    for user in whole:
        if user.about:
            _clean_prose(user, "about", user.about)
    for thing in things:
        if thing.description:
            _clean_prose(thing, "description", thing.description)
    return (
        all(user.username for user in whole)
        and _lines_are_plain(chain.from_iterable(map(_USER_TEXTS, whole)))
        and _lines_are_plain(chain.from_iterable(map(_THING_TEXTS, things)))
        and _tags_are_plain(filter(None, map(_tags, things)))
    )


def _lines_are_plain(texts: Iterable[str | None]) -> bool:
    """Whether `model.text.line` would change none of them.

    All are joined by a blank: a blank at an end of one shows as two. What is printable to `str.isprintable` holds no
    control and no format character, and no white space but the blank.
    """
    kept = list(filter(None, texts))
    joined = " ".join(kept)
    return (
        joined.isprintable()
        and "  " not in joined
        and len(joined.strip()) == len(joined)
        and (len(joined) <= LINE_LIMIT or max(map(len, kept)) <= LINE_LIMIT)
    )


def _tags_are_plain(found: Iterable[tuple[str, ...]]) -> bool:
    lists = list(found)
    return (
        all(len(tags) <= MAX_TAGS and len(set(tags)) == len(tags) and "" not in tags for tags in lists)
        and _lines_are_plain(chain.from_iterable(lists))
    )  # fmt: skip


def _clean_prose(entity: msgspec.Struct, name: str, text: str) -> None:
    if text.isprintable() and len(text) <= TEXT_LIMIT and text[0] != " " and text[-1] != " ":
        return
    msgspec.structs.force_setattr(entity, name, prose(text))  # nobody has seen it yet
