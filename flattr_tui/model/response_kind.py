"""The kinds of body that a method answers with (`flattr/developers.flattr.net`, content/api/resources/)."""

from enum import StrEnum


class Answer(StrEnum):
    """What a successful body holds; `api.methods` gives one to each method, `model.decode` reads it."""

    USER = "user"
    THING = "thing"
    THINGS = "things"
    FLATTRS = "flattrs"
    ACTIVITIES = "activities"
    SUBSCRIPTIONS = "subscriptions"
    SEARCH = "search"
    LOOKUP = "lookup"
    CHOICES = "choices"
    """Categories or languages."""
    RATE_LIMIT = "rate_limit"
    RECEIPT = "receipt"
    """What a write answers: a message, a description, often the thing."""
    NOTHING = "nothing"
    """204, no body."""
    REVENUE = "revenue"
    """A month of a revenue report (`model.revenue`): a file of Flattr's, and no answer of the API."""
