"""Removes tokens, cookies and passwords from the bodies of imported responses, whatever their format.

Request headers and cookies are never read from files. This is a second barrier, against tokens in addresses within a
body, or in text that was pasted around a response.
"""

import re
from typing import Final

REMOVED: Final = b"REMOVED"
_NAMES: Final = (
    rb"(?:access_token|refresh_token|id_token|client_secret|api_key|session_id|sessionid|PHPSESSID|password)"
)
_SUSPICIOUS: Final = re.compile(rb"(?i)_token|secret|api_key|session|password|authorization|cookie|bearer")
_RULES: Final = tuple(
    re.compile(rule)
    for rule in (
        rb'(?i)("' + _NAMES + rb'"\s*:\s*")((?:[^"\\]|\\.)+)',  # JSON
        rb"(?i)((?:\b|(?<=3F)|(?<=26))"
        + _NAMES
        + rb"(?:=|%(?:25)*3D|>|\s*:\s+))([^\s&\"'<>\\;]+)",  # addresses, forms, XML, YAML
        (
            rb"(?i)(\b(?:proxy-)?authorization\\?[\"']?\s*[:=]\s*\\?[\"']?)"
            rb"((?:(?:bearer|basic|token|oauth|digest)\s+)?[^\s\"'<>\\]+)"
        ),
        rb"(?i)(\b(?:set-)?cookie\\?[\"']?\s*:\s*\\?[\"']?)([^\r\n\"'<>\\]+)",
        rb"(?i)(\bbearer\s+)([A-Za-z0-9._~+/-]{16,}=*)",
    )
)


def remove_secrets(data: bytes) -> bytes:
    """Return a body without tokens, cookies and passwords, as far as names such as `access_token` show them."""
    if _SUSPICIOUS.search(data):
        for rule in _RULES:
            data = rule.sub(rb"\1" + REMOVED, data)
    return data


def remove_secrets_of_text(text: str) -> str:
    """Return a text to display, such as an address, without tokens, cookies and passwords."""
    return remove_secrets(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
