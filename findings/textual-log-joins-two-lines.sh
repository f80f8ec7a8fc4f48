#!/usr/bin/env bash
# In Textual's Log, what `write` writes after a `write_line` stands on the same line.
#
# Guess: `write_line` writes a line, so what comes next begins below it; `write("a\n")` and `write_line("a")` do the
# same, and can be mixed.
# What happens: `write_line` begins a line but does not end it, so the next `write` goes on at its end: a log of `done`
# and `next` shows `donenext`. `write("a\n")` ends its line by an empty one, which a `write_line` leaves standing.
# With `max_lines` the empty line counts, and a real one is dropped for it.
# Versions: textual 8.2.8.
# Source: run of this script; textual/widgets/_log.py, `write_line`: 'Write content on a new line.'
# In this program: Log is not used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import Log


async def main():
    seen = {}
    app = App()
    async with app.run_test() as pilot:
        for most in (None, 2):
            log, other = Log(max_lines=most), Log(max_lines=most)
            await app.mount(log, other)
            await pilot.pause()
            log.write_line("done")
            log.write("next\n")
            other.write("a\nb\n")
            seen[most, "before"] = list(other.lines)
            other.write_line("c")
            seen[most, "line, write"], seen[most, "write, line"] = list(log.lines), list(other.lines)
    return seen


seen = asyncio.run(main())
for (most, what), lines in seen.items():
    print(f"max_lines {most}, {what}: {lines}")
unchanged = seen == {
    (None, "before"): ["a", "b", ""],
    (None, "line, write"): ["donenext", ""],
    (None, "write, line"): ["a", "b", "", "c"],
    (2, "before"): ["b", ""],
    (2, "line, write"): ["donenext", ""],
    (2, "write, line"): ["", "c"],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
