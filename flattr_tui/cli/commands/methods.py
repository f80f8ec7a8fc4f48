"""The command `methods`: lists the methods of the API, or describes one of them."""

import json
from typing import Any

import click

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import METHODS, Method
from flattr_tui.cli.method_completion import complete_method
from flattr_tui.library.console.method_text import choices_of, describe_method, list_methods, read_method


@click.command(
    "methods",
    short_help="List the API's methods, or show one.",
    epilog="""\b
Examples:
  flattr-tui methods
  flattr-tui methods search
  flattr-tui methods --json | jq -r '.[].name'
""",
)
@click.argument("name", metavar="[METHOD]", required=False, shell_complete=complete_method)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """List the API's methods; with METHOD, show its parameters, formats and what it needs."""
    try:
        methods = METHODS if name is None else (read_method(name),)
    except UsageError as error:
        raise click.UsageError(str(error), context) from error
    if as_json:
        described: object = [to_plain_data(method) for method in methods]
        click.echo(json.dumps(described if name is None else to_plain_data(methods[0]), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(describe_method(methods[0]) if name is not None else list_methods()))


def to_plain_data(method: Method) -> dict[str, Any]:
    """Return the description of an API method as a dictionary of plain JSON values."""
    return {
        "name": method.name,
        "help": method.help,
        "group": method.group.value,
        "verb": method.verb,
        "path": method.path,
        "auth": method.auth.value,
        "answer": method.response_kind.value,
        "formats": [fmt.value for fmt in method.formats],
        "list": method.is_list,
        "writes": method.writes,
        "parameters": [
            {
                "name": parameter.name,
                "kind": parameter.kind.value,
                "help": parameter.help,
                "required": parameter.required,
                "choices": [choice for choice, _ in choices_of(parameter)],
                "default": parameter.default,
            }
            for parameter in method.parameters
        ],
    }
