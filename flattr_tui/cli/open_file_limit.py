"""How many files the program may have open at a time (`ulimit -n`)."""

import resource
from typing import Final

from flattr_tui.cli.errors import BadInputError

NEEDED: Final = 32
"""Minimum number. With fewer than 24 SQLite can't open its databases, and reports only that it is unable to."""
WANTED: Final = 256
"""Enough for two databases, a few connections, and a file for each large page. macOS allows 256 by default."""


def raise_limit() -> None:
    """Allow as many open files as the system permits, up to `WANTED`; raises `BadInputError` if they are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= WANTED:
        return
    allowed = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < NEEDED:
        raise BadInputError(
            f"Only {allowed} files may be open at a time, but {NEEDED} are needed: `ulimit -n {WANTED}`."
        )
