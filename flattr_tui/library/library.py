"""The library as screens use it: saved data, fetched data, and the services that work on them."""

from typing import TYPE_CHECKING

from flattr_tui.library.base_library import BaseLibrary

if TYPE_CHECKING:
    from flattr_tui.library.account.account_manager import AccountManager
    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import ApiConsole
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.flattr_statistics import SavedStatistics
    from flattr_tui.library.query.saved_search import SavedSearch
    from flattr_tui.library.sync import Syncer


class Library(BaseLibrary):
    """A library with its services; a service that is not available is None."""

    console: "ApiConsole | None" = None
    """Sends API requests that the user composes by hand."""
    bookmarks: "Bookmarks | None" = None
    """Bookmarks and history, shared by all sources."""
    search: "SavedSearch | None" = None
    """Searches the saved data that the current account may see."""
    statistics: "SavedStatistics | None" = None
    """Counts the saved flattrs that the current account may see."""
    earnings: "EarningsReader | None" = None
    """Reads and sums up saved revenue reports."""
    accounts: "AccountManager | None" = None
    """Manages logins; None if there is no server."""
    writes: "WriteService | None" = None
    """Flattrs, subscribes and edits things as the current account; None if there is no server."""
    sync: "Syncer | None" = None
    """Fetches whole lists for offline use."""
