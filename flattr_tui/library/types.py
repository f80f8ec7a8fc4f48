"""What the library returns besides feeds: single objects with their fetch state, and a user's statistics."""

from collections.abc import Sequence

import msgspec

from flattr_tui.library.events import Failure
from flattr_tui.model.entities import Entity


class RecordState(msgspec.Struct, frozen=True):
    """A single object (a user, a thing, a lookup, the rate limit) and the state of its fetching."""

    entity: Entity | None = None
    fetched_at: float | None = None
    loading: bool = False
    failure: Failure | None = None


class ProfileStatistics(msgspec.Struct, frozen=True):
    """Counts of a user's saved flattrs, for charts."""

    counted: int
    """Number of flattrs counted."""
    total: int | None
    """Total number if known (the feed has ended), else None."""
    by_month: Sequence[tuple[str, int]]
    """`YYYY-MM` and number of flattrs, every month from the first to the last, zeros included."""
    supported: Sequence[tuple[str, int]]
    """User names and how often they were flattred, largest first."""
    categories: Sequence[tuple[str, int]]
    """Category ids and number of flattrs, largest first."""
