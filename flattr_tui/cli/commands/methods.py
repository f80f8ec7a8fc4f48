"""The command `methods`, which lists or describes methods of the API, and the shell completion of methods.

The commands `get` and `export` complete API methods, their parameters and values in the same way.
"""

import json
from typing import Any

import click
from click.shell_completion import CompletionItem

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import BY_NAME, METHODS, Format, Method, Parameter, ParameterKind
from flattr_tui.library.api_descriptions import choices_of, describe_method, list_methods, read_method

_SEVERAL = frozenset({ParameterKind.CATEGORIES, ParameterKind.LANGUAGES})


def complete_method(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for the name of an API method that begins with `incomplete`."""
    return [CompletionItem(m.name, help=m.help) for m in METHODS if m.name.startswith(incomplete)]


def complete_parameter(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for a `PARAMETER=VALUE` of the API method that was typed before it.

    If no `=` is typed yet, these are the names of parameters that are not given yet; after the `=`, they are values of
    the parameter. If no valid method was typed, there are none.
    """
    method = BY_NAME.get(context.params.get("name") or "")
    if method is None:
        return []
    name, equals, value = incomplete.partition("=")
    if equals:
        declared = method.parameter(name)
        return _values(declared, value) if declared is not None else []
    given = {text.partition("=")[0] for text in context.params.get("parameters") or ()}
    return [_parameter(p) for p in method.parameters if p.name.startswith(incomplete) and p.name not in given]


def _parameter(parameter: Parameter) -> CompletionItem:
    written = parameter.name if parameter.kind is ParameterKind.FLAG else f"{parameter.name}="
    return CompletionItem(written, help=parameter.help)


def _values(parameter: Parameter, value: str) -> list[CompletionItem]:
    before, comma, last = value.rpartition(",") if parameter.kind in _SEVERAL else ("", "", value)
    taken = set(before.split(","))
    return [
        CompletionItem(f"{parameter.name}={before}{comma}{choice}", help=text)
        for choice, text in choices_of(parameter)
        if choice.startswith(last) and choice not in taken
    ]


def complete_format(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for the name of a response format that begins with `incomplete`.

    They are formats of the API method that was typed before. If no valid method was typed, all formats are considered.
    """
    method: Method | None = BY_NAME.get(context.params.get("name") or "")
    formats = method.formats if method is not None else tuple(Format)
    return [CompletionItem(fmt.value) for fmt in formats if fmt.value.startswith(incomplete)]


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
def methods_command(context: click.Context, name: str | None, as_json: bool) -> None:
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
    """Return an API method as a dictionary for JSON: its name, path, parameters, and so on."""
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
