"""A response of the API, with the call that it answers."""

from collections.abc import Mapping

import msgspec

from flattr_tui.api.method_schema import Method
from flattr_tui.model.entities import RateLimit


class Response(msgspec.Struct, frozen=True):
    """A successful response. Header names are lower case."""

    method: Method
    arguments: Mapping[str, str]
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: float
    """Unix seconds."""
    elapsed: float
    """Seconds."""
    rate: RateLimit | None = None

    @property
    def content_type(self) -> str:
        """The body's type; `application/json` if the server did not say."""
        return self.headers.get("content-type", "application/json")

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110, 8.8.3); "" if there is none."""
        return self.headers.get("etag", "")

    @property
    def not_modified(self) -> bool:
        """Whether the caller's copy is still current (304)."""
        return self.status == 304
