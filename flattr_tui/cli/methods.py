"""`flattr-tui methods`: lists the methods of the API, or describes one."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import click

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import METHODS, Auth, Group, Kind, Method, Parameter
from flattr_tui.cli.get import read_method
from flattr_tui.cli.shell_completion import choices_of, complete_method

DOCUMENTATION: Final = "https://github.com/flattr/developers.flattr.net/blob/master/content/api/"
"""Where the service's own documentation is."""

_TAGS: Final = "as in: audio & library ! beta"
_NEEDS: Final[Mapping[Auth, str]] = {
    Auth.NONE: "nothing",
    Auth.TOKEN: "a login",
    Auth.FLATTR: "a login that may flattr",
    Auth.THING: "a login that may change things",
}


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
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON, for programs.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """List the API's methods; with METHOD, show its parameters, formats and what it needs."""
    try:
        methods = METHODS if name is None else (read_method(name),)
    except UsageError as error:
        raise click.UsageError(str(error), context) from error
    if as_json:
        told: object = [to_plain_data(method) for method in methods]
        click.echo(json.dumps(told if name is None else to_plain_data(methods[0]), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(describe_method(methods[0]) if name is not None else list_methods()))


def to_plain_data(method: Method) -> dict[str, Any]:
    """Return a method as plain values."""
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


def list_methods() -> Iterable[str]:
    """Return lines with all methods by group."""
    width = max(len(method.name) for method in METHODS)
    request = max(len(method.path) for method in METHODS)
    for group in Group:
        yield f"{group.value}"
        for method in METHODS:
            if method.group is group:
                line = f"  {method.name:<{width}}  {method.verb:<6} {method.path:<{request}}  {method.help}"
                yield f"{line} (a login)" if method.private else line


def describe_method(method: Method) -> Iterable[str]:
    """Return lines that describe a method."""
    yield f"{method.name} - {method.help}"
    yield ""
    yield f"  {method.verb} {method.path}"
    yield f"  needs    {_NEEDS[method.auth]}"
    yield f"  formats  {', '.join(fmt.value for fmt in method.formats)}"
    if method.writes:
        kept = "; what is left out stays as it is" if method.verb == "PATCH" else ""
        yield f"  changes something: --yes sends it{kept}"
    if not method.limited:
        yield "  does not count against the rate limit"
    yield f"  documented in {DOCUMENTATION}{method.page}"
    if method.parameters:
        yield ""
        width = max(len(parameter.name) for parameter in method.parameters)
        for parameter in method.parameters:
            yield f"  {parameter.name:<{width}}  {_describe_parameter(parameter)}"
    yield ""
    yield f"  flattr-tui get {' '.join([method.name, *(_example(p) for p in method.parameters if p.required)])}"


def _describe_parameter(parameter: Parameter) -> str:
    parts = [parameter.help]
    if parameter.required:
        parts.append("required")
    if parameter.default:
        parts.append(f"default {parameter.default}")
    choices = [choice for choice, _ in choices_of(parameter)]
    if choices and len(choices) <= 10:
        parts.append(f"one of {', '.join(choices)}" if parameter.kind is not Kind.CATEGORIES else ", ".join(choices))
    elif choices:
        parts.append(f"as {', '.join(choices[:3])}, … (`flattr-tui get languages` lists them)")
    if parameter.kind is Kind.TAGS:
        parts.append(_TAGS)
    return "; ".join(parts)


def _example(parameter: Parameter) -> str:
    values = {Kind.INTEGER: "469849", Kind.IDS: "469849,416185", Kind.URL: "https://example.com/"}
    return f"{parameter.name}={values.get(parameter.kind, 'ada')}"
