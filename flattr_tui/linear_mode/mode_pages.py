"""The first page of each mode of linear mode. A mode is a place to which the user goes by its name or digit."""

from flattr_tui.linear_mode.console_pages import ConsolePage
from flattr_tui.linear_mode.pages import FeedPage, Page, PageContext, ProfilePage
from flattr_tui.linear_mode.review_pages import ReviewPage
from flattr_tui.linear_mode.search_pages import SearchPage
from flattr_tui.model.api_request import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)


def make_mode_page(context: PageContext, mode: str, username: str, text: str) -> Page:
    """Return the page that opens when the user chooses a mode, such as `things` or `search`.

    `mode` is the id of the mode in `ui.modes`. `username` is the user whose data is shown at present. `text` is what
    was typed after the mode's name: the name of another user or, for the mode `search`, a query; "" for nothing.
    """
    match mode:
        case "profile":
            return ProfilePage(context, text or username)
        case "search":
            return SearchPage(context, text)
        case "review":
            return ReviewPage(context, "" if text == "all" else text or username)
        case "console":
            return ConsolePage(context)
    return _make_list_page(context, mode, text or username)


def _make_list_page(context: PageContext, mode: str, username: str) -> Page:
    """Return the page of a user's list. `mode` is the name of the list: `things`, `flattrs` or `activities`."""
    requests = {
        "things": user_things_request,
        "flattrs": user_flattrs_request,
        "activities": user_activities_request,
    }
    return FeedPage(context, to_own_request(requests[mode](username), context.library.account), username)
