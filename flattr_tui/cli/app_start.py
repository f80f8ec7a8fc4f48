"""Starts the program on a full screen: checks the terminal and the settings, opens the library, and runs the app.

While modules are imported, the last screen is not shown as a picture, because Textual could not take over from it. The
picture would need a terminal in raw mode and on the alternate screen: otherwise what the user types is echoed over it,
and enter is read as ctrl+j. But Textual's `start_application_mode` would remember raw mode as the mode to restore at
the end. It would also write `ESC[?1049h` again, at which xterm 379 clears the screen, so that it flickers (tmux 3.3a
does not clear it). To avoid that, this method and the private ones that it calls would have to be replaced.
"""

import difflib
import gc
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

from textual.theme import BUILTIN_THEMES

from flattr_tui.api.request_log import make_logger
from flattr_tui.cli.errors import INTERRUPTED, BadInputError, report_crash
from flattr_tui.cli.library_factory import NoticeQueue, make_runner, open_library, read_source
from flattr_tui.cli.linear_start import UNUSABLE_TERMINALS
from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.library.library import Library
from flattr_tui.library.preferences import Preferences
from flattr_tui.paths import Paths, exists, make_data_folder
from flattr_tui.settings import Settings
from flattr_tui.ui import themes
from flattr_tui.ui.app import FlattrApp
from flattr_tui.ui.locale_characters import find_encoding
from flattr_tui.ui.modes import import_screens
from flattr_tui.ui.terminal_drivers import TerminalRestorer, ending_at_once, for_encoding, for_linux_console

GC_THRESHOLDS = (1_000, 10, 8)
"""Thresholds of Python's garbage collector. A full collection stops the program for 15 to 35 ms of CPU time.

A full collection frees closed pages. Five visits of a user's page cause one, so that 100 visits take 14 MB. If the last
threshold is 50, they take 60 MB, and each collection takes five times as long, because it frees more.
"""
USED_LATER = (
    "flattr_tui.store.response_ingestor",
    "flattr_tui.store.saved_list_sorter",
    "flattr_tui.store.thing_search",
)
"""Modules that are needed when a key is pressed or a page is fetched. They are imported after the first screen."""
SIZE_VARIABLES = ("COLUMNS", "LINES")
"""Environment variables that Textual would use as the terminal's size, even after the terminal was resized."""
SCREEN_STREAM = 2
"""File descriptor of the standard stream (stderr) to which Textual draws."""
LOG = make_logger(__name__)
LINUX_CONSOLE = "linux"
STREAMS = ("input", "output", "error")
"""Names of the standard streams, by file descriptor."""


def run_program(
    settings: Settings, notices: Sequence[str] = (), *, file: Path | None = None, is_theme_given: bool = True
) -> int:
    """Run the program on a full screen until the user quits, and return the exit code.

    `notices` are sentences to show at the start. `file` is the settings file, to which the user can save choices; with
    None, they can't be saved. `is_theme_given` says whether the theme comes from the command line: an unknown theme is
    then an error. For an unknown theme from the settings file, the default theme is used.

    Raises `BadInputError` for an unknown theme, if there is no terminal, or if the log goes to the terminal;
    `BadSourceError` for an invalid source; and `FolderError` if the library's folder can't be used.
    """
    read_source(settings)
    make_data_folder(Paths.standard().data, Paths.standard().responses)
    if is_theme_given:
        check_theme(settings.theme)
    if settings.log == "-":
        raise BadInputError(
            "The program draws on this terminal, so the log can't go there. Name a file with --log FILE."
        )
    check_terminal()
    set_no_color(settings.no_color)
    waiting = NoticeQueue(at_once=False)
    for notice in notices:
        waiting(notice)
    library = open_library(settings, notices=waiting)
    preferences = Preferences.load(Paths.standard().preferences)
    app = make_app(library, settings, preferences)
    app.on_ready_callback = on_ready
    app.report_crash = report_crash
    if file is not None:
        app.settings.write = partial(_write_setting, file)
        options = ["--config", str(file)] if exists(file) else []  # only the standard file may be missing
        app.settings.edit_command = [sys.executable, "-m", "flattr_tui", *options, "settings"]
    if os.environ.get("TERM") == LINUX_CONSOLE:
        app.driver_class = for_linux_console(app.driver_class)
    if (encoding := find_encoding()) is not None:
        app.driver_class = for_encoding(app.driver_class, encoding)
    if os.environ.get("TEXTUAL_DRIVER"):  # as in a browser: no terminal is to be restored, and variables give its size
        _run(app)
    else:
        for name in SIZE_VARIABLES:
            os.environ.pop(name, None)
        with TerminalRestorer(SCREEN_STREAM) as restorer:
            app.driver_class = restorer.watch(ending_at_once(app.driver_class))
            _run(app)
    save_preferences(preferences)
    LOG.info("the screen ended with %s", app.return_code)
    gc.freeze()  # the last collection, which takes 150 ms, has nothing to do: memory is freed with the process
    return INTERRUPTED if app.return_code is None else app.return_code  # None: cancelled before it could handle signals


