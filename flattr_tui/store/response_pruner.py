"""Deletes the stored responses that the user chose, and everything that the catalogue has from them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import StoreError
from flattr_tui.store.response_store import AccountSize, ResponseStore
from flattr_tui.store.responses_database import StepProgress


class PruneRequest(NamedTuple):
    """Conditions for the responses to delete, all of which must be met. None means no condition."""

    source: str | None = None
    account: str | None = None
    """User name of the login; "" for public responses."""
    before: float | None = None
    """A time in Unix seconds. Only responses that were last fetched or confirmed before that time are deleted."""


class PruneSelection(NamedTuple):
    """The responses that a `PruneRequest` selects."""

    sizes: tuple[AccountSize, ...]
    """The number and size of the selected responses, by source and account."""
    sequences: tuple[int, ...] | None
    """Their sequence numbers; None if all responses of the accounts in `sizes` are selected."""


def select_responses(responses: ResponseStore, conditions: PruneRequest, progress: StepProgress) -> PruneSelection:
    """Return the responses that meet the `conditions`. Nothing is deleted yet."""
    sizes = tuple(
        size
        for size in responses.account_sizes()
        if conditions.source in {None, size.source} and conditions.account in {None, size.account}
    )
    if conditions.before is None:
        return PruneSelection(sizes, None)
    whose = {(size.source, size.account) for size in sizes}
    sequences: list[int] = []
    last = responses.last_sequence()
    for stored in responses.iter_responses():
        if (stored.source, stored.account) in whose and max(stored.fetched_at, stored.checked_at) < conditions.before:
            sequences.append(stored.sequence)
        progress("reading the dates of what is saved", stored.sequence, last)
    return PruneSelection(tuple(responses.account_sizes(sequences)), tuple(sequences))


def prune(responses: ResponseStore, catalogue: Catalogue, chosen: PruneSelection, progress: StepProgress) -> int:
    """Delete the selected responses, rebuild the catalogue without them, and return how many were deleted.

    If this is interrupted, even by `kill -9`, the catalogue is rebuilt when it is next opened. Raises `StoreError` if
    the store can't be written.
    """
    responses.wait_until_writable()
    catalogue.clear()
    try:
        if chosen.sequences is None:
            removed = sum(responses.delete_account(size.source, size.account) for size in chosen.sizes)
        else:
            removed = responses.delete_responses(chosen.sequences, lambda done, of: progress("removing", done, of))
    finally:
        catalogue.clear()  # another program may have ingested some meanwhile
    catalogue.ingestor.catch_up(lambda done, of: progress("making the catalogue", done, of))
    catalogue.compact()
    return removed


def remove_set_aside(paths: Sequence[Path]) -> None:
    """Delete files and folders that were set aside. Raises `StoreError` at the first one that can't be deleted."""
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} can't be removed ({error.strerror}).") from error
