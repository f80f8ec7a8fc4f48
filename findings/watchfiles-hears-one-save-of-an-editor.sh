#!/usr/bin/env bash
# watchfiles hears of the first save of `settings.toml` by an editor, and of no later one.
#
# Guess: `watch("settings.toml")` yields each change of that file, however it is written. Its documentation says that
# paths can be files.
# What happens: Many editors and programs write a new file and put it in the place of the old one. watchfiles reports
# that once, as modified and deleted, and goes on watching the file that is gone: later saves, and appended lines, are
# never reported, without an error. watchdog reports each save, but as `moved`: a handler with `on_modified` alone hears
# none of them. Watching the folder works with both.
# Versions: watchfiles 1.3.0, watchdog 7.1.0 on Linux.
# Source: run of this script; watchfiles/main.py: 'The paths watched can be directories or files'.
# In this program: settings are read at the start and after `flattr-tui settings`, and no file is watched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check watchfiles==1.3.0 watchdog==7.1.0
venv/bin/python - <<'PYTHON'
import os, sys, threading, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer
from watchfiles import watch

heard = {"file": 0, "folder": 0}
kinds = []
stop = threading.Event()


def listen(name, path):
    for changes in watch(path, stop_event=stop, debounce=50, step=10, rust_timeout=100):
        heard[name] += any(changed.endswith("settings.toml") for _, changed in changes)


class Handler(FileSystemEventHandler):
    def on_any_event(self, event):
        kinds.append(event.event_type)


def save(number):
    with open("x/new", "w") as file:
        file.write(f"number = {number}\n")
    os.replace("x/new", "x/settings.toml")
    time.sleep(1)


os.mkdir("x")
open("x/settings.toml", "w").close()
threads = [threading.Thread(target=listen, args=pair) for pair in (("file", "x/settings.toml"), ("folder", "x"))]
for thread in threads:
    thread.start()
observer = Observer()
observer.schedule(Handler(), "x/settings.toml")
observer.start()
time.sleep(1)
for number in range(3):
    save(number)
by_watchdog = list(kinds)
observer.stop()
after_saves = dict(heard)
with open("x/settings.toml", "a") as file:
    file.write("more = 1\n")
time.sleep(1)
stop.set()
for thread in threads:
    thread.join()
print(f"three saves: watchfiles of the file hears {after_saves['file']}, of the folder {after_saves['folder']}")
print(f"and an appended line: {heard['file'] - after_saves['file']}, {heard['folder'] - after_saves['folder']}")
print("watchdog of the file:", by_watchdog)
unchanged = (after_saves, heard) == ({"file": 1, "folder": 3}, {"file": 1, "folder": 4})
unchanged &= by_watchdog == ["moved"] * 3

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