def _write_setting(file: Path, name: str, value: str) -> None:
    from flattr_tui.cli.settings_file import write_setting  # noqa: PLC0415 -- seldom needed

    write_setting(file, name, value)


def _run(app: FlattrApp) -> None:
    with make_runner() as runner:
        app.run(loop=runner.get_loop())


def check_terminal() -> None:
    """Raise `BadInputError` unless all standard streams are a terminal on which a screen can be drawn.

    If Textual draws in a browser, nothing is checked.
    """
    if os.environ.get("TEXTUAL_DRIVER"):
        return
    for number, name in enumerate(STREAMS):
        if not os.isatty(number):
            raise BadInputError(
                f"The program needs a terminal, but its standard {name} is not one."
                " For scripts there are commands: see `flattr-tui --help`."
            )
    if (terminal := os.environ.get("TERM", "")) in UNUSABLE_TERMINALS:
        raise BadInputError(
            f"TERM says that this terminal is {terminal!r}, so no screen can be drawn on it. Set TERM to its type,"
            " for example xterm-256color, or leave out --no-linear."
        )


def set_no_color(no_color: bool) -> None:
    """If `no_color` is true, make Textual draw without colours, by setting the environment variable NO_COLOR.

    If it is false, an empty NO_COLOR is removed. By https://no-color.org an empty variable has no effect, but Textual
    would draw without colours.
    """
    if no_color:
        os.environ["NO_COLOR"] = "1"
    elif os.environ.get("NO_COLOR") == "":
        del os.environ["NO_COLOR"]


def check_theme(name: str) -> None:
    """Raise `BadInputError` if there is no theme called `name`. "" stands for the default theme, and is accepted."""
    if fault := find_theme_fault(name):
        raise BadInputError(fault)


def find_theme_fault(name: str) -> str:
    """Return a sentence that says that no theme is called `name`; "" if there is such a theme, or if `name` is ""."""
    names = list(dict.fromkeys([*(theme.name for theme in themes.THEMES), *BUILTIN_THEMES]))
    if not name or name in names:
        return ""
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
    return f"There is no theme {name!r}; {meant}"


def on_ready() -> None:
    """Import the modules that are needed after the first screen, and turn the garbage collector on.

    The objects that exist by now are excluded from collections: they stay alive, and traversing them takes 30 ms.
    """
    import_screens()
    for name in USED_LATER:
        import_module(name)
    gc.freeze()
    gc.collect()  # resets the count: the next full collection comes when a quarter more objects exist than now
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def save_preferences(preferences: Preferences) -> None:
    """Write the preferences to their file. A failure is only logged, because the user has already quit."""
    try:
        preferences.save(Paths.standard().preferences)
    except OSError as error:
        LOG.warning("the preferences could not be saved: %s", error.strerror)


def make_app(library: Library, settings: Settings, preferences: Preferences | None = None) -> FlattrApp:
    """Return an app that shows `library`. `settings` override the saved `preferences` (None: nothing is saved)."""

    def switch(name: str, account: str | None = None, /) -> Library:
        return open_library(settings, name, account, notices=NoticeQueue(at_once=False))

    colours = themes.settle_colour_system()
    standard = themes.FEW_COLOURS if colours == "standard" else themes.NAMES[0]
    wanted = settings.theme or (preferences.theme if preferences else "") or standard
    app = FlattrApp(
        library,
        theme=themes.fit_background(wanted, os.environ.get("COLORFGBG", "")),
        preferences=preferences,
        keymap=settings.keys,
        user=settings.user,
        commands=settings.commands,
        tz=LocalZone(),
        switch=switch,
    )
    if variants := {"256": themes.IN_256_COLOURS, "standard": themes.IN_16_COLOURS}.get(colours or ""):
        for theme in variants:
            app.register_theme(theme)
        shown, app.theme = app.theme, themes.FEW_COLOURS
        app.theme = shown  # with the change Textual decides whether to convert ANSI colours
        app.stylesheet.set_variables(app.get_css_variables())
    return app
