"""The errors that a call of the API or a login can raise, as one tree.

    FlattrError
    ├── UsageError              the request can't be made: an argument is missing, unknown or ill-typed
    ├── NetworkError            no response came
    │   ├── CannotConnectError
    │   ├── OfflineError        the user chose to be offline: nothing is ever sent
    │   ├── TlsFailedError
    │   ├── TimedOutError
    │   └── ConnectionLostError
    ├── UnusableResponseError             a response came that is not Flattr's
    │   ├── NotFlattrResponseError
    │   ├── TooLargeError
    │   ├── BadRedirectError
    │   ├── NotArchivedError    the web archive has no capture of the page
    │   └── ServerFailedError   5xx
    ├── ApiError                the API refused, with a code
    │   ├── UnauthorizedError   401 (and `InsufficientBudgetError`: no money left to flattr with)
    │   ├── ForbiddenError      403 (and `ScopeError`, `RateLimitedError`)
    │   └── NotFoundError       404
    └── LoginError              the login failed
        ├── WrongStateError     a browser brought the answer to another login
        ├── TokenRenewedError   a write was refused with a token that has been renewed since
        └── TokenLeftError      after logging out, a keyring still has the token

Each error has a sentence for the user (`sentence`), whether another try may help (`retryable`), and an exit code for
the command line. Source of the API's codes: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors'.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from flattr_tui.api.response import Response

MAX_WAIT_AHEAD = 86_400
"""A reset time more than this many seconds ahead is ignored, because the clock or the header is wrong."""


class FlattrError(Exception):
    """The base class of the errors. `str()` says what happened and what to do, without naming what was requested."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later."""
    leaves_open: ClassVar[bool] = False
    """Whether the server may have carried out a write in spite of the error."""
    exit_code: ClassVar[int] = 1
    """Exit code of a command that fails with this error."""
    response: "Response | None" = None
    """The response that caused the error; None if none came."""

    @property
    def reason(self) -> str:
        """What happened: the first sentence of `str()`, without its full stop."""
        return str(self).partition(". ")[0].rstrip(".")

    def sentence(self, subject: str) -> str:
        """Return a sentence for the user: that `subject` ('The thing 5') could not be fetched, why, and what to do."""
        return f"{subject} could not be fetched: {self}"


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
    """The user chose to be offline, so nothing was sent."""

    retryable = False


class TlsFailedError(NetworkError):
    """The server can be reached, but no secure connection is possible."""

    retryable = False


class TimedOutError(NetworkError):
    """The server did not answer within the deadline."""

    leaves_open = True


class ConnectionLostError(NetworkError):
    """The connection broke before the response was complete, or the response was not HTTP."""

    leaves_open = True


class UnusableResponseError(FlattrError):
    """A response came, but it is not a usable response of a Flattr server."""

    leaves_open = True


class NotFlattrResponseError(UnusableResponseError):
    """The body is not a response of Flattr's API, for example an HTML page."""


class TooLargeError(UnusableResponseError):
    """The decoded body is larger than the client accepts."""


class BadRedirectError(UnusableResponseError):
    """A redirect was not followed, because it leads to another origin, in a loop, or to nowhere."""


class NotArchivedError(UnusableResponseError):
    """The source is a web archive that has no capture of the requested page."""

    def sentence(self, subject: str) -> str:
        """Return a sentence that says that the web archive does not have `subject`."""
        return f"{subject} was not captured by this web archive."


class ServerFailedError(UnusableResponseError):
    """The server reported a failure (5xx)."""

    retryable = True
    retry_at: int | None = None
    """The earliest time for another try, in Unix seconds; None if the server did not say."""


class ApiError(FlattrError):
    """The API refused the call, with an HTTP status, a code ("" if none), and a description."""

    def __init__(self, status: int, code: str, description: str) -> None:
        sentence = WORDS.get(code) or description.rstrip(".")
        sentence = sentence or (WORDS["unauthorized"] if status == 401 else f"the server answered {status}")
        super().__init__(sentence if sentence.endswith(".") else f"{sentence}.")
        self.status = status
        self.code = code
        self.description = description


class UnauthorizedError(ApiError):
    """401: the call had no token, or one that is no longer valid."""

    exit_code = 4


class InsufficientBudgetError(UnauthorizedError):
    """401 `no_means`: the user has no money left to flattr with."""


class ForbiddenError(ApiError):
    """403: the API does not allow this call."""


class ScopeError(ForbiddenError):
    """403 `insufficient_scope` or `invalid_scope`: the token's scopes don't allow this call, or are unknown."""

    exit_code = 4


class RateLimitedError(ForbiddenError):
    """403 `rate_limit_exceeded`, or 429 (RFC 6585): too many requests were sent."""

    exit_code = 5
    reset: int | None = None
    """The time before which nothing must be sent, in Unix seconds; None if the server did not say."""


class NotFoundError(ApiError):
    """404: what was requested does not exist at the server."""

    def sentence(self, subject: str) -> str:
        """Return a sentence that says that `subject` does not exist."""
        return f"{subject} could not be found on this server."


class LoginError(FlattrError):
    """The login failed. The message says why."""

    exit_code = 4


class WrongStateError(LoginError):
    """The browser was redirected with the answer to another login. The answer to this login can still come."""


class TokenRenewedError(LoginError):
    """401 to a write, whose token was renewed afterwards. The write is left to the user: no write is sent twice."""

    def __init__(self) -> None:
        super().__init__("the login had expired, and has been renewed now. Nothing was changed: try again.")


class TokenLeftError(LoginError):
    """An account was logged out, but a keyring still has its token. The message names the keyring."""


WITH_KEY = "with L"
"""The part of a sentence that says how to log in on screen. The command line replaces it."""

NOT_LOGGED_IN = "you are not logged in, or the login has expired"
PROXY_LOGIN = (
    "the proxy wants a user name and a password (407). Put them into the proxy's address: `http://NAME:PASSWORD@…`."
)

WORDS: dict[str, str] = {
    "unauthorized": f"{NOT_LOGGED_IN}. Log in {WITH_KEY}.",
    "rate_limit_exceeded": "this hour's requests are used up.",
    "flattr_once": "you have already flattred it this month. You can flattr it again next month.",
    "flattr_owner": "it is your own thing, and you can't flattr your own things.",
    "thing_owner": "it is your own thing, and you can't subscribe to your own things.",
    "subscribed": "you are already subscribed to it.",
    "no_means": "there is no money left to flattr with. Add to your budget at the service, then try again.",
    "insufficient_scope": f"the login does not allow this. Log in again {WITH_KEY} and grant it.",
    "invalid_scope": "the server does not know a requested scope. Check `scopes` in the settings.",
}
"""The sentence for the user for each code of the API. For other codes, the server's description is displayed."""

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
    """Return the error for an HTTP status and a code of the API ("" if none). If the two disagree, the code decides.

    `description` is the server's sentence about the error.
    """
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    if kind is UnauthorizedError and code not in WORDS and description:
        description = f"{NOT_LOGGED_IN} ({description.rstrip('.')}). Log in {WITH_KEY}"
    if kind is RateLimitedError and code not in WORDS:
        description = f"the server accepts no more requests for now ({description.rstrip('.') or status})"
    return kind(status, code, description)
