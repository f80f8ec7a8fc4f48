"""The service's errors: a status, a code and a sentence.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors', and the lists of errors under each
resource.
"""

from collections.abc import Mapping

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
    "server_error": 500,
}
"""Every code that the sandbox answers with. The last of each hundred beyond the documented ones are HTTP's own."""


class ApiError(Exception):
    """A request that is answered with an error. `headers` go out with it."""

    def __init__(self, code: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.headers = dict(headers or {})
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="flattr"')  # RFC 9110, section 15.5.2

    @classmethod
    def of(cls, refusal: Refused) -> "ApiError":
        """Say on the wire what the world said."""
        return cls(refusal.code, refusal.description)

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return STATUS_OF[self.code]

    @property
    def body(self) -> dict[str, str]:
        """The documented body of an error."""
        return {"error": self.code, "error_description": self.description, "error_uri": ERROR_URI}


def not_found(description: str = "The resource was not found") -> ApiError:
    """Nothing is there, or nothing that may be seen."""
    return ApiError("not_found", description)


def unknown_format() -> ApiError:
    """Refuse a suffix that names no format."""
    return ApiError("not_acceptable", "Unknown response format")


def invalid(description: str) -> ApiError:
    """Refuse a parameter that is missing or unusable."""
    return ApiError("invalid_parameters", description)


def unauthorized(description: str, *, token: bool = False) -> ApiError:
    """No token, or (`token`) one that is not known. The challenge is RFC 6750, section 3."""
    challenge = {"WWW-Authenticate": 'Bearer realm="flattr", error="invalid_token"'}
    return ApiError("unauthorized", description, challenge if token else None)
