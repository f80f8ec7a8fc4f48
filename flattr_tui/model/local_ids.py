"""Ids for things from files that contain only their addresses, not Flattr's ids."""

from hashlib import blake2b
from typing import Final

FIRST_LOCAL_ID: Final = 1 << 52
"""Ids from here on are generated locally. Flattr's own had at most nine digits.

below 2**53 JavaScript reads them exactly.
"""


def local_thing_id(address: str) -> int:
    """Return an id for the thing at an address: always the same, and never one of Flattr's."""
    digest = blake2b(address.encode(errors="backslashreplace"), digest_size=8).digest()
    return FIRST_LOCAL_ID + (int.from_bytes(digest) % FIRST_LOCAL_ID)


def is_local_id(number: int) -> bool:
    """Whether an id was made by `local_thing_id`, so that no server knows it."""
    return number >= FIRST_LOCAL_ID
