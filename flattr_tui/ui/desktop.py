"""The two things that leave the terminal: an address to a browser, a text to the clipboard."""

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Mapping

_COPIERS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",), ""),
    ("DISPLAY", ("xclip", "-selection", "clipboard"), ""),
    ("DISPLAY", ("xsel", "--clipboard", "--input"), ""),
    ("", ("pbcopy",), "darwin"),
)
"""Environment that must be there, command, platform that it is for."""


def is_remote(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal is somebody else's machine: over SSH."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def has_browser(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser would open where the person sits."""
    if is_remote(environment):
        return False
    shown = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or environment.get("BROWSER")
    return sys.platform == "darwin" or bool(shown)


def open_browser(address: str) -> bool:
    """Open an address; False where no browser took it. Blocks: call it in a thread."""
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False


def copy(text: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Copy by a tool of this machine; False where there is none, or over SSH. Blocks: call it in a thread."""
    if is_remote(environment):
        return False
    for variable, command, platform in _COPIERS:
        if (variable and not environment.get(variable)) or (platform and sys.platform != platform):
            continue
        found = shutil.which(command[0])
        if not found:
            continue
        try:
            subprocess.run(  # noqa: S603 -- a command of the table above, the text on its stdin
                (found, *command[1:]),
                input=text.encode(),
                timeout=2,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return True
    return False
