#!/usr/bin/env bash
# Textual's App.suspend is a context manager that does not take the terminal back after an exception.
#
# Guess: what `with app.suspend():` gave away is taken back however the block ends, as with any context manager; an
# exception that is caught around the block (a missing program, a KeyboardInterrupt) costs nothing.
# What happens: the block has no `finally` around it. After an exception the app runs on, but the terminal stays
# as it was given away: the alternate screen is not taken again, and the driver's threads for keys and output are stopped.
# Versions: textual 8.2.8.
# Source: textual/app.py, App.suspend; run of this script.
# In this program: exceptions are caught inside the block (`ui/library_app.py`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
cat >app.py <<'PYTHON'
import contextlib
import sys

from textual.app import App


class Lender(App):
    def on_mount(self):
        self.set_timer(0.3, self.lend)

    def lend(self):
        with contextlib.suppress(ValueError), self.suspend():
            if sys.argv[1] == "raise":
                raise ValueError
        self.set_timer(0.3, self.exit)


Lender().run()
PYTHON
venv/bin/python - <<'PYTHON'
import os
import pty
import sys


def screens_taken(how):
    """Run the app on a terminal, and count how often it takes the alternate screen."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv("venv/bin/python", ["venv/bin/python", "app.py", how])
    output = b""
    try:
        while piece := os.read(terminal, 65536):
            output += piece
    except OSError:  # the other end is closed
        pass
    os.waitpid(process, 0)
    return output.count(b"\x1b[?1049h")


plain, raised = screens_taken("end"), screens_taken("raise")
print(f"The screen is taken {plain} times around a block that ends, {raised} around one that raises.")
if (plain, raised) != (2, 1):
    sys.exit("This has changed.")
print("As described.")
PYTHON
