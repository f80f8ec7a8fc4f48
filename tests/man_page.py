"""Write the manual page flattr-tui(1) from the help of the commands: `python -m tests.man_page`.

The page is kept in the repository because the libraries that the commands import are missing when a package is built.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from flattr_tui import __version__
from flattr_tui.cli.root_command import COMMANDS, cli
from flattr_tui.cli.setting_options import SETTINGS

FILE = Path(__file__).parent.parent / "flattr_tui" / "cli" / "flattr-tui.1"
NAME = "flattr-tui"
EXITS = (
    ("0", "It worked."),
    ("1", "The API or the store refused, or the program failed."),
    ("2", "The command line or the settings are invalid."),
    ("3", "There is no connection, or the program is offline and nothing is saved."),
    ("4", "Not logged in, or not allowed."),
    ("5", "The rate limit is reached."),
    ("130", "Interrupted by ctrl+c."),
)
ENVIRONMENT = (
    ("FLATTR_TUI_OPTION", "Sets an option of the program, for example FLATTR_TUI_SOURCE."),
    ("FLATTR_TUI_COMMAND_OPTION", "Sets an option of a command, for example FLATTR_TUI_SYNC_FOLLOW_OWNERS."),
    ("NO_COLOR", "If not empty, the screen is drawn without colours."),
    ("TERM", "The terminal; the Linux console (linux) gets the glyphs and colours that it has."),
)
FILES = (
    ("~/.config/flattr-tui/settings.toml", "The settings."),
    ("~/.local/share/flattr-tui/", "All that is saved: responses, the catalogue, bookmarks, the sandbox."),
)


def render_page() -> str:
    """Return the text of the page, in the man(7) format."""
    return "\n".join(line for line in _lines() if line) + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(cli, info_name=NAME)
    yield f'.TH FLATTR-TUI 1 "" "{NAME} {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"{_escape(NAME)} \\- browse Flattr by keyboard, with or without a network"
    yield ".SH SYNOPSIS"
    yield f".B {_escape(NAME)}"
    yield _escape("[OPTIONS] [COMMAND [ARGUMENTS]]")
    yield ".SH DESCRIPTION"
    yield from _text(cli.help or "")
    yield ".SH OPTIONS"
    yield from _options(cli, context, inherited=True)
    yield ".SH COMMANDS"
    yield _escape("Options of the program that a command takes as well are not listed again.")
    for row in COMMANDS:
        yield from _command(row.load(), row.name, context)
    yield ".SH EXIT STATUS"
    yield from _pairs(EXITS)
    yield ".SH ENVIRONMENT"
    yield from _pairs(ENVIRONMENT)
    yield ".SH FILES"
    yield from _pairs(FILES)
    yield ".SH EXAMPLES"
    yield from _text(cli.epilog or "", heading=False)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece)
    yield f'.SS "{_escape(f"{context.command_path} {usage}")}"'
    yield from _text(command.help or "")
    yield from _options(command, context, inherited=False)
    yield from _text(command.epilog or "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _command(command.commands[inner], inner, context)


def _options(command: click.Command, context: click.Context, *, inherited: bool) -> Iterator[str]:
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and (inherited or parameter.name not in SETTINGS):
            yield from _pairs([(record[0], getattr(parameter, "help", None) or "")])


def _pairs(rows: "list[tuple[str, str]] | tuple[tuple[str, str], ...]") -> Iterator[str]:
    for term, description in rows:
        yield ".TP"
        yield f".B {_escape(term)}"
        yield _escape(description)


def _text(text: str, *, heading: bool = True) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = [line for line in paragraph.splitlines() if heading or line != "Examples:"]
        yield ".PP"
        if "\b" in paragraph:
            yield ".nf"
            yield from (_escape(line) for line in lines if line.strip("\b"))
            yield ".fi"
        else:
            yield _escape(" ".join(line.strip() for line in lines))


def _escape(text: str) -> str:
    escaped = text.replace("\b", "").replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(render_page(), encoding="utf-8")
