"""The commands `help`, which shows the help of a command, and `completion`, which prints the script for a shell.

With the script, the shell completes commands, methods, parameters and choices.
"""

import click
from click.shell_completion import CompletionItem

from flattr_tui.cli.completion_scripts import SHELLS
from flattr_tui.cli.errors import COMPLETION_VARIABLE, NAME, BadInputError


def complete_command(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for the next word after `help`: the name of a command that begins with `incomplete`.

    After `help` and the name of a group, such as `cache`, only commands of that group are returned.
    """
    try:
        found = find_command(context, context.params.get("names") or ())
    except click.ClickException:
        return []
    if not isinstance(found.command, click.Group):
        return []
    return [item for item in found.command.shell_complete(found, incomplete) if not item.value.startswith("-")]


@click.command(
    "help",
    epilog="""\b
Examples:
  flattr-tui help
  flattr-tui help sync
  flattr-tui help cache prune
""",
)
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=complete_command)
@click.pass_context
def help_command(context: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of COMMAND, as `COMMAND --help` does. Without COMMAND, show the help of the program."""
    found = find_command(context, names)
    click.echo(found.command.get_help(found))


def find_command(context: click.Context, names: tuple[str, ...]) -> click.Context:
    """Return the click context of the command with these names. For `cache prune`, `names` is `("cache", "prune")`.

    Raises `NoSuchCommand` for an unknown command, and `BadInputError` for a name after a command without subcommands.
    """
    found = context.find_root()
    for name in names:
        if not isinstance(found.command, click.Group):
            raise BadInputError(f"`{found.command_path}` has no commands of its own.")
        _, command, _ = found.command.resolve_command(found, [name])
        if command is None:
            raise click.NoSuchCommand(name, ctx=found)
        found = click.Context(command, info_name=name, parent=found)
    return found


@click.command(
    "completion",
    short_help="Print a shell's completion script.",
    epilog="""\b
Examples:
  flattr-tui completion bash >> ~/.bashrc
  flattr-tui completion zsh > "${fpath[1]}/_flattr-tui"
  flattr-tui completion fish > ~/.config/fish/completions/flattr-tui.fish
""",
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, API methods, their parameters and choices."""
    click.echo(SHELLS[shell](context.find_root().command, {}, NAME, COMPLETION_VARIABLE).source(), nl=False)
