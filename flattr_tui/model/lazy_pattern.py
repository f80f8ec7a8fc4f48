"""Regular expressions that are compiled at their first use. Compiling 30 of them took 5 ms at each start."""

import re
from typing import Any, AnyStr, cast


class _LazyPattern:
    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._pattern, self._flags), name)
        setattr(self, name, found)
        return found


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used. The arguments are those of `re.compile`.

    If the pattern is invalid, its first use raises `re.error`.
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))
