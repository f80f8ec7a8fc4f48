"""Runs a command that shows a screen, as `python -m tests.pty.shown 'flattr-tui --offline'`, and quits it by `q`."""

import os
import sys

from tests.pty.terminal import Terminal, is_whole


def main(command: str) -> None:
    """Fail where the screen does not come, or the program does not end well."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    with Terminal(("/bin/sh", "-c", f"exec {command}"), environment) as terminal:
        terminal.shows("Profile")
        terminal.send(b"q")
        code = terminal.wait()
        wrong = is_whole(terminal)
    if code or wrong:
        raise SystemExit(f"{command!r} ended with {code}; left behind: {', '.join(wrong) or 'nothing'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
