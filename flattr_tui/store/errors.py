"""Errors of the store.

StoreError
├── CorruptRowError         one stored row can't be read; only that row is lost
├── UnwritableError         nothing can be written now; reading goes on
├── CatalogueReplacedError  the catalogue was damaged and created again, or copied; repeat the operation
└── UnusableStoreError      a whole store can't be used, and must be set aside or replaced
"""


class StoreError(Exception):
    """Raised if something could not be stored or read. The message is one sentence for the user."""


class SearchCancelledError(Exception):
    """Raised if the caller of a search or query cancelled it, because its result is no longer needed."""


class CorruptRowError(StoreError):
    """Raised if a stored row does not contain what was written, or if its file is missing."""


class UnwritableError(StoreError):
    """Raised if nothing can be written: the disk is full, the folder read-only, or another program holds the lock."""

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
    """Raised if the caller must repeat an operation, because the catalogue's file was replaced meanwhile.

    The file was damaged and created again, or it can't be written and was copied to another folder.
    """


class UnusableStoreError(StoreError):
    """Raised if a store is damaged, was not written by this program, or has another version.

    The message says what is wrong. Inside this package, it may be only the end of a sentence, such as `is damaged (…)`;
    the function that catches the error adds the name of the store.
    """
