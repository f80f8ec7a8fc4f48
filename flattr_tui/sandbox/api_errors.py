"""The service's errors: a status, a code and a sentence.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors', and the lists of errors of each resource.
"""

from collections.abc import Mapping

from flattr_tui.sandbox.database import StorageError
from flattr_tui.sandbox.models import Refused

ERROR_URI = "https://developers.flattr.net/api"

STATUS_OF: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_parameters": 400,
    "validation": 400,
    "unauthorized": 401,
    "no_means": 401,
    "rate_limit_exceeded": 403,
    "invalid_scope": 403,
    "insufficient_scope": 403,
    "forbidden": 403,
    "flattr_once": 403,
    "flattr_owner": 403,
    "thing_owner": 403,
    "subscribed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "misdirected_request": 421,
    "server_error": 500,
    "service_unavailable": 503,
    "insufficient_storage": 507,
}
"""The HTTP status of every error code of the sandbox. Codes from 405 on are HTTP's own, except the documented 406."""


class ApiError(Exception):
    """Makes the API respond with this error. `code` is one of `STATUS_OF`; `headers` are added to the response."""

    def __init__(self, code: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.headers = dict(headers or {})
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="flattr"')  # RFC 9110, section 15.5.2

    @classmethod
    def of(cls, refusal: Refused) -> "ApiError":
        """Return the API's error for a request that `World` refused."""
        return cls(refusal.code, refusal.description)

    @classmethod
    def of_storage(cls, error: StorageError) -> "ApiError":
        """Return the API's error for a storage error: 507 for a full disk (RFC 4918), otherwise 503."""
        return cls("insufficient_storage" if error.full else "service_unavailable", str(error))

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return STATUS_OF[self.code]

    @property
    def body(self) -> dict[str, str]:
        """The body of the response, as the API documents it."""
        return {"error": self.code, "error_description": self.description, "error_uri": ERROR_URI}


def not_found(description: str = "The resource was not found") -> ApiError:
    """Return the error for an object that does not exist, or that the user may not see."""
    return ApiError("not_found", description)


def unknown_format() -> ApiError:
    """Return the error for a path with an unknown format as its suffix."""
    return ApiError("not_acceptable", "Unknown response format")


def invalid(description: str) -> ApiError:
    """Return the error for a parameter that is missing or invalid."""
    return ApiError("invalid_parameters", description)


def unauthorized(description: str, *, token: bool = False) -> ApiError:
    """Return the error for a missing token or, with `token`, for an unknown one (RFC 6750, section 3).

    `description` is the sentence in the response.
    """
    challenge = {"WWW-Authenticate": 'Bearer realm="flattr", error="invalid_token"'}
    return ApiError("unauthorized", description, challenge if token else None)
