"""Removing what is kept: only what a person asked for, and so that the catalogue shows nothing of it afterwards."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import StoreError
from flattr_tui.store.raw_reader import Progress
from flattr_tui.store.responses import ResponseStore, Size


class Wanted(NamedTuple):
    """Which responses are to go: those that all of it is true of."""

    source: str | None = None
    account: str | None = None
    """"" is what everybody may read."""
    before: float | None = None
    """Unix seconds: neither fetched nor confirmed since."""


class Chosen(NamedTuple):
    """What would go."""

    sizes: tuple[Size, ...]
    sequences: tuple[int, ...] | None
    """The responses' numbers; None: all of these accounts, whatever their number."""

    @property
    def responses(self) -> int:
        """How many responses."""
        return sum(size.responses for size in self.sizes)

    @property
    def bytes(self) -> int:
        """How many bytes they hold."""
        return sum(size.bytes for size in self.sizes)


def choose(responses: ResponseStore, wanted: Wanted, progress: Progress) -> Chosen:
    """Find what would go."""
    sizes = tuple(
        size
        for size in responses.sizes()
        if wanted.source in {None, size.source} and wanted.account in {None, size.account}
    )
    if wanted.before is None:
        return Chosen(sizes, None)
    whose = {(size.source, size.account) for size in sizes}
    numbers: Counter[tuple[str, str]] = Counter()
    taken: Counter[tuple[str, str]] = Counter()
    sequences: list[int] = []
    last = responses.last()
    for stored in responses.all():
        place = (stored.source, stored.account)
        if place in whose and max(stored.fetched_at, stored.checked_at) < wanted.before:
            sequences.append(stored.sequence)
            numbers[place] += 1
            taken[place] += len(stored.body)
        progress("reading the dates of what is saved", stored.sequence, last)
    return Chosen(
        tuple(Size(*place, number, taken[place]) for place, number in sorted(numbers.items())), tuple(sequences)
    )


def prune(responses: ResponseStore, catalogue: Catalogue, chosen: Chosen, progress: Progress) -> int:
    """Remove what was chosen, and make the catalogue anew without it; returns how many responses that were.

    Stopped at any moment, even killed, the catalogue is made from what is left when it is next opened. Raises
    `StoreError` where it can't be written.
    """
    if responses.temporary:
        raise StoreError(f"The store can't be written; nothing was removed of it. It is {responses.folder}.")
    catalogue.clear()
    try:
        if chosen.sequences is None:
            removed = sum(responses.remove(size.source, size.account) for size in chosen.sizes)
        else:
            removed = responses.discard(chosen.sequences, lambda done, of: progress("removing", done, of))
    finally:
        catalogue.clear()  # another program may have taken some in meanwhile
    catalogue.catch_up(lambda done, of: progress("making the catalogue", done, of))
    catalogue.compact()
    return removed


def remove_set_aside(paths: Sequence[Path]) -> None:
    """Remove what was set aside; raises `StoreError` naming the first that can't be removed."""
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} can't be removed ({error.strerror}).") from error
