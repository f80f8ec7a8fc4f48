"""Refuses requests for host names that are not the server's, to protect against DNS rebinding.

A website can let its own name point to 127.0.0.1. A browser then takes the sandbox for a part of that website, whose
scripts could read the sandbox's pages and give consent in the user's name. RFC 9110, 7.4: a request for another server
gets 421.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flattr_tui.sandbox.api_responses import ApiError

_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:/?#@\s]*))(?::\d{0,5})?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


class TrustedHosts:
    """ASGI middleware that answers 421 to a request, unless its host is a loopback name or one of `names`, on any port.

    With `any_address`, all IP addresses are accepted, too, because no website can have an IP address as its name.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), *, any_address: bool = False) -> None:
        self._app = app
        self._any_address = any_address
        self._names = frozenset(name.lower().strip("[]").removesuffix(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the application, or refuse it."""
        foreign = None
        if scope["type"] == "http":
            foreign = next((host for host in _host_headers(scope) if not self._is_allowed(host)), None)
        if foreign is None:
            await self._app(scope, receive, send)
            return
        name = host_name(foreign) or foreign
        text = f"This server does not answer for {name}. To allow that name, start it with --allow-host {name}."
        await JSONResponse(ApiError("misdirected_request", text).body, 421)(scope, receive, send)

    def _is_allowed(self, authority: str) -> bool:
        name = host_name(authority)
        if name is None:
            return False
        return name in self._names or is_loopback_name(name) or (self._any_address and _is_address(name))


def host_name(authority: str) -> str | None:
    """Return the host in `host:port`, in lower case, without brackets and trailing dot; None if the text is invalid."""
    found = _AUTHORITY.fullmatch(authority)
    name = (found[1] or found[2]).lower().removesuffix(".") if found else ""
    return name or None


def is_loopback_name(name: str) -> bool:
    """Whether a host (a name, or an address without brackets) always means this machine. RFC 6761, 6.3."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


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


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host_headers(scope: Scope) -> list[str]:
    """Return the values of the `Host` header that must be checked. A request of HTTP/1.0 may have none.

    If the request target is an absolute URL, nothing is returned. Clients send such a target only to a proxy, so a
    browser never sends one to a website's name that points here (RFC 9112, 3.2.1 and 3.2.2).
    """
    if _ABSOLUTE.match(scope["path"]):
        return []
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
