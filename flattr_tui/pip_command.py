"""The pip command that adds an extra (a group of optional dependencies) to this program as it was installed."""

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "flattr-tui"


def install_command(extra: str) -> str:
    """Return the pip command that adds an extra of this program, such as `server`, to this installation."""
    try:
        origin = distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:  # run from source, not installed
        origin = None
    return command_for(extra, origin)


def command_for(extra: str, origin: str | None) -> str:
    """Return the pip command that adds an extra of this program to an installation of the program.

    `origin` is the content of the installation's file direct_url.json; None if there is no such file, because the
    program came from a package index. Source: PEP 610, recording the direct URL origin of installed distributions.
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
