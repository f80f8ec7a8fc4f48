"""Opens addresses in a browser, copies texts to the clipboard, and runs programs on the terminal."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple

TMUX = "tmux"
TEXT_BROWSERS = frozenset({"www-browser", "w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl"})
"""Browsers that need a terminal of their own."""
CHILD_SECONDS = 0.2
"""Seconds that another program on this terminal gets to end, after a signal has asked this program to end."""
_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_KEYBOARD_SIGNALS = (signal.SIGINT, signal.SIGQUIT)
"""Signals that a terminal sends to all programs in the foreground when ctrl+c or ctrl+backslash is pressed."""
_COPIERS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",), ""),
    ("DISPLAY", ("xclip", "-selection", "clipboard"), ""),
    ("DISPLAY", ("xsel", "--clipboard", "--input"), ""),
    ("", ("pbcopy",), "darwin"),
    ("TMUX", (TMUX, "load-buffer", "-w", "-"), ""),
    ("TMUX", (TMUX, "load-buffer", "-"), ""),  # before tmux 3.2
)
"""The programs that copy a text: triples of a required environment variable, the command, and the platform.

"" requires no variable, and allows all platforms.
"""


def is_remote(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal is on another machine, over SSH. `environment` contains the environment variables."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def has_browser(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a graphical browser can be opened on the user's machine.

    A text browser does not count: it needs this terminal. `environment` contains the environment variables.
    """
    if is_remote(environment):
        return False
    shown = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or environment.get("BROWSER")
    found = _find_foreground_browser()
    return sys.platform == "darwin" or bool(shown and (found is None or not is_text_browser(found)))


def is_text_browser(browser: webbrowser.GenericBrowser) -> bool:
    """Whether a browser shows pages on the terminal that it is started from."""
    return Path(browser.name).name in TEXT_BROWSERS


def _find_foreground_browser() -> webbrowser.GenericBrowser | None:
    """Return the default browser if Python runs it on this terminal and waits for its end; otherwise None."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return None
    return browser if type(browser) is webbrowser.GenericBrowser else None


def open_browser(address: str) -> bool:
    """Open an address in a browser, and return whether a browser accepted it. This blocks: call it in a thread.

    A browser started here can't read keys from this terminal. Run text browsers with `run_on_terminal` instead.
    """
    try:
        browser = _find_foreground_browser()
        if browser is None or is_text_browser(browser):
            return webbrowser.open(address)
        subprocess.Popen(  # noqa: S603 -- what the user has set as BROWSER
            [browser.name, *(part.replace("%s", address) for part in browser.args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (webbrowser.Error, OSError):
        return False
    return True


def find_text_browser(address: str) -> list[str] | None:
    """Return a command to show an address in the text browser that the variable BROWSER names; None without one."""
    if not os.environ.get("BROWSER"):
        return None
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return None
    name = getattr(browser, "name", "")
    if Path(name).name not in TEXT_BROWSERS or not shutil.which(name):
        return None
    # `webbrowser` gives browsers of other classes commands, such as `-remote` of Elinks. Here they get the address.
    arguments = browser.args if type(browser) is webbrowser.GenericBrowser else ["%s"]
    return [name, *(part.replace("%s", address) for part in arguments)]


class _EndedError(Exception):
    """Raised when a signal asks this program to end."""

    def __init__(self, number: int) -> None:
        self.number = number


class ProgramEnd(NamedTuple):
    """How another program on this terminal ended."""

    status: int = 0
    """The exit status of the program; negative if a signal ended it."""
    signal: int = 0
    """Number of the signal that asked this program to end, which then ended the other program; 0 for none."""


def find_program(variables: Sequence[str], fallbacks: Sequence[str]) -> list[str]:
    """Return a command as a list: the name of a program, then its arguments. Returns [] if there is no program.

    The command is the value of the first environment variable in `variables` that is set, split into words as a shell
    splits them. If none is set, the command is the first program in `fallbacks` that is installed.
    """
    for variable in variables:
        try:
            command = shlex.split(os.environ.get(variable, ""))
        except ValueError:  # a quotation mark that is not closed
            continue
        if command:
            return command
    return next(([name] for name in fallbacks if shutil.which(name)), [])


def find_editor() -> list[str]:
    """Return the command of the user's editor; [] if there is none."""
    return find_program(("VISUAL", "EDITOR"), ("sensible-editor", "vim", "nano", "vi"))


