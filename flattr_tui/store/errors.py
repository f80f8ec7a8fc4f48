"""What can go wrong with what is kept.

StoreError
├── CorruptRowError     one kept row can't be read: it costs that row
├── RenewedError        the catalogue was damaged and begun anew: what was done to it must be done again
└── UnusableStoreError  a whole store can't be used: it is set aside
"""


class StoreError(Exception):
    """Something could not be kept or read; the message is one sentence for people."""


class GivenUpError(Exception):
    """Nobody waits for what was being read any more: no failure, and nothing to tell."""


class CorruptRowError(StoreError):
    """One row of a store is not what was put there, or its file is gone."""


class RenewedError(StoreError):
    """The catalogue was damaged and begun anew; nothing is lost, since it is made from the responses."""


class UnusableStoreError(StoreError):
    """A store is damaged, another program's, or of a later version; the message says which."""
