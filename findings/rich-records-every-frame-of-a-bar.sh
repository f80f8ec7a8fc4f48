#!/usr/bin/env bash
# A recorded Rich console exports each frame of a progress bar, one behind the other in one line.
#
# Guess: `Console(record=True)` exports what was on the terminal at the end: a bar that is drawn again and again is
# there once, complete.
# What happens: The cursor's movements between the frames are left out, and the frames are kept. `export_text`, the HTML
# and the SVG have 0 %, 33 %, 67 % and 100 % side by side, and Live does the same. What is beyond the right edge is cut
# off, so the picture of a bar over the whole width shows 0 %. Without a terminal the last frame alone is there.
# Versions: rich 15.0.0.
# Source: run of this script; rich/console.py, `export_text`, which joins all segments that are no control codes.
# In this program: its pictures are made by Textual from the screen itself (tests/screenshots.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0
venv/bin/python - <<'PYTHON'
import io, sys
from rich.console import Console
from rich.live import Live
from rich.progress import Progress, TaskProgressColumn


def record(is_terminal, draw, width=30):
    console = Console(record=True, file=io.StringIO(), force_terminal=is_terminal, width=width, _environ={})
    draw(console)
    console.print("done")
    svg = console.export_svg(clear=False).replace("&#160;", " ")
    return console.export_text(), [part for part in (" 0%", " 33%", " 67%", "100%") if part in svg]


def draw_bar(console):
    with Progress(TaskProgressColumn(), console=console, auto_refresh=False) as progress:
        task = progress.add_task("", total=3)
        for _ in range(3):
            progress.advance(task)
            progress.refresh()


def draw_live(console):
    with Live("first", console=console, auto_refresh=False) as live:
        live.update("second", refresh=True)


seen = [record(is_terminal, draw) for draw in (draw_bar, draw_live) for is_terminal in (True, False)]
for (text, _), name in zip(seen, ("bar", "bar, no terminal", "live", "live, no terminal")):
    print(f"{name}: {text!r}")
wide = record(True, draw_bar, width=5)[1]
print("in the SVG of the bar:", seen[0][1], "; if it's as wide as the console:", wide)
bar, plain, live, no_live = (text for text, _ in seen)
unchanged = plain == "100%\ndone\n" and "first" not in no_live
unchanged &= bar == "  0% 33% 67%100%100%\ndone\n" and live == "firstsecondsecond\ndone\n"
unchanged &= seen[0][1] == [" 0%", " 33%", " 67%", "100%"] and seen[1][1] == ["100%"] and wide == [" 0%"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
