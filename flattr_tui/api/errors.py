"""Everything that can go wrong between asking and having an answer, as one tree.

    FlattrError
    ├── UsageError              the request cannot be made: a parameter is missing, unknown or ill-typed
    ├── NetworkError            no answer came
    │   ├── CannotConnectError
    │   ├── OfflineError        nothing is ever sent: it was chosen so
    │   ├── TlsFailedError
    │   ├── TimedOutError
    │   └── ConnectionLostError
    ├── AnswerError             an answer came that is none of Flattr's
    │   ├── NotFlattrAnswerError
    │   ├── TooLargeError
    │   ├── BadRedirectError
    │   ├── NotCapturedError    a web archive holds no capture of it
    │   └── ServerFailedError   5xx
    ├── ApiError                the API said no, with a code
    │   ├── UnauthorizedError   401 (and `NoMeansError`: no money left to flattr with)
    │   ├── ForbiddenError      403 (and `ScopeError`, `RateLimitedError`)
    │   └── NotFoundError       404
    └── LoginError              the authorization did not come about
        └── WrongStateError     an answer to another login (`api.login`)

Every one has words for people (`sentence`), says whether asking again may help (`retryable`) and which exit code the
command line ends with. Source of the codes: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors'.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from flattr_tui.api.response import Response


class FlattrError(Exception):
    """The root. `str()` says what happened, without the name of what was asked for, and ends with a full stop."""

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
    response: "Response | None" = None
    """The answer that said so, as it came; None where none came."""

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Say for people that `what` could not be `done`, why, and what to do."""
        return f"{what} could not be {done}: {self}"


class UsageError(FlattrError):
    """The request cannot be made as it was asked for."""

    exit_code = 2


class NetworkError(FlattrError):
    """No answer came; the next try may bring one."""

    retryable = True
    exit_code = 3


class CannotConnectError(NetworkError):
    """The server cannot be reached at all."""


class OfflineError(NetworkError):
    """Nothing is ever sent: it was chosen so."""

    retryable = False


class TlsFailedError(NetworkError):
    """The server is there, but the connection cannot be made secure: another try will not help."""

    retryable = False


class TimedOutError(NetworkError):
    """The server did not answer within the deadline."""


class ConnectionLostError(NetworkError):
    """The answer broke off, or was no HTTP."""


class AnswerError(FlattrError):
    """An answer came that is none of Flattr's."""


class NotFlattrAnswerError(AnswerError):
    """The body is something else: an HTML page, say."""


class TooLargeError(AnswerError):
    """The body is larger than the cap on decoded bytes."""


class BadRedirectError(AnswerError):
    """A redirect to another origin, in a loop, or to nowhere; it was not followed."""


class NotCapturedError(AnswerError):
    """The source is a web archive, and it holds no capture of this."""

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Say that the archive has it not."""
        return f"{what} was not captured by this web archive."


class ServerFailedError(AnswerError):
    """The server says that it failed (5xx)."""

    retryable = True
    retry_at: int | None = None
    """Not before when to ask again (Unix seconds), where the server said so."""


class ApiError(FlattrError):
    """The API said no: its status, its code and its own description (sanitised)."""

    def __init__(self, status: int, code: str, description: str, uri: str = "") -> None:
        said = WORDS.get(code) or description.rstrip(".")
        said = said or (WORDS["unauthorized"] if status == 401 else f"the server answered {status}")
        super().__init__(said if said.endswith(".") else f"{said}.")
        self.status = status
        self.code = code
        self.description = description
        self.uri = uri


class UnauthorizedError(ApiError):
    """401: no token, or one that is not known (any more)."""

    exit_code = 4


class NoMeansError(UnauthorizedError):
    """401 `no_means`."""


class ForbiddenError(ApiError):
    """403."""


class ScopeError(ForbiddenError):
    """403 `insufficient_scope` or `invalid_scope`."""

    exit_code = 4


class RateLimitedError(ForbiddenError):
    """403 `rate_limit_exceeded`, or 429 (RFC 6585): nothing more until `reset` (Unix seconds, where it was said)."""

    exit_code = 5
    reset: int | None = None


class NotFoundError(ApiError):
    """404."""

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Say that there is none; what may be one or many."""
        return f"{what} could not be found on this server."


class LoginError(FlattrError):
    """The authorization did not come about; the sentence says at what it failed."""

    exit_code = 4


WITH_KEY = "with L"
"""How one logs in where there are keys: a command line says it otherwise."""

WORDS: dict[str, str] = {
    "unauthorized": f"you are not logged in, or the login has ended. Log in {WITH_KEY}.",
    "rate_limit_exceeded": "the requests of this hour are used up.",
    "flattr_once": "you have flattred it this month already. It can be flattred again next month.",
    "flattr_owner": "it is your own, and one's own things can't be flattred.",
    "thing_owner": "it is your own, and one's own things can't be subscribed to.",
    "subscribed": "you are subscribed to it already.",
    "no_means": "there is no money left to flattr with. Add to your budget at the service, then try again.",
    "insufficient_scope": f"the login does not allow this. Log in again {WITH_KEY} and grant it.",
    "invalid_scope": "the server does not know a scope that was asked for. Check `scopes` in the settings.",
}
"""Codes in words of ours, with a way on; any other code speaks with the server's description."""

_BY_CODE: dict[str, type[ApiError]] = {
    "no_means": NoMeansError,
    "insufficient_scope": ScopeError,
    "invalid_scope": ScopeError,
    "rate_limit_exceeded": RateLimitedError,
    "unauthorized": UnauthorizedError,
    "not_found": NotFoundError,
}
_BY_STATUS: dict[int, type[ApiError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
}


def api_error(status: int, code: str, description: str, uri: str = "") -> ApiError:
    """Make the error for a status and a code of the API."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    return kind(status, code, description, uri)
