"""The command `flattr-tui` itself: the table of its commands, and what it runs without a command.

A command's module is imported only when the command is used.
"""

import gc
import importlib
import os
import resource
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from flattr_tui import __version__
from flattr_tui.cli.errors import (
    COMPLETION_VARIABLE,
    INTERRUPTED,
    NAME,
    PIPE_CLOSED,
    BadInputError,
    echo_error,
    explain_error,
    report_crash,
    report_error,
)
from flattr_tui.cli.setting_options import (
    CONNECTION,
    EVERYWHERE,
    SETTINGS,
    add_settings,
    check_tables,
    program_options,
    read_settings,
    start_log,
)
from flattr_tui.cli.standard_streams import DASH, discard_output, explain_output_error, prepare_streams, readable_files
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings

CLICK_MIN_WIDTH, MIN_WIDTH, MARGIN = 50, 30, 2
"""Widths in columns: of the narrowest help that click writes, of the narrowest readable one, and of the margin."""
MIN_OPEN_FILES: Final = 32
"""Minimum number of files that the program must be allowed to have open at a time (`ulimit -n`).

With fewer than 24, SQLite can't open the program's databases, and does not say why.
"""
WANTED_OPEN_FILES: Final = 256
"""Number of open files that the program asks the system to allow. macOS allows 256 by default.

That is enough for two databases, a few connections, and a file for each large page.
"""


class CommandRow(NamedTuple):
    """A row of the table of commands. The command is the variable `NAME_command` in a module of `cli.commands`."""

    name: str
    help: str
    """What the command does, for the list of commands: one line."""
    settings: tuple[str, ...] = CONNECTION
    """Names of the settings that are also accepted as options after the command's name."""
    module: str = ""
    """The name of the command's module; "" if it is the same as the command's name."""

    def load(self) -> click.Command:
        """Import a command, add the options for its settings to it, and return it."""
        module = importlib.import_module(f"flattr_tui.cli.commands.{self.module or self.name}")
        command: click.Command = getattr(module, f"{self.name}_command")
        command.short_help = self.help
        add_settings(command, tuple(dict.fromkeys((*self.settings, *EVERYWHERE))))
        return command


# To add a command: write `flattr_tui/cli/commands/NAME.py` with a click command (or group) called `NAME_command`, whose
# `epilog` has examples, and add its row here. Its help, its completion, the table `[NAME]` in the settings file and the
# variables FLATTR_TUI_NAME_OPTION follow from that. The command gets the `Settings` as `context.obj`, opens what it
# needs with `library_factory`, does not catch the errors of our packages (FlattrError, StoreError and so on), and ends
# with another exit code by `context.exit(code)`.
COMMANDS: tuple[CommandRow, ...] = (
    CommandRow("get", "Call one method of the API, for scripts."),
    CommandRow("methods", "List the API's methods, or show one.", ()),
    CommandRow("login", "Log in at a source.", module="accounts"),
    CommandRow("logout", "Log an account out.", ("source", "allow_http"), "accounts"),
    CommandRow("accounts", "List the logged-in accounts, or choose the one to use.", ("source", "allow_http")),
    CommandRow("serve", "Serve the sandbox on a port, for other clients.", ("scale", "rate_limit")),
    CommandRow("web", "Show the program in a browser on this machine.", tuple(SETTINGS)),
    CommandRow("sync", "Fetch whole lists for offline use."),
    CommandRow("changes", "List what has changed in saved data."),
    CommandRow("earnings", "Sum up the saved revenue reports.", ()),
    CommandRow("export", "Write saved data as CSV, Markdown or JSON."),
    CommandRow("import", "Import saved responses, HAR, WARC, reports and bundles.", (), "import_"),
    CommandRow("bundle", "Pack the whole library into one file.", (), "export"),
    CommandRow("library", "Rename the owner of imported files.", (), "import_"),
    CommandRow("cache", "Manage saved data: size, health, catalogue, removal.", ()),
    CommandRow("doctor", "Check what is broken, for a bug report.", ("source", "offline", "allow_http")),
    CommandRow("settings", "Open the settings file in an editor, and check it.", ()),
    CommandRow("keys", "List the program's keys and their ids.", (), "settings"),
    CommandRow("completion", "Print a shell's completion script.", (), "help"),
    CommandRow("help", "Show the help of a command.", ()),
)
_BY_NAME: Mapping[str, CommandRow] = {row.name: row for row in COMMANDS}

EXAMPLES = """\b
Examples:
  flattr-tui                                  # the sandbox, a Flattr server inside this program
  flattr-tui --user melodia --theme flattr-light
  flattr-tui --offline                        # saved data only
  flattr-tui --linear                         # text that scrolls, for screen readers and scripts
  flattr-tui --source https://flattr.example/rest/v2
  flattr-tui get user-things username=ada count=5
"""


class _ReaderGoneError(Exception):
    """Raised if nobody reads the output any more. It is not an `OSError`, because click would exit with 1 for that."""


