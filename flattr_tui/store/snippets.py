"""The texts of an item that it is found by, and the piece of them that is shown."""

from typing import Final

from flattr_tui.model.entities import Activity, Flattr, Item, Thing, User
from flattr_tui.store import normalizer

LENGTH: Final = 120
"""Characters of a snippet."""
LEAD: Final = 14
"""Characters before the first word found, so that it is seen in a narrow column."""
LOOKED_AT: Final = 2_000
"""Characters of a text in which words are looked for, to be shown."""


def texts(entity: Item) -> list[str]:
    """Return the texts that an item is found by, the most telling first."""
    match entity:
        case Thing():
            owner = entity.owner
            named = [owner.username, owner.firstname, owner.lastname] if owner else []
            found = [entity.title, " · ".join(entity.tags or ()), entity.description, *named]
        case Flattr():
            found = [headline(entity), *texts(entity.thing)[1:]]
        case User():
            found = [entity.username, entity.name, entity.about, entity.city, entity.country]
        case Activity():
            found = [entity.title, entity.object_name, entity.actor_name]
        case _:
            found = []
    return [text for text in found if text]


def headline(entity: Item) -> str:
    """Name an item on one line."""
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


def snippet(entity: Item, sought: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Cut the piece of an item's text with the most of the words, on one line, and say where in it they are."""
    best, most = "", -1
    for text in texts(entity)[1:] or texts(entity):
        line = " ".join(text[:LOOKED_AT].split())
        marks = normalizer.spans(line, sought)
        if len(marks) > most:
            start = max(0, marks[0][0] - LEAD) if marks else 0
            start = max(start, line.find(" ", start, marks[0][0]) + 1) if start else 0
            best, most = f"{'… ' if start else ''}{line[start : start + LENGTH]}", len(marks)
    return best, tuple(normalizer.spans(best, sought))