def run_on_terminal(command: Sequence[str], source: IO[bytes] | None = None) -> ProgramEnd:
    """Run a program on this terminal until it ends. Call this in the main thread, while nothing else uses the terminal.

    `source` is the program's standard input; None is the terminal. Raises `OSError` if the program can't be run.
    """
    process = None
    try:
        with _signals_for_child():
            process = subprocess.Popen(command, stdin=source)  # noqa: S603 -- what the user has set
            process.wait()
    except _EndedError as ended:
        if process is not None:
            process.terminate()
            try:
                process.wait(CHILD_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return ProgramEnd(signal=ended.number)
    return ProgramEnd(process.returncode)


def wait_for_key(text: str) -> int:
    """Write `text` to this terminal, wait for any key, and return 0.

    If a signal asks this program to end before a key is pressed, the number of the signal is returned. Raises `OSError`
    if the terminal can't be used.
    """
    with Path("/dev/tty").open("r+b", buffering=0) as terminal:
        before, without_lines = termios.tcgetattr(terminal), termios.tcgetattr(terminal)
        without_lines[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)  # ctrl+c is a key here, too
        try:
            with _signals_for_child():
                termios.tcsetattr(terminal, termios.TCSAFLUSH, without_lines)
                terminal.write(text.encode())
                terminal.read(1)
        except _EndedError as ended:
            return ended.number
        finally:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)  # discards the key's other bytes
    return 0


@contextmanager
def _signals_for_child() -> Iterator[None]:
    """A context in which ctrl+c and ctrl+backslash do not end this program. They can still end a child process.

    Any other signal that asks this program to end raises `_EndedError`. The signals of the two keys get a handler that
    does nothing. They are not set to `SIG_IGN`: a child process would inherit that, and would ignore the keys as well.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise _EndedError(number)

    def ignore(number: int, frame: FrameType | None) -> None:
        """Do nothing when a signal arrives. The child process also gets the signal, and handles it."""

    wakeup = signal.set_wakeup_fd(-1)  # otherwise the event loop would handle them afterwards
    handlers = {number: signal.signal(number, end) for number in _ENDING_SIGNALS}
    handlers |= {number: signal.signal(number, ignore) for number in _KEYBOARD_SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)


def copy(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text with a program of this machine, or to tmux's buffer. This blocks: call it in a thread.

    Returns the name of the program that accepted the text; "" if none did. Over SSH only tmux is tried: a clipboard
    program would fill the clipboard of the remote machine, but tmux can pass the text on to the user's terminal.
    Environment variables, here `environment`, show which programs can work.
    """
    for variable, command, platform in _COPIERS:
        is_tmux = command[0] == TMUX
        if (variable and not environment.get(variable)) or (platform and sys.platform != platform):
            continue
        if is_remote(environment) and not is_tmux:
            continue
        found = shutil.which(command[0])
        if not found:
            continue
        try:
            subprocess.run(  # noqa: S603 -- a command of the table above, the text on its stdin
                (found, *command[1:]),
                input=text.encode(),
                timeout=2,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return command[0]
    return ""


def copy_advice(environment: Mapping[str, str] = os.environ) -> str:
    """Return a sentence about whether this terminal lets programs set the clipboard (OSC 52)."""
    if environment.get("TMUX"):
        return "tmux passes it on only with `set -g set-clipboard on`."
    if environment.get("STY"):
        return "GNU screen does not pass it on to the clipboard."
    if environment.get("VTE_VERSION"):
        return "GNOME's terminals ignore it."
    return "Some terminals ignore it by default, xterm for example."
