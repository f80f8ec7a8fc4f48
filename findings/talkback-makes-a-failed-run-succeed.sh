#!/usr/bin/env bash
# While talkback records or replays, a script that throws ends with status 0 and without a message.
#
# Guess: A proxy that a test starts in its own process has no say in how the process ends: an error that nobody catches
# is printed and the status is 1, and `process.exit(1)` is 1.
# What happens: talkback listens to the process's `exit` as it does to SIGINT, and ends the process with
# `process.exit(0)` there. As that comes before Node prints an uncaught error, nothing is printed either. So `npm test`,
# and CI, take a run for a success that broke off halfway. Only after `close()` it's as guessed; a test that fails
# seldom gets there, unless it closes in `finally`.
# Versions: talkback 4.2.0 on Node 20.
# Source: run of this script; talkback's server.js: the handler for SIGINT and SIGTERM is set for `exit`, too; Node's
# documentation of `exit`: listeners must only perform synchronous operations, and process.exit sets the status.
# In this program: the sandbox is a process or a thread of its own, and tests are pytest's (sandbox/server.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund talkback@4.2.0 >/dev/null
cat >fail.mjs <<'SCRIPT'
import talkback from 'talkback';

const tapes = talkback({host: 'http://127.0.0.1:9', port: 0, path: './tapes', silent: true, summary: false});
const [way, close] = process.argv.slice(2);
if (way !== 'alone') await tapes.start();
if (close) tapes.close();
if (way === 'exit') process.exit(1);
throw new Error('The test has failed.');
SCRIPT
"${PYTHON:-python3}" - <<'PYTHON'
import subprocess, sys

seen = {}
for words in ("alone", "throw", "exit", "throw close", "exit close"):
    done = subprocess.run(["node", "fail.mjs", *words.split()], capture_output=True, text=True)
    seen[words] = [done.returncode, "The test has failed." in done.stderr]
    print(f"{words}: status {done.returncode}, {'a message' if seen[words][1] else 'no message'}")
unchanged = seen["throw"] == seen["exit"] == [0, False] and seen["exit close"] == [1, False]
unchanged &= seen["alone"] == seen["throw close"] == [1, True]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
