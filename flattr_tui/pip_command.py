"""How this program was installed, and therefore which command adds a missing extra (an optional dependency)."""

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "flattr-tui"


def install_command(extra: str) -> str:
    """Return the shell command that adds an extra to this installation."""
    try:
        origin = distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:  # run from source, not installed
        origin = None
    return command_for(extra, origin)


def command_for(extra: str, origin: str | None) -> str:
    """Return the shell command that adds an extra to an installation.

    `origin` is the content of its direct_url.json; None: it came from a package index. Source: PEP 610, recording the
    direct URL origin of installed distributions.
    """
    found = json.loads(origin) if origin else {}
    address, vcs = found.get("url", ""), found.get("vcs_info", {}).get("vcs", "")
    target, option = f"{NAME}[{extra}]", ""
    if vcs:
        target = f"{target} @ {vcs}+{address}"
    elif address.startswith("file:"):
        target = f"{url2pathname(urlsplit(address).path)}[{extra}]"
        option = "-e " if found.get("dir_info", {}).get("editable") else ""
    return f"pip install {option}{shlex.quote(target)}"
