"""Errors of the store.

StoreError
├── CorruptRowError         one stored row can't be read; only that row is lost
├── CatalogueReplacedError  the catalogue was damaged and made again; repeat the operation
└── UnusableStoreError      a whole store can't be used and is set aside
"""


class StoreError(Exception):
    """Something could not be stored or read; the message is one sentence for the user."""


class SearchCancelledError(Exception):
    """The caller no longer wants the result. This is no failure and is not reported."""


class CorruptRowError(StoreError):
    """A stored row is not what was written, or its file is missing."""


class CatalogueReplacedError(StoreError):
    """The catalogue was damaged and made again from the responses; nothing is lost."""


class UnusableStoreError(StoreError):
    """A store is damaged, belongs to another program or was written by a later version; the message says which."""
