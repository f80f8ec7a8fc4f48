#!/usr/bin/env bash
# tmux draws a program's title `Array #[0]` as `Array `, and behind a title that ends with `#` it shows `[pop-default]`.
#
# Guess: The title that a program sets by OSC 2 is text. tmux expands `#{…}` in its own formats, not in what they stand
# for, so the status line shows a title as it is.
# What happens: Formats in a title aren't expanded, but styles are found after the expansion: `#[…]` vanishes, with any
# word in it, and `#[reverse]x` is an x in reverse. `##` is one `#`. In the default status line the title is within
# quotes of at most 21 letters, so it isn't only at the end of a title that a `#` stands in front of what follows: if
# `status-right` is the title alone, `C#` shows as `C#[pop-default]`. `#{q/h:pane_title}` is the way out;
# `display-message -p '#{pane_title}'` prints the title as it is.
# Versions: tmux 3.3a, the one on PATH.
# Source: run of this script; tmux(1): styles may be embedded in the status line's options by `#[…]`, and `q/h` escapes
# hashes in a format.
# In this program: it sets no title of a terminal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import os, subprocess, sys, time

TITLES = ["Array #[0] is empty", "#[reverse]x", "##x", "C#", "#{pid} #I", "50%d"]
environment = os.environ | {"TMUX": "", "TERM": "xterm"}


def tmux(socket, *words):
    command = ["tmux", "-S", os.path.abspath(socket), "-f", os.devnull, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


def status():
    return tmux("outer", "capture-pane", "-p").rstrip("\n").rpartition("\n")[2].rpartition("|")[2].rstrip()


def wait(condition):
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    sys.exit("The status line did not change.")


def show(title, format):
    tmux("inner", "select-pane", "-T", "")
    tmux("inner", "set", "-g", "status-right", "|-")
    wait(lambda: status() == "-")
    tmux("inner", "respawn-pane", "-k", f"printf '\\033]2;{title.replace('%', '%%')}\\007'; exec cat")
    wait(lambda: tmux("inner", "display-message", "-p", "#{pane_title}").rstrip("\n") == title)
    tmux("inner", "set", "-g", "status-right", f"|{format}")
    wait(lambda: status() != "-")
    return status()


tmux("inner", "new-session", "-d", "-x", "60", "-y", "5", "exec cat")
tmux("inner", "set", "-g", "status-right-length", "50")
tmux("outer", "new-session", "-d", "-x", "60", "-y", "6", f"TMUX= tmux -S {os.path.abspath('inner')} attach")
tmux("outer", "set", "-g", "status", "off")
seen = {title: show(title, "#{pane_title}") for title in TITLES}
escaped = show("C#", "#{q/h:pane_title}")
tmux("outer", "kill-server")
tmux("inner", "kill-server")
for title, line in seen.items():
    print(f"{title}: {line}")
print("with q/h: C#:", escaped)
unchanged = list(seen.values()) == ["Array  is empty", "x", "#x", "C#[pop-default]", "#{pid} #I", "50%d"]

if not unchanged or escaped != "C#":
    sys.exit("This has changed.")
print("As described.")
PYTHON
