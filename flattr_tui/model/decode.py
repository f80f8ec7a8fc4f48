"""Bodies to entities: lenient, record by record.

A field of the wrong type counts as missing, an unknown field is ignored, a record without what identifies it is left
out: one bad record never costs the page. What had to be mended is told, not hidden.
"""

from dataclasses import dataclass

from flattr_tui.model.answers import Answer
from flattr_tui.model.entities import Entity


class NotFlattrError(ValueError):
    """The body is no answer of a Flattr API (not JSON, an HTML page, another shape); the message says what it is."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing in a body that was not as documented."""

    where: str
    """`Class.field` with the record's place, as in `3: Thing.created_at`."""
    what: str
    """What was there and what was made of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one body held, in the server's order."""

    entities: tuple[Entity, ...]
    total: int | None = None
    """How many there are in all, where the service says so (a search)."""
    mends: tuple[Mend, ...] = ()
    records: int = 0
    """How many records the body had, left-out ones included: an empty list is 0."""


def decode(answer: Answer, body: bytes, content_type: str = "application/json") -> Page:
    """Read a successful body of the given kind.

    Raises `NotFlattrError` when the whole body is something else.
    """
    raise NotImplementedError
