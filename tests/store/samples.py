"""Values for the tests of the store."""

from typing import Any

from flattr_tui.model.answers import Answer
from flattr_tui.model.request import Request
from flattr_tui.store.stored import Stored

ADA = Request.of("user-flattrs", username="ada")


def response(body: bytes = b"[]", *, page: int = 1, at: float = 1000.0, **more: Any) -> Stored:
    """Make a response of page 1 of ada's flattrs, or another one."""
    fields: dict[str, Any] = {
        "source": "sandbox",
        "request": ADA,
        "page": page,
        "count": 30,
        "answer": Answer.FLATTRS,
        "url": "http://sandbox.localhost/rest/v2/users/ada/flattrs?count=30",
        "fetched_at": at,
        "body": body,
        **more,
    }
    return Stored(**fields)
