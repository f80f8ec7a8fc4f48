"""What the log for bug reports says of a request: which method, how long, what came of it, and nothing private.

Whose user, which thing, what was searched for, tokens, bodies and headers are never logged; see `cli.log_file` for
where it goes. Without a log nothing is written.
"""

import logging
from collections.abc import Mapping
from typing import Final

from flattr_tui.api.method_schema import Kind, Method

MASK: Final = "…"
"""Stands for the value of a parameter."""
SHOWN: Final = frozenset({Kind.FLAG, Kind.BOOLEAN, Kind.CHOICE})
"""Kinds of parameters whose values are words of the API itself."""
PAGING: Final = frozenset({"page", "count"})
LONGEST: Final = 80
"""Characters of what a server says, its content type, that are logged at most."""


def make_logger(name: str) -> logging.Logger:
    """Return a module's logger, which writes nothing while no log is open: Python would write warnings on stderr."""
    logger = logging.getLogger(name)
    logger.addHandler(logging.NullHandler())
    return logger


def describe_call(method: Method, arguments: Mapping[str, str]) -> str:
    """Write a call without private values: `GET /users/:username/flattrs username=… page=2`."""
    return " ".join([method.verb, method.path, *(f"{name}={_shown(method, name, arguments)}" for name in arguments)])


def _shown(method: Method, name: str, arguments: Mapping[str, str]) -> str:
    parameter, value = method.parameter(name), arguments[name]
    if parameter is None:
        return MASK
    is_word = parameter.kind in SHOWN and value in {*parameter.choices, "0", "1"}
    return value if is_word or (name in PAGING and value.isdecimal() and len(value) < LONGEST) else MASK


def describe_error(error: BaseException) -> str:
    """Name the kinds of an error and of its causes, without their messages: `CannotConnectError < ConnectError`."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        number = cause.errno if isinstance(cause, OSError) else None
        kinds.append(f"{type(cause).__name__}{f' {number}' if number is not None else ''}")
        cause = cause.__cause__ or cause.__context__
    return " < ".join(kinds)
