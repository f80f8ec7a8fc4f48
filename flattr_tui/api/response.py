"""The response to a call of the API, together with the call."""

from collections.abc import Mapping

import msgspec

from flattr_tui.api.method_table import Method
from flattr_tui.model.entities import RateLimit


class Response(msgspec.Struct, frozen=True):
    """The response to a call of the API, with the call's method and arguments. Header names are in lower case."""

    method: Method
    arguments: Mapping[str, str]
    url: str
    """The address from which the response came, after redirects."""
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: float
    """When the response was received, in Unix seconds."""
    elapsed: float
    """Duration of the call in seconds."""
    rate: RateLimit | None = None
    """The rate limit in the headers; None if the headers have none."""

    @property
    def content_type(self) -> str:
        """The `Content-Type`; `application/json` if the server did not send one."""
        return self.headers.get("content-type", "application/json")

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110, 8.8.3); "" if there is none."""
        return self.headers.get("etag", "")

    @property
    def not_modified(self) -> bool:
        """Whether the server says that the response which the caller has saved is still current (304)."""
        return self.status == 304
