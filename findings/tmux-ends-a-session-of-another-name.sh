#!/usr/bin/env bash
# `tmux kill-session -t api` ends the session `api-backup` if there is no `api`, and so does `screen -S api -X quit`.
#
# Guess: A session is known by its name. If there is none of that name, there is an error.
# What happens: A name is also found by its beginning, and in tmux by a pattern, if no other session fits it. So the
# second run of a script that cleans up ends what belongs to somebody else. `-t =api` is exact in tmux. A name with
# a full stop or a colon is changed without a word: `tmux new -s api.flattr.com` makes `api_flattr_com`, and
# `tmux has-session -t api.flattr.com` finds none.
# Versions: tmux 3.3a and GNU screen 4.09, the ones on PATH.
# Source: run of this script; tmux(1), COMMANDS: after the exact name, the start of a name and a pattern are looked
# for.
# In this program: its tests use a tmux server of their own (tests/pty).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import os, subprocess, sys, time

os.mkdir("screens", 0o700)
environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY")}
environment |= {"SCREENDIR": os.path.abspath("screens"), "TERM": "xterm"}


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, env=environment)


def tmux(*words):
    return run("tmux", "-S", os.path.abspath("socket"), "-f", os.devnull, *words)


def sessions():
    return tmux("list-sessions", "-F", "#{session_name}").stdout.split()


for name in ("api-backup", "other", "api.flattr.com"):
    tmux("new-session", "-d", "-s", name, "cat")
before = sessions()
found = tmux("has-session", "-t", "api.flattr.com").returncode == 0
exact = tmux("kill-session", "-t", "=api-b").returncode
kept = sessions()
tmux("kill-session", "-t", "api-b")
after = sessions()
tmux("kill-server")
run("screen", "-dmS", "api-backup", "cat")
time.sleep(1)
screens = [run("screen", "-ls").stdout.count("api-backup")]
run("screen", "-S", "api", "-X", "quit")
time.sleep(1)
screens.append(run("screen", "-ls").stdout.count("api-backup"))
print("tmux:", before, "; has api.flattr.com:", found, "; after kill-session -t =api-b:", kept, "; -t api-b:", after)
print("screen: sessions called api-backup, before and after -S api -X quit:", screens)
unchanged = before == kept == ["api-backup", "api_flattr_com", "other"] and after == ["api_flattr_com", "other"]
unchanged &= not found and exact == 1 and screens == [1, 0]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
