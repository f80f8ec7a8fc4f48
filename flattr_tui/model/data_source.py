"""The sources of data: the sandbox, a server, or only saved data."""

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

import msgspec


class SourceKind(StrEnum):
    """The kind of a source: the sandbox in this program, a server, or only what is saved."""

    SANDBOX = "sandbox"
    SERVER = "server"
    SAVED = "saved"


SANDBOX_BASE = "http://sandbox.localhost/rest/v2"
"""The base address of the sandbox, which runs in this process: nothing listens at that address."""


class BadSourceError(ValueError):
    """A text does not name a valid source. The message is one sentence that says what to do."""


class Source(msgspec.Struct, frozen=True):
    """A source of data: the sandbox, a server, or only saved data.

    `name` is what people and the store's keys call the source: `sandbox`, `saved`, or the address of a server's API
    without a trailing slash. `base` is the address to which the paths of API methods are appended ("" for `saved`).
    """

    kind: SourceKind
    name: str
    base: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port of `base` (RFC 6454). Tokens are only ever sent to this origin."""
        return origin(self.base)

    @property
    def label(self) -> str:
        """A short name to display: `sandbox`, `saved`, or the server's host, with the port if the address has one."""
        return self.name if self.kind is not SourceKind.SERVER else urlsplit(self.base).netloc


def origin(url: str) -> tuple[str, str, int]:
    """Return the origin of an address (RFC 6454): scheme, host and port, all in lower case.

    If the address has no port, the scheme's default port is returned, or 0 for an unknown scheme. Raises `ValueError`
    for an address that can't be parsed.
    """
    parts = urlsplit(url)
    return (
        parts.scheme.lower(),
        (parts.hostname or "").lower(),
        parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0),
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine (RFC 6761 `localhost`, 127.0.0.0/8, ::1)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_source(text: str, *, allow_http: bool = False) -> Source:
    """Return the source that `text` names: `sandbox`, `saved`, or the address of a Flattr API.

    Plain http is allowed for addresses on this machine only, unless `allow_http`. Raises `BadSourceError` for other
    texts.
    """
    text = text.strip()
    if text == SourceKind.SANDBOX:
        return Source(SourceKind.SANDBOX, text, SANDBOX_BASE)
    if text == SourceKind.SAVED:
        return Source(SourceKind.SAVED, text, "")
    hint = "give `sandbox`, `saved`, or an address such as https://api.flattr.com/rest/v2"
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise BadSourceError(f"{text!r} is not an address ({error}): {hint}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadSourceError(f"{text!r} is not a source: {hint}.")
    if any(c.isspace() or ord(c) < 32 for c in text):
        raise BadSourceError(f"{text!r} has blanks or control characters: {hint}.")
    if parts.username or parts.password:
        raise BadSourceError(
            "The source's address holds a user name or password: leave it out and use `flattr-tui login`."
        )
    if parts.query or parts.fragment:
        raise BadSourceError(f"The source's address has a `?` or `#` part: {hint}.")
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        raise BadSourceError(
            f"{text} is not encrypted: use https, or say --allow-http if you trust the network in between."
        )
    base = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    return Source(SourceKind.SERVER, base, base)
