"""The words for each kind of list: its title, the noun for its items, and the text for an empty list."""

from typing import Final

import msgspec

from flattr_tui.library.events import SourceStatus, WaitReason
from flattr_tui.library.query.list_feed import SAVED_FLATTRS
from flattr_tui.ui import format as fmt


class ListLabels(msgspec.Struct, frozen=True):
    """The words for a kind of list. `{who}` in a text stands for the name of the user whose list it is."""

    title: str
    noun: str
    none: str
    """The text for an empty list."""
    plural: str = ""
    """Plural of `noun`; "" if it is `noun` with an s."""

    def count(self, number: int) -> str:
        """Return a number with the noun of the list's items: `412 flattrs`."""
        return fmt.plural(number, self.noun, self.plural)


LIST_WORDS: Final = {
    "user-flattrs": ListLabels("Flattrs of {who}", "flattr", "No flattrs. {who} has none, or hides them."),
    "my-flattrs": ListLabels("My flattrs", "flattr", "You haven't flattred anything yet."),
    "user-things": ListLabels("Things of {who}", "thing", "No things. {who} has added none."),
    "my-things": ListLabels("My things", "thing", "You haven't added a thing yet."),
    "user-activities": ListLabels(
        "Activities of {who}", "activity", "No activities. {who} has none, or hides them.", "activities"
    ),
    "my-activities": ListLabels("My activities", "activity", "Nothing has happened yet.", "activities"),
    "my-subscriptions": ListLabels("My subscriptions", "subscription", "You have no subscriptions yet."),
    "thing-flattrs": ListLabels("Who flattred it", "flattr", "Nobody has flattred it yet, or they hide it."),
    SAVED_FLATTRS: ListLabels("Saved flattrs of {who}", "flattr", "This is no longer saved."),
    "search": ListLabels("Found", "thing", "Nothing found. Try fewer words, or remove a filter."),
}
"""The words for each list, by the API method that returns it. `SAVED_FLATTRS` is not an API method."""


def wait_reason(status: SourceStatus) -> str:
    """Return a sentence that says why no requests are sent now."""
    if status.waiting_for is WaitReason.SERVER:
        return "The server is overloaded and asked us to wait"
    return "This hour's requests are used up"
