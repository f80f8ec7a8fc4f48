"""The two things that leave the terminal: an address to a browser, a text to the clipboard."""

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Mapping

TMUX = "tmux"
_COPIERS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",), ""),
    ("DISPLAY", ("xclip", "-selection", "clipboard"), ""),
    ("DISPLAY", ("xsel", "--clipboard", "--input"), ""),
    ("", ("pbcopy",), "darwin"),
    ("TMUX", (TMUX, "load-buffer", "-w", "-"), ""),
    ("TMUX", (TMUX, "load-buffer", "-"), ""),  # before tmux 3.2
)
"""Environment that must be there, command, platform that it is for."""


def is_remote(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal belongs to another machine, over SSH."""
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


def copy(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Copy with a program of this machine, or into tmux's buffer; return its name, "" if none took the text.

    Blocks: call it in a thread. Over SSH a clipboard program would fill the clipboard of the wrong machine; tmux runs
    where this program does, and hands the text on to the terminal that it is shown in, if that is allowed.
    """
    for variable, command, platform in _COPIERS:
        is_tmux = command[0] == TMUX
        if (variable and not environment.get(variable)) or (platform and sys.platform != platform):
            continue
        if is_remote(environment) and not is_tmux:
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
        return command[0]
    return ""


def copy_advice(environment: Mapping[str, str] = os.environ) -> str:
    """Say what is known about whether this terminal takes a text that is sent to its clipboard (OSC 52)."""
    if environment.get("TMUX"):
        return "tmux passes it on only with `set -g set-clipboard on`."
    if environment.get("STY"):
        return "GNU screen does not pass it on to the clipboard."
    if environment.get("VTE_VERSION"):
        return "Terminals of GNOME ignore it."
    return "Some terminals ignore it: xterm as it comes, for example."
