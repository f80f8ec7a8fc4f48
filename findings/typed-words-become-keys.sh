#!/usr/bin/env bash
# `tmux send-keys end` presses a key, and `screen -X stuff` types the value of `$HOME`.
#
# Guess: Who drives a program in tmux or GNU screen types a word by giving it. tmux has names for keys, such as `Up` and
# `End`, and a word in small letters is a word; screen's `stuff` types the text as it is.
# What happens: tmux knows its names in any case, and more of them than one thinks: up, end, home, space, enter, escape
# and dc are keys, and `0x41` is A. `any` and `hello` are typed. So a loop that types the words of a search types all
# but some. `-l` is the way out. screen makes a control character of `^b`, an A of `\101`, and a path of `$HOME`, inside
# quotes that kept the shell from it; a backslash in front is the way out.
# Versions: tmux 3.3a and GNU screen 4.09.00, those on PATH.
# Source: run of this script; tmux(1), send-keys, where the names are written `Up` and `End`; screen(1), 'stuff', which
# names no variables: they are a matter of 'CUSTOMIZATION', of the file .screenrc.
# In this program: its tests write bytes to a terminal of their own (tests/pty/terminal.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import os, subprocess, sys, time

WORDS = ["up", "end", "home", "space", "enter", "escape", "dc", "0x41", "any", "hello"]
TEXTS = ["$HOME", "^b", r"\101", "100%", "#1"]
environment = os.environ | {"HOME": "/home/ada", "SCREENDIR": os.path.abspath("sessions"), "TMUX": ""}
os.mkdir("sessions", 0o700)
READER = "stty raw -echo; exec cat >{}"


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, env=environment)


def tmux(*words):
    return run("tmux", "-S", os.path.abspath("socket"), "-f", os.devnull, *words)


def screen(*words):
    return run("screen", "-c", os.devnull, *words)


def wait(name, end):
    for _ in range(100):
        with open(name) as file:
            if (text := file.read()).endswith(end):
                return text
        time.sleep(0.1)
    return text


def begin(name):
    for _ in range(100):
        if os.path.exists(name):
            break
        time.sleep(0.1)
    time.sleep(0.3)


tmux("new-session", "-d", f"sh -c '{READER.format('tmux.txt')}'")
begin("tmux.txt")
for word in WORDS:
    tmux("send-keys", word)
    tmux("send-keys", "-l", "|")
tmux("send-keys", "-l", "up!")
by_tmux = wait("tmux.txt", "!")
tmux("kill-server")
name = f"finding{os.getpid()}"
screen("-dmS", name, "sh", "-c", READER.format("screen.txt"))
begin("screen.txt")
for text in TEXTS:
    screen("-S", name, "-X", "stuff", f"{text}|")
    time.sleep(0.1)
screen("-S", name, "-X", "stuff", r"\$HOME!")
by_screen = wait("screen.txt", "!")
screen("-S", name, "-X", "quit")
typed = dict(zip([*WORDS, "-l up"], by_tmux.removesuffix("!").split("|")))
stuffed = dict(zip([*TEXTS, r"\$HOME"], by_screen.removesuffix("!").split("|")))
print("tmux:", typed)
print("screen:", stuffed)
same = [word for word, text in typed.items() if text == word]
unchanged = same == ["any", "hello"] and typed["-l up"] == "up" and typed["0x41"] == "A" and typed["space"] == " "
unchanged &= typed["up"].startswith("\x1b") and typed["end"].startswith("\x1b")
changed = {text: got for text, got in stuffed.items() if text != got}
unchanged &= changed == {"$HOME": "/home/ada", "^b": "\x02", r"\101": "A", r"\$HOME": "$HOME"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
