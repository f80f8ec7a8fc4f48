"""Tests that the docstring of `api.errors` names every error, and that each error has a sentence."""

import re

import pytest

from flattr_tui.api import errors
from flattr_tui.api.errors import FlattrError


def list_errors(kind: type[FlattrError]) -> list[type[FlattrError]]:
    """Return a class and those of its subclasses that the package `api` defines."""
    kinds = [kind, *(below for child in kind.__subclasses__() for below in list_errors(child))]
    return [found for found in kinds if found.__module__.startswith(errors.__package__)]


def test_the_docstring_names_every_error_and_no_other() -> None:
    names = set(re.findall(r"\b\w+Error\b", errors.__doc__ or ""))
    assert names == {kind.__name__ for kind in list_errors(FlattrError)}


@pytest.mark.parametrize("code", sorted(errors.WORDS))
def test_every_code_has_complete_sentences(code: str) -> None:
    error = errors.api_error(403, code, "the server's own")
    assert str(error) == errors.WORDS[code]
    assert str(error).endswith(".")
    assert error.sentence('Flattr "Engines"').startswith('Flattr "Engines" could not be fetched: ')


def test_only_temporary_errors_are_retryable() -> None:
    retryable = {kind.__name__ for kind in list_errors(FlattrError) if kind.retryable}
    assert retryable == {
        "NetworkError",
        "CannotConnectError",
        "ConnectionLostError",
        "TimedOutError",
        "ServerFailedError",
    }
