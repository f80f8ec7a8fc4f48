"""The sandbox's data: one SQLite file (or `:memory:`), generated from a number on first use."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from flattr_tui.sandbox.data_reader import PageEnds
from flattr_tui.sandbox.data_search import DataSearch
from flattr_tui.sandbox.data_writer import DataWriter
from flattr_tui.sandbox.database import Store, open_store


class World(DataWriter, DataSearch):
    """All data of the sandbox: users, things, flattrs, subscriptions and tokens. Threads and processes may share it."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._page_ends = PageEnds()

    @classmethod
    def open(
        cls, path: Path | None, *, seed: int = 1, scale: int = 0, clock: Callable[[], float] | None = None
    ) -> Self:
        """Open the sandbox's data stored at `path` (None: in memory). New data is generated from the number `seed`.

        With a `scale` above 0, new data has a user `collector` with that many flattrs. The generated data ends with
        2017; later changes are dated by `clock` (Unix seconds; None: the machine's clock). Raises `StorageError`, an
        `OSError`, if the file can neither be opened nor created.
        """
        return cls(open_store(path, seed=seed, scale=scale), clock or time.time)

    def close(self) -> None:
        """Close the SQLite file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
