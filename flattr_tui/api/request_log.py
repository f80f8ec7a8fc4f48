"""Describes requests for the log for bug reports: method, duration and result, nothing private.

User names, things, search words, tokens, bodies and headers are never logged; see `cli.log_file` for the file. Without
a log nothing is written.
"""

import logging
from collections.abc import Mapping
from typing import Final

from flattr_tui.api.method_schema import Method, ParameterKind

MASK: Final = "…"
"""Stands for the value of a parameter."""
PUBLIC_KINDS: Final = frozenset({ParameterKind.FLAG, ParameterKind.BOOLEAN, ParameterKind.CHOICE})
"""Kinds of parameters whose values are words of the API itself."""
PAGING: Final = frozenset({"page", "count"})
MAX_LOGGED: Final = 80
"""Maximum characters of a server's content type in the log."""


def make_logger(name: str) -> logging.Logger:
    """Return a module's logger. It writes nothing until a log is opened (Python would write warnings to stderr)."""
    logger = logging.getLogger(name)
    logger.addHandler(logging.NullHandler())
    return logger


def describe_call(method: Method, arguments: Mapping[str, str]) -> str:
    """Describe a call without private values: `GET /users/:username/flattrs username=… page=2`."""
    return " ".join([method.verb, method.path, *(f"{name}={_shown(method, name, arguments)}" for name in arguments)])


def _shown(method: Method, name: str, arguments: Mapping[str, str]) -> str:
    parameter, value = method.parameter(name), arguments[name]
    if parameter is None:
        return MASK
    is_word = parameter.kind in PUBLIC_KINDS and value in {*parameter.choices, "0", "1"}
    return value if is_word or (name in PAGING and value.isdecimal() and len(value) < MAX_LOGGED) else MASK


def describe_error(error: BaseException) -> str:
    """Return the classes of an error and its causes, without their messages: `CannotConnectError < ConnectError`."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        number = cause.errno if isinstance(cause, OSError) else None
        kinds.append(f"{type(cause).__name__}{f' {number}' if number is not None else ''}")
        cause = cause.__cause__ or cause.__context__
    return " < ".join(kinds)
