"""The command-line options that are also settings, and the reading of settings from these options and from a file.

The program and its commands share the declarations of the options. The name of such an option is a field of `Settings`,
and therefore a key in the settings file. The option's environment variable has the same name with a prefix
(`FLATTR_TUI_SOURCE`).
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from msgspec.structs import replace

from flattr_tui.cli.errors import NAME
from flattr_tui.paths import Paths, exists
from flattr_tui.settings import (
    BadSettingError,
    Settings,
    SettingsFile,
    environment_name,
    load,
    locate,
    read_file,
)

LEVELS: Final = ("debug", "info", "warning", "error")


class Setting(NamedTuple):
    """A command-line option that is also a setting."""

    name: str
    help: str
    metavar: str = ""
    """The name of the option's value in the help; "" for a switch, which has no value."""
    type: click.ParamType[Any] | None = None
    off: str = ""
    """The option that turns a switch off, such as `--online`; "" if there is none."""
    short: str = ""
    """The short form of the option, such as `-q`; "" if there is none."""

    @property
    def flag(self) -> str:
        """The option as it is typed: `--no-color`."""
        return f"--{self.name.replace('_', '-')}"

    def make_option(self, callback: Callable[[click.Context, click.Parameter, Any], Any] | None = None) -> click.Option:
        """Return the option for click. Its value is None if the option is not given on the command line.

        With a `callback`, the value is passed to the callback instead of the command, and is not read from the
        environment.
        """
        return click.Option(
            [*([self.short] if self.short else []), f"{self.flag}/{self.off}" if self.off else self.flag],
            help=self.help,
            metavar=self.metavar or None,
            type=self.type,
            is_flag=not self.metavar,
            default=None,
            envvar=None if callback else environment_name(self.name),
            show_envvar=callback is None,
            expose_value=callback is None,
            is_eager=callback is not None,
            callback=callback,
        )


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("source", "Where data comes from: sandbox, saved, or an API's address.", "SOURCE"),
        Setting("user", "Whose profile to show first.", "NAME"),
        Setting("account", "Which logged-in account to use.", "NAME"),
        Setting("offline", "Open no connection; show saved data.", off="--online"),
        Setting("scale", "Give the sandbox's user `collector` N flattrs.", "N", click.IntRange(0, 1_000_000)),
        Setting("rate_limit", "Requests per hour that the sandbox allows; 0 for no limit.", "N", click.IntRange(0)),
        Setting("theme", "Theme, such as flattr-light, ansi-dark or nord.", "THEME"),
        Setting("allow_http", "Allow http, without encryption, to a server on another machine."),
        Setting("quiet", "Print only results and errors.", off="--no-quiet", short="-q"),
        Setting(
            "log",
            "Append a log for bug reports to FILE: requests and their results, nothing private.",
            "FILE",
            click.Path(dir_okay=False, allow_dash=True),
        ),
        Setting("log_level", "How much is logged: debug, info, warning or error.", "LEVEL", click.Choice(LEVELS)),
        Setting("no_color", "Use no colours, as with NO_COLOR in the environment.", off="--color"),
        Setting("linear", "Print text that scrolls instead of drawing a screen, as with TERM=dumb.", off="--no-linear"),
    )
}
CONNECTION = ("source", "account", "offline", "allow_http")
"""Names of the options that commands with a source accept."""
EVERYWHERE = ("quiet", "log", "log_level", "no_color")
"""Names of the options that every command accepts, also the commands within a group, such as `cache info`."""


def start_log(context: click.Context, settings: Settings) -> None:
    """Open the log that the settings name, and close it when the program ends. Without a log, do nothing.

    Raises `BadInputError` if the log can't be written.
    """
    if settings.log:
        from flattr_tui.cli.log_file import Log  # noqa: PLC0415 -- seldom needed

        context.find_root().with_resource(Log(settings.log, settings.log_level))


def program_options() -> list[click.Option]:
    """Return the options that `flattr-tui` accepts before a command's name: one for each setting, and `--config`."""
    config = click.Option(
        ["--config"],
        metavar="FILE",
        type=click.Path(path_type=Path),
        envvar=environment_name("config"),
        show_envvar=True,
        help="Read the settings from FILE; - is standard input.",
    )
    return [*(setting.make_option() for setting in SETTINGS.values()), config]


def add_settings(command: click.Command, names: tuple[str, ...]) -> None:
    """Let a command accept the settings called `names` as options after the command's name.

    The values given there override those from before the command, the environment and the settings file.
    """

    def take(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value is not None and not context.resilient_parsing and isinstance(context.obj, Settings):
            context.obj = replace(context.obj, **{str(parameter.name): value})
            if parameter.name in {"log", "log_level"}:
                start_log(context, context.obj)

    taken = {option for parameter in command.params for option in parameter.opts}
    command.params += [SETTINGS[name].make_option(take) for name in names if SETTINGS[name].flag not in taken]
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        add_settings(inner, tuple(name for name in names if name in EVERYWHERE))


def read_settings(
    config: Path | None, given: Mapping[str, Any], commands: Collection[str]
) -> tuple[Settings, dict[str, Any], list[str]]:
    """Return the settings from a file, the file's tables with options of commands, and a list of faults.

    `config` is the file; with None, the standard file is read, if it exists. `given` are settings from the command
    line, which override those of the file. `commands` are the names of all commands: the tables are in a dictionary by
    these names. The faults are sentences, one for each entry of the file that was ignored. Raises `BadSettingError` if
    the file can't be read, or if a value in `given` is invalid.
    """
    file = config or Paths.standard().settings
    try:
        there = config is not None or exists(file)
    except OSError as error:
        raise BadSettingError(f"{file} can't be read ({error.strerror}).") from error
    values, tables, faults = read_file(file, commands) if there else SettingsFile({}, {}, [])
    return load(values, given), tables, faults


def check_tables(tables: dict[str, Any], config: Path | None, context: click.Context) -> list[str]:
    """Remove invalid entries from the tables of the settings file, and return a sentence for each of them.

    `tables` are in a dictionary by the name of the command whose options they contain. `config` is the settings file;
    None stands for the standard file.
    """
    return [fault for name, table in tables.items() for fault in _check_table(name, table, config, context)]


def _check_table(name: str, table: dict[str, Any], config: Path | None, context: click.Context) -> list[str]:
    """Remove invalid entries from the table of the command `name`, and return a sentence for each of them.

    Only options of that command are valid in its table. `config` is the settings file; None stands for the standard
    file. `context` is a context of the program's click commands.
    """
    group = context.find_root().command
    command = group.get_command(context, name) if isinstance(group, click.Group) else None
    known = {parameter.name for parameter in command.params if parameter.expose_value} if command else set()
    known |= set(command.list_commands(context)) if isinstance(command, click.Group) else set()
    unknown = sorted(set(table) - known)
    for option in unknown:
        del table[option]
    file = config or Paths.standard().settings
    return [f"{locate(file, option)}: [{name}] has no {option!r}; see `{NAME} {name} --help`." for option in unknown]
