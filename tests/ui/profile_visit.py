"""Fetches the data that the app fetches when it shows a profile for the first time."""

from flattr_tui.library.library import Library
from flattr_tui.model.api_request import (
    ApiRequest,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.ui.screens.profile import STATISTICS_ROWS
from tests.library.library_fixtures import run_library, settle


async def visit_profile(library: Library, username: str) -> None:
    """Fetch and save the data of a user that the profile page needs, then close the library."""
    requests = {
        ApiRequest.of("user", username=username): 1,
        user_activities_request(username): 1,
        user_things_request(username): STATISTICS_ROWS,
        user_flattrs_request(username): STATISTICS_ROWS,
    }
    async with run_library(library):
        for request, stop in requests.items():
            library.observe(to_own_request(request, library.account), stop=stop, near=stop > 1)
        await settle(library)
