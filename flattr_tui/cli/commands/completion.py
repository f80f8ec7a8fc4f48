"""The command `completion`: prints the script that makes a shell complete commands, methods, parameters and choices."""

import click

from flattr_tui.cli.completion_scripts import SHELLS
from flattr_tui.cli.errors import COMPLETION_VARIABLE, NAME


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
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, API methods, their parameters and choices."""
    click.echo(SHELLS[shell](context.find_root().command, {}, NAME, COMPLETION_VARIABLE).source(), nl=False)
