"""Shared by all parsers of the model: the type of decoded data, and the error for data that is not Flattr's."""

from typing import Any

Json = Any
"""Decoded JSON, XML or YAML; whoever uses it checks its type first."""

UNREADABLE = "a list without a readable record"
"""What a page is whose records are all something else."""


class NotFlattrError(ValueError):
    """The body is no response of a Flattr API: not JSON, an HTML page, or another shape. The message says which."""
