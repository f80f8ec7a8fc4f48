"""What the log says about API calls, and strings whose content never appears in logs and tracebacks.

The log, for bug reports, has the method, the duration and the result of each request. User names, things, search words,
tokens, bodies and headers are never logged; see `cli.log_file` for the file. Without a log nothing is written.
"""

import logging
from collections.abc import Mapping
from typing import Final, SupportsIndex

import msgspec

from flattr_tui.api.method_table import Method, ParameterKind
from flattr_tui.model.api_request import PAGING

HIDDEN_VALUE: Final = "…"
"""Takes the place of a parameter's value that must not be logged."""
PUBLIC_KINDS: Final = frozenset({ParameterKind.FLAG, ParameterKind.BOOLEAN, ParameterKind.CHOICE})
"""Kinds of parameters whose values are words of the API, not of the user."""
MAX_LOGGED: Final = 80
"""Maximum number of characters of a content type or a page number in the log."""
MASK: Final = "•••"
"""What is displayed in place of a secret text."""


def make_logger(name: str) -> logging.Logger:
    """Return the logger of a module. It writes nothing until a log is opened, not even warnings to stderr."""
    logger = logging.getLogger(name)
    logger.addHandler(logging.NullHandler())
    return logger


class LoggedCall(msgspec.Struct, frozen=True):
    """An API call as one line of the log, without private values. The line is only made if a log is written."""

    method: Method
    arguments: Mapping[str, str]

    def __str__(self) -> str:
        """Return for example `GET /users/:username/flattrs username=… page=2`."""
        method, arguments = self.method, self.arguments
        return " ".join(
            [method.verb, method.path, *(f"{name}={_public_value(method, name, arguments)}" for name in arguments)]
        )


def _public_value(method: Method, name: str, arguments: Mapping[str, str]) -> str:
    parameter, value = method.parameter(name), arguments[name]
    if parameter is None:
        return HIDDEN_VALUE
    is_word = parameter.kind in PUBLIC_KINDS and value in {*parameter.choices, "0", "1"}
    return value if is_word or (name in PAGING and value.isdecimal() and len(value) < MAX_LOGGED) else HIDDEN_VALUE


def describe_error(error: BaseException) -> str:
    """Return the class names of an error and of at most 4 causes, such as `CannotConnectError < ConnectError`.

    Messages are left out, because they may be private.
    """
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        number = cause.errno if isinstance(cause, OSError) else None
        kinds.append(f"{type(cause).__name__}{f' {number}' if number is not None else ''}")
        cause = cause.__cause__ or cause.__context__
    return " < ".join(kinds)


class Secret(str):
    """A string whose `repr` (but not its `str`) hides the content, so that no traceback and no log contains it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __getitem__(self, key: SupportsIndex | slice) -> "Secret":
        return Secret(super().__getitem__(key))
