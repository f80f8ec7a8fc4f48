"""The library as screens use it: saved data, fetched data, and the services (search, login, sync and so on)."""

from typing import TYPE_CHECKING

from flattr_tui.library.base_library import BaseLibrary

if TYPE_CHECKING:
    from flattr_tui.library.account.account_manager import AccountManager
    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import ApiConsole
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.flattr_statistics import SavedStatistics
    from flattr_tui.library.query.search import OfflineSearch
    from flattr_tui.library.sync import Syncer


class Library(BaseLibrary):
    """Everything that screens use: the saved and fetched data of `BaseLibrary`, and further services.

    A service that is not available is None.
    """

    console: "ApiConsole | None" = None
    """The service that sends API requests that the user composes by hand."""
    bookmarks: "Bookmarks | None" = None
    """The user's bookmarks and history. All sources share them."""
    search: "OfflineSearch | None" = None
    """The service that searches the saved data that the current account may see."""
    statistics: "SavedStatistics | None" = None
    """The service that counts the saved flattrs that the current account may see."""
    earnings: "EarningsReader | None" = None
    """The service that reads and sums up the saved revenue reports."""
    accounts: "AccountManager | None" = None
    """The service that logs accounts in and out, and switches between them; None if the source has no server."""
    writes: "WriteService | None" = None
    """The service that flattrs, subscribes to and edits things as the current account; None if there is no server."""
    sync: "Syncer | None" = None
    """The service that fetches whole lists for offline use."""
