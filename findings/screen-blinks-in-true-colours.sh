#!/usr/bin/env bash
# GNU screen draws a 24-bit colour as blinking, reversed, faint and bold text.
#
# Guess: A terminal that has no 24-bit colours shows the nearest of those it has, or leaves `CSI 38;2;R;G;B m` out.
# What happens: screen 4 reads the numbers one by one: 2 is faint, and R, G and B are whatever they mean alone. Colour
# 5, 7, 1 blinks, is reversed and bold; 200, 100, 4 is underlined on a bright black; a 0 ends all that was set. `38;5;N`
# is understood, and with colons it's no better. Programs write such colours in it because COLORTERM=truecolor is
# inherited from the terminal around it.
# Versions: GNU screen 4.9.0 (the screen on PATH is used).
# Source: run of this script; screen(1), 'Select Graphic Rendition', has no 38; version 5 has the command `truecolor`.
# In this program: in screen, COLORTERM is ignored, so there are 256 or 16 colours by TERM (ui/themes.py); until this
# finding its text blinked.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" - <<'PYTHON'
import fcntl, os, pty, re, select, struct, sys, termios, time

TEXT = r"\033[38;2;5;7;1mA\033[0m \033[38;2;200;100;4mB\033[0m \033[38;5;196mC\033[0m \033[38:2::5:7:1mD\033[0m end"
with open("screenrc", "w") as file:
    file.write("startup_message off\n")
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", SCREENDIR=os.path.join(os.getcwd(), "sessions"))
    os.mkdir("sessions", 0o700)
    os.execvp("screen", ["screen", "-c", "screenrc", "sh", "-c", f"printf '{TEXT}'; sleep 2"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
written, end = b"", time.monotonic() + 10
while time.monotonic() < end:
    try:
        data = os.read(terminal, 65536) if select.select([terminal], [], [], 0.2)[0] else None
    except OSError:
        break
    if data == b"":
        break
    written += data or b""
os.waitpid(pid, 0)
line = re.search(rb"\x1b\[[0-9;]*m(?:(?!\x1b\[H).){0,40}A.*?end", written, re.DOTALL)
seen = {}
for letter in "ABCD":
    before = re.search(rb"((?:\x1b\[[0-9;]*m)*)" + letter.encode() + rb"(?=\x1b)", line[0] if line else b"")
    seen[letter] = re.findall(rb"\x1b\[([0-9;]*)m", before[1]) if before else []
    print(letter, [number.decode() for number in seen[letter]])
unchanged = {b"1", b"2", b"5", b"7"} <= set(seen["A"]) and {b"2", b"4"} <= set(seen["B"])
unchanged &= seen["C"] == [b"38;5;196"] and b"5" in seen["D"] and b"38;2;5;7;1" not in written

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
