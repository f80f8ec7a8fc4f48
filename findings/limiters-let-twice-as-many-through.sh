#!/usr/bin/env bash
# Three limiters that are told 10 in a second let 16 to 20 through, so a server refuses what they allowed.
#
# Guess: 10 in a second means at most 10 in any second, as a server with a sliding window counts. aiolimiter's README
# says that a section is entered *at most* so many times in a period.
# What happens: aiolimiter's bucket is empty at first and also leaks: 10 go at once, and 9 more within the second.
# Bottleneck's reservoir is filled anew by the clock, whenever it was used: 10 at the end of one second, 10 at the start
# of the next. The sliding-window counter of limits, by which servers count, takes the last window's requests for evenly
# spread. limits' MovingWindow counts right.
# Versions: aiolimiter 1.3.0, limits 5.8.0; bottleneck 2.19.5 on Node 20. p-throttle does the same, and has `strict` for
# it.
# Source: run of this script; https://github.com/mjpieters/aiolimiter/issues/240; aiolimiter's documentation,
# 'Bursting'.
# In this program: library/fetch/queue_and_limits.py goes by what the server says is left, and waits until its hour ends.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiolimiter==1.3.0 limits==5.8.0
npm install --silent --no-audit --no-fund bottleneck@2.19.5 >/dev/null
venv/bin/python - <<'PYTHON'
import asyncio, json, subprocess, sys, time
from unittest import mock
from aiolimiter import AsyncLimiter
from limits import parse, storage, strategies

SCRIPT = r"""
const Bottleneck = require('bottleneck');
const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
(async () => {
  const limiter = new Bottleneck({reservoir: 10, reservoirRefreshAmount: 10, reservoirRefreshInterval: 1000});
  await wait(800);
  const times = [];
  await Promise.all(Array.from({length: 20}, () => limiter.schedule(async () => times.push(performance.now()))));
  console.log(JSON.stringify(times));
  process.exit();
})();
"""


def most(times, period):
    return max(sum(first <= other < first + period for other in times) for first in times)


async def by_aiolimiter():
    limiter, times = AsyncLimiter(10, 1), []
    for _ in range(25):
        async with limiter:
            times.append(time.monotonic())
    return times


def by_limits(strategy):
    clock, times, rate = 1_000_000.7, [], parse("10/second")
    limiter = strategy(storage.MemoryStorage())
    while clock < 1_000_003:
        with mock.patch("time.time", lambda: clock):
            if limiter.hit(rate, "ada"):
                times.append(clock)
        clock += 0.01
    return times


done = subprocess.run(["node", "-e", SCRIPT], capture_output=True, text=True, check=True)
seen = {
    "aiolimiter": most(asyncio.run(by_aiolimiter()), 1),
    "Bottleneck": most(json.loads(done.stdout), 1000),
    "limits, sliding counter": most(by_limits(strategies.SlidingWindowCounterRateLimiter), 1),
    "limits, moving window": most(by_limits(strategies.MovingWindowRateLimiter), 1),
}
for name, number in seen.items():
    print(f"{name}: up to {number} within a second, told 10")
unchanged = min(list(seen.values())[:3]) > 14 and seen["limits, moving window"] <= 10

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
