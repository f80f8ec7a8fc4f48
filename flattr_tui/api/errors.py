"""Everything that can go wrong between a call and its response, as one tree.

    FlattrError
    ├── UsageError              the request can't be made: an argument is missing, unknown or ill-typed
    ├── NetworkError            no response came
    │   ├── CannotConnectError
    │   ├── OfflineError        offline was chosen: nothing is ever sent
    │   ├── TlsFailedError
    │   ├── TimedOutError
    │   └── ConnectionLostError
    ├── AnswerError             a response came that is not Flattr's
    │   ├── NotFlattrAnswerError
    │   ├── TooLargeError
    │   ├── BadRedirectError
    │   ├── NotArchivedError    a web archive has no capture of it
    │   └── ServerFailedError   5xx
    ├── ApiError                the API refused, with a code
    │   ├── UnauthorizedError   401 (and `InsufficientBudgetError`: no money left to flattr with)
    │   ├── ForbiddenError      403 (and `ScopeError`, `RateLimitedError`)
    │   └── NotFoundError       404
    └── LoginError              the login failed
        ├── WrongStateError     the answer to another login
        └── TokenLeftError      after logging out, a keyring still has the token

Each has a sentence for the user (`sentence`), tells whether another try may help (`retryable`), and sets the command
line's exit code. Source of the codes: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors'.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from flattr_tui.api.response import Response

MAX_WAIT_AHEAD = 86_400
"""How far in the future a reset time may lie, in seconds. Later ones are ignored: the clock or the header is wrong."""


class FlattrError(Exception):
    """The base class. `str()` is a sentence that says what happened, without naming what was requested."""

    retryable: ClassVar[bool] = False
    leaves_open: ClassVar[bool] = False
    """Whether a write may have been done all the same."""
    exit_code: ClassVar[int] = 1
    response: "Response | None" = None
    """The response that caused it; None if there was none."""

    @property
    def reason(self) -> str:
        """What happened, without advice and without a full stop."""
        return str(self).partition(". ")[0].rstrip(".")

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Return a sentence: that `what` could not be `done`, why, and what to do."""
        return f"{what} could not be {done}: {self}"


class UsageError(FlattrError):
    """The request can't be made with these arguments."""

    exit_code = 2


class NetworkError(FlattrError):
    """No response came; another try may succeed."""

    retryable = True
    exit_code = 3


class CannotConnectError(NetworkError):
    """The server cannot be reached at all."""


class OfflineError(NetworkError):
    """Offline was chosen: nothing is ever sent."""

    retryable = False


class TlsFailedError(NetworkError):
    """The server is there, but no secure connection is possible; another try won't help."""

    retryable = False


class TimedOutError(NetworkError):
    """The server did not answer within the deadline."""

    leaves_open = True


class ConnectionLostError(NetworkError):
    """The response broke off, or was not HTTP."""

    leaves_open = True


class AnswerError(FlattrError):
    """The response does not come from a Flattr server."""

    leaves_open = True


class NotFlattrAnswerError(AnswerError):
    """The body is something else, for example an HTML page."""


class TooLargeError(AnswerError):
    """The body is larger than the cap on decoded bytes."""


class BadRedirectError(AnswerError):
    """A redirect to another origin, in a loop, or to nowhere; it was not followed."""


class NotArchivedError(AnswerError):
    """The source is a web archive that has no capture of the requested page."""

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Return a sentence: that the archive does not have `what`."""
        return f"{what} was not captured by this web archive."


class ServerFailedError(AnswerError):
    """The server reported a failure (5xx)."""

    retryable = True
    retry_at: int | None = None
    """Earliest time for another try (Unix seconds), if the server said so."""


class ApiError(FlattrError):
    """The API refused: status, code and description (sanitised)."""

    def __init__(self, status: int, code: str, description: str) -> None:
        sentence = WORDS.get(code) or description.rstrip(".")
        sentence = sentence or (WORDS["unauthorized"] if status == 401 else f"the server answered {status}")
        super().__init__(sentence if sentence.endswith(".") else f"{sentence}.")
        self.status = status
        self.code = code
        self.description = description


class UnauthorizedError(ApiError):
    """401: no token, or one that is not valid any more."""

    exit_code = 4


class InsufficientBudgetError(UnauthorizedError):
    """401 `no_means`."""


class ForbiddenError(ApiError):
    """403."""


class ScopeError(ForbiddenError):
    """403 `insufficient_scope` or `invalid_scope`."""

    exit_code = 4


class RateLimitedError(ForbiddenError):
    """403 `rate_limit_exceeded`, or 429 (RFC 6585): send nothing until `reset` (Unix seconds, if known)."""

    exit_code = 5
    reset: int | None = None


class NotFoundError(ApiError):
    """404."""

    def sentence(self, what: str, done: str = "fetched") -> str:
        """Return a sentence: that `what` does not exist; `what` may be plural."""
        return f"{what} could not be found on this server."


class LoginError(FlattrError):
    """The login failed; the sentence says why."""

    exit_code = 4


class WrongStateError(LoginError):
    """The answer belongs to no login of this program; the login keeps waiting."""


class TokenLeftError(LoginError):
    """An account was logged out, but a keyring keeps its token; the sentence says which one and what to do."""


WITH_KEY = "with L"
"""How to log in on screen; the command line says it differently."""

WORDS: dict[str, str] = {
    "unauthorized": f"you are not logged in, or the login has expired. Log in {WITH_KEY}.",
    "rate_limit_exceeded": "this hour's requests are used up.",
    "flattr_once": "you have already flattred it this month. You can flattr it again next month.",
    "flattr_owner": "it is your own thing, and you can't flattr your own things.",
    "thing_owner": "it is your own thing, and you can't subscribe to your own things.",
    "subscribed": "you are already subscribed to it.",
    "no_means": "there is no money left to flattr with. Add to your budget at the service, then try again.",
    "insufficient_scope": f"the login does not allow this. Log in again {WITH_KEY} and grant it.",
    "invalid_scope": "the server does not know a requested scope. Check `scopes` in the settings.",
}
"""Codes in our own words, with advice; other codes use the server's description."""

_BY_CODE: dict[str, type[ApiError]] = {
    "no_means": InsufficientBudgetError,
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


def api_error(status: int, code: str, description: str) -> ApiError:
    """Make the error that matches the API's status and error code."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    return kind(status, code, description)
