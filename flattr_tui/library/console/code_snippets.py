"""Code snippets that send an API request again: with curl, with httpx and with `flattr-tui get`.

Unless a token is given, the snippets read it from the environment variable FLATTR_TOKEN.
"""

import shlex
from collections.abc import Mapping

from flattr_tui.api.method_table import Format, Method
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.model.data_source import SourceKind

VARIABLE = "FLATTR_TOKEN"
"""Name of the environment variable that contains the token."""


def curl_command(request: PreparedRequest, token: str | None = None) -> str:
    """Return a curl command for a POSIX shell that sends a request.

    With `token` None, the command reads the token from the environment variable FLATTR_TOKEN.
    """
    words = ["curl"]
    if request.verb != "GET":
        words += ["-X", request.verb]
    for name, value in request.headers.items():
        if name == "Authorization" and token is None:
            words += ["-H", f'"Authorization: Bearer ${VARIABLE}"']
        else:
            words += ["-H", shlex.quote(f"{name}: Bearer {token}" if name == "Authorization" else f"{name}: {value}")]
    if request.body is not None:
        words += ["--data-raw", shlex.quote(request.body.decode())]
    return " ".join([*words, shlex.quote(request.url)])


def httpx_program(request: PreparedRequest) -> str:
    """Return a Python program that sends a request with httpx, and reads the token from the environment."""
    lines = ["import httpx", ""]
    headers = []
    for name, value in request.headers.items():
        shown = repr(value)
        if name == "Authorization":
            shown = f"f\"Bearer {{os.environ['{VARIABLE}']}}\""
            lines[0] = "import os\n\nimport httpx"
        headers.append(f"        {name!r}: {shown},")
    lines += ["answer = httpx.request(", f"    {request.verb!r},", f"    {request.url!r},"]
    if headers:
        lines += ["    headers={", *headers, "    },"]
    if request.body is not None:
        lines.append(f"    content={request.body.decode()!r}.encode(),")
    return "\n".join([*lines, ")", "print(answer.status_code, answer.text)"])


def get_command(method: Method, arguments: Mapping[str, str], format: Format, source: str) -> str:
    """Return a `flattr-tui get` command that calls an API method of a source, and requests a format."""
    words = ["flattr-tui"]
    if source != SourceKind.SANDBOX:
        words += ["--source", source]
    may_empty = {parameter.name for parameter in method.parameters if parameter.may_empty}
    given = (f"{name}={value}" for name, value in arguments.items() if value or name in may_empty)
    words += ["get", method.name, *given]
    if format is not method.default_format:
        words += ["--format", format.value]
    if method.writes:
        words.append("--yes")
    return shlex.join(words)
