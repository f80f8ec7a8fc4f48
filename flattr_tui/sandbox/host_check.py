"""Which names the server answers to: a page of another site must not reach it by a name that leads here.

Without the check a site whose name is pointed at 127.0.0.1 (DNS rebinding) is of one origin with the sandbox, and can
read its pages and consent for whoever looks at it. RFC 9110, 7.4: a request for another server is answered with 421.
"""

import ipaddress
import re
from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flattr_tui.sandbox.errors import ApiError

_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:/?#@\s]*))(?::\d{0,5})?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


class HostCheck:
    """Answers 421 to requests for other hosts than loopback names and `names`. Ports do not count.

    With `any_address` a host that is an IP address is taken as well: no other site can have it for a name.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), *, any_address: bool = False) -> None:
        self._app = app
        self._any_address = any_address
        self._names = frozenset(name.lower().strip("[]").removesuffix(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or refuse it."""
        foreign = None
        if scope["type"] == "http":
            foreign = next((host for host in _hosts(scope) if not self._is_here(host)), None)
        if foreign is None:
            await self._app(scope, receive, send)
            return
        name = host_name(foreign) or foreign
        text = f"This server does not answer for {name}. If it shall, start it with --allow-host {name}."
        await JSONResponse(ApiError("misdirected_request", text).body, 421)(scope, receive, send)

    def _is_here(self, authority: str) -> bool:
        name = host_name(authority)
        if name is None:
            return False
        return name in self._names or is_loopback_name(name) or (self._any_address and _is_address(name))


def host_name(authority: str) -> str | None:
    """Return the host of `host:port` in lower case, without a port, brackets and a dot at the end; None for no host."""
    found = _AUTHORITY.fullmatch(authority)
    name = (found[1] or found[2]).lower().removesuffix(".") if found else ""
    return name or None


def is_loopback_name(name: str) -> bool:
    """Whether a host (a name, or an address without brackets) is this machine's alone. RFC 6761, 6.3."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _hosts(scope: Scope) -> list[str]:
    """List the hosts that a request must be checked for; one of HTTP/1.0 may name none.

    A target that is a whole address comes from clients that were given the sandbox as their proxy; a browser sends
    none to a name that was pointed here (RFC 9112, 3.2.1 and 3.2.2).
    """
    if _ABSOLUTE.match(scope["path"]):
        return []
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
