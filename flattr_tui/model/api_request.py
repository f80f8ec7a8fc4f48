"""What is asked of the service, apart from how: the identity that screens, library and store share."""

from collections.abc import Mapping
from typing import Self

import msgspec

PAGING = frozenset({"count", "page"})
"""Parameters that choose a part of a list and are no part of its identity."""


class Request(msgspec.Struct, frozen=True):
    """One method with its arguments, in a canonical form: equal requests are equal values.

    `method` is a name of the table in `api.methods`; `arguments` are its parameters by name, as text, sorted, without
    empty ones. A list's `count` and `page` are no part of it: a feed is one request, however it is cut into pages.
    """

    method: str
    arguments: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, method: str, arguments: Mapping[str, str] | None = None, **more: str) -> Self:
        """Make a request; `page` and `count` are dropped, as is every empty argument."""
        merged = {**(arguments or {}), **more}
        return cls(method, tuple(sorted((k, v) for k, v in merged.items() if v and k not in PAGING)))

    def get(self, name: str, default: str = "") -> str:
        """Return one argument's value."""
        return dict(self.arguments).get(name, default)

    def __str__(self) -> str:
        return " ".join([self.method, *(f"{name}={value}" for name, value in self.arguments)])
