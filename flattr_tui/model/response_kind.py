"""The kinds of response body (`flattr/developers.flattr.net`, content/api/resources/)."""

from enum import StrEnum


class ResponseKind(StrEnum):
    """What a successful body contains. `api.methods` gives each method its kind, `model.decoder` decodes it."""

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
    """The response to a write: a message, a description, often the thing."""
    NOTHING = "nothing"
    """204, no body."""
    REVENUE = "revenue"
    """One month of a revenue report (`model.revenue`): a file of Flattr's, not a response of the API."""
