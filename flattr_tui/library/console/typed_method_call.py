"""Parses a call of an API method as people type it: `user-things username=ada`."""

import difflib
from collections.abc import Sequence

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import BY_NAME, Method, ParameterKind


def read_method(name: str, listed_by: str = "`flattr-tui methods`") -> Method:
    """Return the API method called `name`.

    Raises `UsageError` if there is none. The error suggests similar names; if no name is similar, it suggests the
    command `listed_by`, which lists all methods.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(name, BY_NAME, 3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"{listed_by} lists them."
    raise UsageError(f"There is no method {name!r}. {hint}")


def read_arguments(method: Method, given: Sequence[str]) -> dict[str, str]:
    """Return the arguments of an API method that were typed as `PARAM=VALUE`, or `PARAM` for a flag, by parameter.

    The value in `PARAM=` is empty. Raises `UsageError` for an empty value if the method changes something and the
    parameter can't be empty, for a parameter that is given twice, and for a text in any other form.
    """
    arguments: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        parameter = method.parameter(name)
        if not equals:
            if parameter is None or parameter.kind not in {ParameterKind.FLAG, ParameterKind.BOOLEAN}:
                raise UsageError(f"{text!r} is not of the form PARAM=VALUE.")
            value = "1"
        elif method.writes and not value.strip() and parameter is not None and not parameter.may_empty:
            raise UsageError(f"{name} can't be empty. Leave it out to keep the value.")
        if name in arguments:
            raise UsageError(f"{name} is given twice; separate several values by commas.")
        arguments[name] = value
    return arguments