class Commands(click.Group):
    """The click group of all commands in the table. It lists and completes commands without importing their modules."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises `_ReaderGoneError` if nobody reads the output any more."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table of commands."""
        return list(_BY_NAME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`, whose module is imported at its first use; None if there is none."""
        loaded = self.commands.get(cmd_name)
        if loaded is None and cmd_name in _BY_NAME:
            loaded = self.commands[cmd_name] = _BY_NAME[cmd_name].load()
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name of the command in `args`, the command itself, and the arguments after the name.

        Raises `NoSuchCommand` for an unknown name. The error suggests commands with similar names.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # click would compare only with imported commands, and there are none
            raise click.NoSuchCommand(error.command_name, possibilities=_BY_NAME, ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands for `--help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.help) for row in COMMANDS])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return completions for the name of a command or of an option that begins with `incomplete`."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 -- only for a shell's completion

        found = [CompletionItem(row.name, help=row.help) for row in COMMANDS if row.name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"{NAME} {__version__}")
        context.exit(0)


def _start(config: Path | None, **given: Any) -> None:
    context = click.get_current_context()
    file = None if config == DASH else config or Paths.standard().settings
    Paths.standard().check_files()
    if config == DASH:
        (config,) = context.with_resource(readable_files([config]))
        context.params["config"] = config
    settings, tables, faults = read_settings(config, given, _BY_NAME)
    faults += check_tables(tables, config, context)
    context.obj, context.default_map = settings, tables
    start_log(context, settings)
    name = context.invoked_subcommand
    if name is None:
        gc.disable()  # until the first screen is drawn: see `cli.app_start`
        try:
            context.exit(_run_program(settings, faults, file, is_theme_given=given["theme"] is not None))
        finally:
            gc.enable()
    gc.enable()
    for fault in faults:
        echo_error(fault)


def _run_program(settings: Settings, faults: Sequence[str], file: Path | None, *, is_theme_given: bool) -> int:
    """Run the program on a full screen or in linear mode, and return the exit code.

    `faults` are sentences about errors in the settings file `file`, to show at the start. `is_theme_given` says whether
    the theme comes from the command line.
    """
    from flattr_tui.cli.linear_start import is_linear, run_linear  # noqa: PLC0415 -- not needed for commands

    if is_linear(settings):
        return run_linear(settings, faults)
    from flattr_tui.cli.embedded_sandbox import seed_ahead  # noqa: PLC0415 -- not needed for commands

    seed_ahead(settings)
    from flattr_tui.cli.app_start import run_program  # noqa: PLC0415 -- imports Textual, which linear mode does not need

    return run_program(settings, faults, file=file, is_theme_given=is_theme_given)


cli = Commands(
    NAME,
    callback=_start,
    invoke_without_command=True,
    params=[
        *program_options(),
        click.Option(["-V", "--version"], is_flag=True, expose_value=False, is_eager=True, callback=_show_version,
                     help="Show the version and exit."),
    ],
    help="Browse Flattr by keyboard, with or without a network. Without COMMAND the program starts.\n\n"
    "Each option can also be set in settings.toml and in the environment.",
    epilog=EXAMPLES,
    subcommand_metavar="[COMMAND]",
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "FLATTR_TUI"},
)  # fmt: skip


def _narrow_width() -> int | None:
    """Return the width for the help on a narrow terminal, in columns; None if click's own choice fits."""
    columns = shutil.get_terminal_size().columns - MARGIN
    return max(columns, MIN_WIDTH) if columns < CLICK_MIN_WIDTH else None


def raise_open_file_limit() -> None:
    """Let this process have more files open: up to `WANTED_OPEN_FILES`, as far as the system permits.

    Raises `BadInputError` if the system permits fewer than `MIN_OPEN_FILES`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= WANTED_OPEN_FILES:
        return
    allowed = WANTED_OPEN_FILES if hard == resource.RLIM_INFINITY else min(WANTED_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < MIN_OPEN_FILES:
        raise BadInputError(
            f"Only {allowed} files may be open at a time, but {MIN_OPEN_FILES} are needed:"
            f" `ulimit -n {WANTED_OPEN_FILES}`."
        )


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `flattr-tui` with `arguments` (None: those of the process), and return the exit code.

    An error is written as one line to stderr.
    """
    prepare_streams()
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # already reported, if possible; Python would report it again at its end, and exit with 120
            discard_output(stream)
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        raise_open_file_limit()
        if COMPLETION_VARIABLE in os.environ:
            from flattr_tui.cli.commands.help import register_shells  # noqa: PLC0415 -- only for a shell's completion

            register_shells()
        code = cli.main(arguments, prog_name=NAME, standalone_mode=False, terminal_width=_narrow_width())
        sys.stdout.flush()
    except click.ClickException as error:
        return report_error(error)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (BrokenPipeError, _ReaderGoneError):
        discard_output(sys.stdout)
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 -- nobody else could report it
        if (sentence := explain_output_error(error)) is not None:
            echo_error(sentence)
            return 1
        sentence, exit_code = explain_error(error) or (report_crash(error), 1)
        echo_error(sentence)
        return exit_code
    return code if isinstance(code, int) else os.EX_OK
