"""Shell completion of API methods, their parameters and values, for the commands `get`, `export` and `methods`."""

import click
from click.shell_completion import CompletionItem

from flattr_tui.api.method_table import BY_NAME, METHODS, Format, Method, Parameter, ParameterKind
from flattr_tui.library.console.method_text import choices_of

_SEVERAL = frozenset({ParameterKind.CATEGORIES, ParameterKind.LANGUAGES})


def complete_method(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for the name of an API method that begins with `incomplete`."""
    return [CompletionItem(m.name, help=m.help) for m in METHODS if m.name.startswith(incomplete)]


def complete_parameter(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for a `PARAMETER=VALUE` of the API method that was typed before.

    Before the `=`, these are the parameters that begin with `incomplete` and are not given yet; after the `=`, the
    parameter's values. Without a valid method, there are none.
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

    Only formats of the API method that was typed before are returned; without a valid method, all formats.
    """
    method: Method | None = BY_NAME.get(context.params.get("name") or "")
    formats = method.formats if method is not None else tuple(Format)
    return [CompletionItem(fmt.value) for fmt in formats if fmt.value.startswith(incomplete)]
