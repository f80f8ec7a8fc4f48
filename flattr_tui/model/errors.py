"""What all parsers of the model share: the type of parsed data, and the error for data that is not Flattr's."""

from typing import Any

Json = Any
"""Parsed JSON, XML or YAML. Check its type before use."""

UNREADABLE = "a list without a readable record"
"""The words in messages for an API page of which no record could be decoded."""


class NotFlattrError(ValueError):
    """The body is not a response of a Flattr API. The message says what it is instead, such as an HTML page."""
