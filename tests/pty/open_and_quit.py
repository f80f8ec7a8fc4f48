"""Runs a command that opens the app, waits for its screen, and quits it with `q`.

Usage: `python -m tests.pty.open_and_quit 'flattr-tui --offline'`.
"""

import os
import sys

from tests.pty.terminal import Terminal, list_leftovers


def main(command: str) -> None:
    """Run `command`. Fails if the screen does not appear, the exit code is not 0, or the terminal is not restored."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    with Terminal(("/bin/sh", "-c", f"exec {command}"), environment) as terminal:
        terminal.wait_for_text("Profile")
        terminal.send(b"q")
        code = terminal.wait()
        leftovers = list_leftovers(terminal)
    if code or leftovers:
        raise SystemExit(f"{command!r} ended with {code}; left behind: {', '.join(leftovers) or 'nothing'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
