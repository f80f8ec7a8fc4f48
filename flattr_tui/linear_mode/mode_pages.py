"""The modes in linear mode: the page that each name or digit opens."""

from flattr_tui.library.user_requests import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.linear_mode.console_pages import ConsolePage
from flattr_tui.linear_mode.pages import FeedPage, Page, PageContext, ProfilePage
from flattr_tui.linear_mode.search_pages import SearchPage
from flattr_tui.linear_mode.statistics_pages import ReviewPage


def make_mode_page(context: PageContext, mode: str, username: str, text: str) -> Page:
    """Return the first page of a mode (a name in `ui.modes`) for the current user.

    `text` is what the user typed after the mode's name: another user, or a query.
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
    """Return the page of a user's list. `mode` is `things`, `flattrs` or `activities`."""
    requests = {
        "things": user_things_request,
        "flattrs": user_flattrs_request,
        "activities": user_activities_request,
    }
    return FeedPage(context, to_own_request(requests[mode](username), context.library.account), username)
