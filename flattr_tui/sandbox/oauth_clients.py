"""The clients that the authorization server knows, and their redirect addresses.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Create a application'; RFC 8252, section 7.3 (loopback).
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flattr_tui.sandbox.trusted_hosts import is_loopback_name


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client. `callback` is the redirect address for requests that name none; "" if none is registered."""

    client_id: str
    secret: str
    callback: str = ""

    @classmethod
    def parse(cls, text: str) -> "Credentials":
        """Return the client described as `id:secret` or `id:secret:callback`.

        Raises ValueError for other texts. Its message is a sentence for the user.
        """
        client_id, colon, rest = text.partition(":")
        secret, _, callback = rest.partition(":")
        if not client_id or not colon or not secret:
            raise ValueError(f"A client is written ID:SECRET or ID:SECRET:CALLBACK, not {text!r}.")
        return cls(client_id, secret, callback)


def is_loopback(address: str) -> bool:
    """Whether an http or https address points to this machine, and has no fragment (RFC 6749, section 3.1.2)."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or "#" in address or parts.username is not None:
        return False
    return is_loopback_name(host)


BUILT_IN: Final = Credentials("flattr-tui", "sandbox")
"""The client that every sandbox accepts."""
