"""The tree of errors is the one that its documentation draws, and every branch speaks to people."""

import re

import pytest

from flattr_tui.api import errors
from flattr_tui.api.errors import FlattrError


def tree(kind: type[FlattrError]) -> list[type[FlattrError]]:
    """Everything of the api's below a kind; the library's own kinds are drawn where they are."""
    kinds = [kind, *(below for child in kind.__subclasses__() for below in tree(child))]
    return [found for found in kinds if found.__module__.startswith(errors.__package__)]


def test_the_docstring_names_every_error_and_no_other() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in tree(FlattrError)}


@pytest.mark.parametrize("code", sorted(errors.WORDS))
def test_every_code_has_whole_sentences(code: str) -> None:
    error = errors.api_error(403, code, "the server's own")
    assert str(error) == errors.WORDS[code]
    assert str(error).endswith(".")
    assert error.sentence('Flattr "Engines"', "sent").startswith('Flattr "Engines" could not be sent: ')


def test_only_what_may_help_is_tried_again() -> None:
    retryable = {kind.__name__ for kind in tree(FlattrError) if kind.retryable}
    assert retryable == {
        "NetworkError",
        "CannotConnectError",
        "ConnectionLostError",
        "TimedOutError",
        "ServerFailedError",
    }
