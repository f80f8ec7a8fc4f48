"""What all parsers of the model share: the type of parsed data, and the error for data that is not Flattr's."""

from typing import Any

Json = Any
"""Parsed JSON, XML or YAML. Check its type before use."""

UNREADABLE = "a list without a readable record"
"""Describes, in messages, a page none of whose records could be decoded."""


class NotFlattrError(ValueError):
    """The body is not a response of a Flattr API: not JSON, an HTML page, or another shape. The message says which."""
