"""One request and what came of it, as a value: what the console shows, keeps in its history and compares."""

from typing import Final

import msgspec
from msgspec import Struct

from flattr_tui.api.methods import BY_NAME, Format, Method
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.api.response_errors import parse_rate_limit
from flattr_tui.model.entities import RateLimit
from flattr_tui.model.response_kind import ResponseKind

REMEMBERED_BODY: Final = 4_096
"""Bytes of an error's body that are remembered from run to run; a good answer's body is in the store."""

REMEMBERED_HEADER: Final = 300
"""Characters of a header that are remembered from run to run."""


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request, and its answer or why there is none. The token is in no part of it."""

    method: str
    arguments: dict[str, str] = {}
    format: str = "json"
    source: str
    account: str = ""
    """As whom it was asked; "" where the answer is the same for everybody."""
    request: PreparedRequest
    """As it went out, the token masked."""
    sent_at: float
    """Unix seconds."""
    status: int = 0
    """The HTTP status; 0: no answer came."""
    headers: dict[str, str] = {}
    """The answer's, names in lower case."""
    body: bytes | None = None
    """As sent; None where it is not at hand (`Console.body` looks further)."""
    size: int = 0
    """Bytes of the body."""
    elapsed: float = 0.0
    """Seconds."""
    fetched_at: float = 0.0
    """Unix seconds: when the body came from the server."""
    saved: bool = False
    """Whether the answer was taken from the store."""
    note: str = ""
    """What is particular about the answer, in one sentence."""
    problem: str = ""
    """Why it is no success, in one sentence; "" where it is one."""
    exit_code: int = 0
    """What the command line ends with."""
    sequence: int = 0
    """The answer's number in the store; 0 where it is not kept."""

    @property
    def declared(self) -> Method:
        """The method."""
        return BY_NAME[self.method]

    @property
    def asked_format(self) -> Format:
        """The format that was asked for."""
        return Format(self.format)

    @property
    def answered(self) -> bool:
        """Whether any answer is there, good or bad."""
        return self.status > 0

    @property
    def content_type(self) -> str:
        """The body's type."""
        return self.headers.get("content-type", "application/json")

    @property
    def rate(self) -> RateLimit | None:
        """What is left of the hour's requests, as of this answer."""
        return parse_rate_limit(self.headers)

    @property
    def readable(self) -> bool:
        """Whether the body holds records: a success of the kind that the method answers with."""
        looked_up = self.declared.answer is ResponseKind.LOOKUP and self.status in {302, 404}
        return self.answered and (not self.problem or self.saved) and (200 <= self.status < 300 or looked_up)

    def __str__(self) -> str:
        return " ".join([self.method, *(f"{name}={value}" for name, value in self.arguments.items())])

    def remembered(self) -> "Exchange":
        """Without what is kept elsewhere, or not at all: for the history's file."""
        small = bool(self.problem) and not self.saved and self.size <= REMEMBERED_BODY
        headers = {name: value[:REMEMBERED_HEADER] for name, value in self.headers.items()}
        return msgspec.structs.replace(self, body=self.body if small else None, headers=headers)
