"""The command `doctor`: examines everything that the program depends on, and prints a report for a bug report."""

import json

import click

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.settings import Settings


@click.command(
    "doctor",
    epilog="""\b
Examples:
  flattr-tui doctor
  flattr-tui doctor --offline             # without asking the server
  flattr-tui doctor --json | jq .store

\b
Exit code 1: something is broken, and `problems` says what to do.
""",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_context
def doctor_command(context: click.Context, as_json: bool) -> None:
    """Show versions, terminal, folders, store, server, proxies and keyring, and say what is broken.

    The output is safe to paste into a bug report: it holds no tokens and no names of accounts, and your home folder
    is written as ~. Nothing is created or changed.
    """
    from flattr_tui.cli import diagnosis  # noqa: PLC0415 -- imports the store and Textual, which --help does not need

    settings = context.find_object(Settings) or Settings()
    with ProgressLine() as progress_line:
        found = diagnosis.examine(settings, progress_line)
    if as_json:
        click.echo(json.dumps({"problems": found.problems, **found.sections}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(diagnosis.format_report(found)))
    context.exit(1 if found.problems else 0)
