"""Reads from environment variables which proxies and certificates to use, as curl does.

httpx reads the same variables, but one entry of `NO_PROXY` that it cannot parse makes every request fail with a
traceback. Here an invalid entry is ignored, and an unusable value raises an error of one sentence.
"""

import ipaddress
import os
import ssl
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

from flattr_tui.api.errors import CannotConnectError

PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def proxy_for(address: str) -> str | None:
    """Return the address of the proxy for a request to `address`; None for a direct connection.

    Raises `CannotConnectError` if the environment variable that sets the proxy has an unusable value. The message names
    the variable, but does not contain the value, which may include a password.
    """
    target = urlsplit(address)
    proxies = getproxies()
    if _is_bypassed(target, proxies.get("no", "")):
        return None
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    variable = proxy_variable(target.scheme)
    try:
        parts = urlsplit(proxy)
        is_usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, is_usable = SplitResult("", "", "", "", ""), False
    if not is_usable:
        raise CannotConnectError(f"{variable} does not hold the address of a proxy. Correct it, or unset it.")
    if parts.scheme not in PROXY_SCHEMES:
        raise CannotConnectError(
            f"{variable} names a proxy of an unknown kind ({parts.scheme}://). Use http://, https:// or socks5://,"
            " or unset it."
        )
    return proxy


def make_tls_context() -> ssl.SSLContext:
    """Return a TLS context that trusts the certificates in `SSL_CERT_FILE` or `SSL_CERT_DIR`, otherwise certifi's.

    Raises `CannotConnectError` if one of these variables, or `SSLKEYLOGFILE`, names an unusable file. The message names
    the variable.
    """
    import certifi  # noqa: PLC0415 -- reading certificates is for the network only

    keylog = os.environ.get("SSLKEYLOGFILE", "")
    if keylog:  # `ssl` opens it by itself, and its error does not say which file it was
        try:
            os.close(os.open(keylog, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        except OSError as error:
            raise CannotConnectError(
                f"SSLKEYLOGFILE names a file that cannot be written ({error.strerror}). Correct it, or unset it."
            ) from error
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    variable = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
    try:
        if file or folder:
            return ssl.create_default_context(cafile=file, capath=folder)
        return ssl.create_default_context(cafile=certifi.where())
    except OSError as error:  # `ssl.SSLError` is one
        raise CannotConnectError(
            f"{variable} names no usable certificates ({error.strerror or error}). Correct it, or unset it."
        ) from error


def proxy_variable(scheme: str) -> str:
    """Return the name of the environment variable that sets the proxy for a scheme such as `https`, for messages.

    If no variable is set, the proxy comes from the system's settings, and `The system's proxy setting` is returned.
    """
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), "The system's proxy setting")


def _is_bypassed(target: SplitResult, no_proxy: str) -> bool:
    host = (target.hostname or "").rstrip(".").lower()
    return any(_covers(host, entry) for entry in no_proxy.lower().replace(",", " ").split())


def _covers(host: str, entry: str) -> bool:
    """Whether an entry of `NO_PROXY` covers a host: `*`, a name and its subdomains, an address, or a range (CIDR)."""
    if entry == "*":
        return True
    entry = entry.strip("[]").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = entry.lstrip(".").rsplit(":", 1)[0]
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
