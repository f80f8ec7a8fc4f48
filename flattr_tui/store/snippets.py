"""The texts that an item is found by, and the snippet that a search result shows."""

from typing import Final

from flattr_tui.model.entities import Activity, Flattr, Item, Thing, User
from flattr_tui.store import normalizer

SNIPPET_LENGTH: Final = 120
"""Length of a snippet in characters."""
LEAD_LENGTH: Final = 14
"""Characters shown before the first match, so that it is visible in a narrow column."""
SCANNED_LENGTH: Final = 2_000
"""How many characters of a text are searched for matches to show."""


def item_texts(entity: Item) -> list[str]:
    """Return the texts that an item is found by, most important first."""
    match entity:
        case Thing():
            owner = entity.owner
            named = [owner.username, owner.firstname, owner.lastname] if owner else []
            found = [entity.title, " · ".join(entity.tags or ()), entity.description, *named]
        case Flattr():
            found = [headline(entity), *item_texts(entity.thing)[1:]]
        case User():
            found = [entity.username, entity.name, entity.about, entity.city, entity.country]
        case Activity():
            found = [entity.title, entity.object_name, entity.actor_name]
        case _:
            found = []
    return [text for text in found if text]


def headline(entity: Item) -> str:
    """Return the title of an item on one line."""
    match entity:
        case Thing() | Activity():
            said = entity.title
        case Flattr(thing=thing, owner=owner):
            said = f"{owner.username if owner else 'somebody'} flattred {thing.title or thing.id}"
        case User(username=username, name=name):
            said = username if name == username else f"{username} · {name}"
        case _:
            said = ""
    return " ".join(said.split())


def make_snippet(entity: Item, sought: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the part of an item's texts with the most matches, on one line, and where the matches are in it."""
    best, most = "", -1
    for text in item_texts(entity)[1:] or item_texts(entity):
        line = " ".join(text[:SCANNED_LENGTH].split())
        marks = normalizer.match_spans(line, sought)
        if len(marks) > most:
            start = max(0, marks[0][0] - LEAD_LENGTH) if marks else 0
            start = max(start, line.find(" ", start, marks[0][0]) + 1) if start else 0
            best, most = f"{'… ' if start else ''}{line[start : start + SNIPPET_LENGTH]}", len(marks)
    return best, tuple(normalizer.match_spans(best, sought))
