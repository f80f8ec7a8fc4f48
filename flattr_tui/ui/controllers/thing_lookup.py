"""Finds the thing that a text refers to: an id, the address of a thing's page at Flattr, or any other web address.

For any other address, the server is asked which thing has this address.
"""

from flattr_tui.library.events import ConnectionState
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Lookup, Thing
from flattr_tui.model.pasted_address import clean_address, is_web, parse_thing_id
from flattr_tui.ui.controllers.controller_host import ControllerHost


class LookupController:
    """Asks the server for the thing at an address. A new lookup replaces the previous one."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host
        self._request: ApiRequest | None = None

    def open_thing(self, text: str) -> None:
        """Open the page of the thing that `text` refers to, once it is found."""
        host, text = self._host, clean_address(text)
        number = parse_thing_id(text)
        if number is None and host.library.search is not None:
            number = host.library.search.find_thing_id(text)
        if number is not None:
            host.open_item(Thing(id=number))
            return
        address = text if "://" in text else f"https://{text}"
        if not is_web(address):
            host.notify_user(f"{text} is neither a thing's id nor an address.", "warning")
            return
        self._request = ApiRequest.of("lookup", url=address)
        host.library.observe(self._request)
        self._show_result()

    def record_changed(self, request: ApiRequest) -> None:
        """Called when the saved response to `request` has changed: if it is the pending lookup, show the result."""
        if request == self._request:
            self._show_result()

    def _show_result(self) -> None:
        host, request = self._host, self._request
        if request is None:
            return
        address, record = request.get("url"), host.library.record(request)
        if isinstance(record.entity, Lookup):
            self._request = None
            if record.entity.thing_id is None:
                host.notify_user(f"There is no thing for {address}.")
            else:
                host.open_item(Thing(id=record.entity.thing_id))
        elif record.failure is not None and not record.loading:
            self._request = None
            host.notify_user(record.failure.sentence, "error")
        elif host.library.status.connection is ConnectionState.OFFLINE:
            self._request = None
            host.notify_user(f"Offline: saved data does not say whether there is a thing for {address}.", "warning")
