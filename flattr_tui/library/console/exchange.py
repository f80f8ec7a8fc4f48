"""A request with its response, as the API console shows, remembers and compares it."""

from typing import Final

import msgspec
from msgspec import Struct

from flattr_tui.api.method_table import BY_NAME, Format, Method
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.api.response_errors import rate_limit_at
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import RateLimit

REMEMBERED_BODY: Final = 4_096
"""Maximum number of bytes of an error response's body in the history file.

Bodies of other responses are in the store.
"""

REMEMBERED_HEADER: Final = 300
"""Maximum number of characters of a header in the history file."""


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An API request, and its response or the reason why there is none. The token is not part of this object."""

    method: str
    arguments: dict[str, str] = {}
    format: str = "json"
    source: str
    account: str = ""
    """The account that sent the request; "" if the response is public."""
    request: PreparedRequest
    """The request as it was sent, with the token masked."""
    sent_at: float
    """When the request was sent, in Unix seconds."""
    status: int = 0
    """The HTTP status; 0 if there is no response."""
    headers: dict[str, str] = {}
    """The response's headers, by their names in lower case."""
    body: bytes | None = None
    """The response's body; None if it is not in memory. `ApiConsole.body` reads it from the store."""
    size: int = 0
    """Size of the body in bytes."""
    elapsed: float = 0.0
    """Time in seconds between sending the request and the end of the response."""
    fetched_at: float = 0.0
    """When the server sent the response, or last confirmed a saved one, in Unix seconds."""
    saved: bool = False
    """Whether the response is a saved one, instead of the server's response to this request."""
    note: str = ""
    """A remark about the response; "" for none."""
    problem: str = ""
    """A sentence that says why the request failed; "" if it succeeded."""
    unsure: bool = False
    """Whether the request failed, but the server may have made the change that it asked for."""
    exit_code: int = 0
    """The exit code of `flattr-tui get` for this exchange."""
    sequence: int = 0
    """The response's number in the store; 0 if it is not stored."""

    @property
    def api_method(self) -> Method:
        """The API method of the request."""
        return BY_NAME[self.method]

    @property
    def requested_format(self) -> Format:
        """The requested format, as a member of the enumeration `Format`."""
        return Format(self.format)

    @property
    def has_response(self) -> bool:
        """Whether there is a response, successful or not."""
        return self.status > 0

    @property
    def content_type(self) -> str:
        """The content type of the body; JSON if the response names none."""
        return self.headers.get("content-type", "application/json")

    @property
    def rate(self) -> RateLimit | None:
        """The rate limit in the headers of the response; None if they contain none."""
        return rate_limit_at(self.headers, self.fetched_at or self.sent_at)

    @property
    def has_records(self) -> bool:
        """Whether the body of the response contains items, because the call of the API method succeeded."""
        looked_up = self.api_method.response_kind is ResponseKind.LOOKUP and self.status in {302, 404}
        return self.has_response and (not self.problem or self.saved) and (200 <= self.status < 300 or looked_up)

    def __str__(self) -> str:
        return " ".join([self.method, *(f"{name}={value}" for name, value in self.arguments.items())])

    def for_history(self) -> "Exchange":
        """Return the part of the exchange that the history file stores."""
        small = bool(self.problem) and not self.saved and self.size <= REMEMBERED_BODY
        headers = {name: value[:REMEMBERED_HEADER] for name, value in self.headers.items()}
        return msgspec.structs.replace(self, body=self.body if small else None, headers=headers)
