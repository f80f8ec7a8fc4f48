#!/usr/bin/env bash
# In Textual, `set_interval(…, repeat=5)` calls six times, or twice if the program was busy.
#
# Guess: `repeat`, the 'number of times to repeat the call', gives five calls, or six at least always. `timer.reset()`
# begins anew at once: a timer of a second that is reset after 0.3 seconds fires after 1.3, as one debounces a search.
# What happens: the first call is not counted. What is counted then are the intervals that have passed, not the calls:
# those that fall into a busy moment are skipped and gone. `reset` is noticed only when the timer would have fired, so
# the second begins then, and it fires after 2. It also wakes a timer that was paused.
# Versions: textual 8.2.8.
# Source: run of this script; textual/timer.py, `_run`; set_interval's documentation of `repeat`.
# In this program: no timer has `repeat` or is reset; to wait again, a new one is started.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys, time
from textual.app import App


async def main():
    app = App()
    calls = []
    async with app.run_test():
        app.set_interval(0.3, lambda: calls.append("idle"), repeat=5)
        await asyncio.sleep(3)
        app.set_interval(0.3, lambda: calls.append("busy"), repeat=5)
        await asyncio.sleep(0.4)
        time.sleep(1.2)
        await asyncio.sleep(2)
        start = time.monotonic()
        fired = []
        timer = app.set_timer(1, lambda: fired.append(time.monotonic() - start))
        await asyncio.sleep(0.3)
        timer.reset()
        await asyncio.sleep(3)
        paused = app.set_interval(0.2, lambda: calls.append("paused"), pause=True)
        paused.reset()
        await asyncio.sleep(1)
    return calls, fired[0]


calls, fired = asyncio.run(main())
for name in ("idle", "busy"):
    print(f"{name}, five times: {calls.count(name)} calls")
print(f"one second, reset after 0.3: fired after {fired:.1f}")
print("paused and reset:", "fires" if "paused" in calls else "silent")
unchanged = calls.count("idle") == 6 and calls.count("busy") < 5 and fired > 1.9 and "paused" in calls

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
