"""`flattr-tui completion`: the lines that make a shell complete commands, methods, parameters and choices."""

import click
from click.shell_completion import ShellComplete, get_completion_class

SHELLS = ("bash", "zsh", "fish")


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
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, API methods, their parameters and choices."""
    root = context.find_root()
    name = "flattr-tui"
    maker: type[ShellComplete] | None = get_completion_class(shell)
    assert maker is not None  # noqa: S101 -- click has all three
    click.echo(maker(root.command, {}, name, f"_{name}_COMPLETE".replace("-", "_").upper()).source())
