#!/usr/bin/env bash
# What a program copies by OSC 52 does not become a buffer of tmux.
#
# Guess: with `set-clipboard` at its default, which is not off, tmux takes a program's OSC 52 like xterm and kitty
# do: prefix `]` then pastes it.
# What happens: the default `external` means that tmux itself may set the terminal's clipboard, and that programs in
# it may not: their OSC 52 is dropped without a word. With `on` it becomes a buffer, and is handed on.
# Versions: tmux 3.3a (the tmux on PATH is used).
# Source: run of this script; tmux(1) says it in the paragraph of set-clipboard.
# In this program: `y` says what it copied; the README names the line for tmux.conf.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import base64, os, subprocess, sys, time

text = base64.b64encode(b"https://flattr.com/profile/ada").decode()


def copied(setting):
    def tmux(*words):
        server = f"finding{os.getpid()}{setting}"
        return subprocess.run(["tmux", "-L", server, "-f", os.devnull, *words], capture_output=True, text=True)

    tmux("new-session", "-d", "-x", "80", "-y", "24", "sleep 60")
    if setting:
        tmux("set-option", "-g", "set-clipboard", setting)
    said = tmux("show-options", "-gv", "set-clipboard").stdout.strip()
    tmux("new-window", f"printf '\\033]52;c;{text}\\a'; touch done; sleep 60")
    for _ in range(100):
        if os.path.exists("done"):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    buffers = tmux("list-buffers").stdout
    tmux("kill-server")
    os.path.exists("done") and os.remove("done")
    return said, "flattr.com" in buffers


print(subprocess.run(["tmux", "-V"], capture_output=True, text=True).stdout.strip())
seen = [copied(""), copied("on")]
print("set-clipboard, and whether a buffer was made:", seen)
unchanged = seen == [("external", False), ("on", True)]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
