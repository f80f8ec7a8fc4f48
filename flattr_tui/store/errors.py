"""Errors of the store.

StoreError
├── CorruptRowError         one stored row can't be read; only that row is lost
├── UnwritableError         nothing can be written now; reading goes on
├── CatalogueReplacedError  the catalogue was damaged and created again, or copied; repeat the operation
└── UnusableStoreError      a whole store can't be used, and must be set aside or replaced
"""


class StoreError(Exception):
    """Something could not be stored or read. The message is one sentence for the user."""


class SearchCancelledError(Exception):
    """A search or query was stopped, because the caller no longer needs the result. Nothing has failed."""


class CorruptRowError(StoreError):
    """A stored row does not contain what was written, or its file is missing."""


class UnwritableError(StoreError):
    """Nothing can be written: the disk is full, the folder is read-only, or another program holds the lock."""

    def __init__(self, cause: str, advice: str, *, label: str, locked: bool = False) -> None:
        super().__init__(f"{cause}: nothing can be kept. {advice}")
        self.cause = cause
        """Why nothing can be written, as a sentence without its full stop: `The disk is full`."""
        self.label = label
        """The cause in two or three words, for the header: `disk full`."""
        self.advice = advice
        """What the user can do, as one or two sentences."""
        self.locked = locked
        """Whether another program holds the lock. It may release it at any moment."""


class CatalogueReplacedError(StoreError):
    """The catalogue was damaged and created again, or copied to a writable folder. Repeat the operation."""


class UnusableStoreError(StoreError):
    """A store is damaged, was not written by this program, or has another version.

    The message says what is wrong. Inside this package it may be only the end of a sentence, such as `is
    damaged (…)`, to which the function that catches the error adds the name of the store.
    """
