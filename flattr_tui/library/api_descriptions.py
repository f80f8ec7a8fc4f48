"""Descriptions of API requests and methods in words, and the reading of calls as users type them."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import BY_NAME, METHODS, Auth, Group, Method, Parameter, ParameterKind
from flattr_tui.model.api_request import ApiRequest

DOCUMENTATION: Final = "https://github.com/flattr/developers.flattr.net/blob/master/content/api/"
"""The address of the folder of Flattr's own documentation of the API."""

_TAGS: Final = "for example: audio & library ! beta"
_NEEDS: Final[Mapping[Auth, str]] = {
    Auth.NONE: "no login",
    Auth.TOKEN: "a login",
    Auth.FLATTR: "a login that may flattr",
    Auth.THING: "a login that may change things",
}


_NAMES: Final[Mapping[str, Callable[[ApiRequest], str]]] = {
    "user": lambda request: request.get("username"),
    "user-flattrs": lambda request: f"{_possessive(request.get('username'))} flattrs",
    "user-things": lambda request: f"{_possessive(request.get('username'))} things",
    "user-activities": lambda request: f"{_possessive(request.get('username'))} {_activities_title(request)}",
    "me": lambda _: "your profile",
    "my-flattrs": lambda _: "your flattrs",
    "my-things": lambda _: "your things",
    "my-activities": lambda request: f"your {_activities_title(request)}",
    "my-subscriptions": lambda _: "your subscriptions",
    "thing": lambda request: f"thing {request.get('id')}",
    "things": lambda request: f"things {request.get('id')}",
    "thing-flattrs": lambda request: f"the flattrs of thing {request.get('id')}",
    "lookup": lambda request: f"whether there is a thing for {request.get('url')}",
    "search": lambda request: f"the search{_search_title(request)}",
    "rate-limit": lambda _: "the rate limit",
}


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _activities_title(request: ApiRequest) -> str:
    return f"{request.get('type')} activities" if request.get("type") == "incoming" else "activities"


def _search_title(request: ApiRequest) -> str:
    words = request.get("query") or request.get("tags") or request.get("user") or request.get("url")
    return f" for {words}" if words else ""


def describe_request(request: ApiRequest) -> str:
    """Return words for what a request fetches, for use within a sentence: `ada's flattrs`, `the categories`."""
    named = _NAMES.get(request.method)
    if named is not None:
        return named(request)
    return f"the {request.method}" if request.method in BY_NAME else request.method


def sentence_subject(request: ApiRequest) -> str:
    """Return words for what a request fetches, to begin a sentence with: `The categories`, `ada's flattrs`."""
    name = describe_request(request)
    begins_with_name = "username" in dict(request.arguments)
    return name if begins_with_name else name[:1].upper() + name[1:]


def list_methods() -> Iterable[str]:
    """Yield the lines of a list of all API methods, under the headings of their groups."""
    width = max(len(method.name) for method in METHODS)
    request = max(len(method.path) for method in METHODS)
    for group in Group:
        yield f"{group.value}"
        for method in METHODS:
            if method.group is group:
                line = f"  {method.name:<{width}}  {method.verb:<6} {method.path:<{request}}  {method.help}"
                yield f"{line} (a login)" if method.private else line


def describe_method(method: Method) -> Iterable[str]:
    """Yield the lines of a description of an API method: what it does and needs, its parameters, and an example."""
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
        parts.append(
            f"one of {', '.join(choices)}" if parameter.kind is not ParameterKind.CATEGORIES else ", ".join(choices)
        )
    elif choices:
        parts.append(f"such as {', '.join(choices[:3])}, … (`flattr-tui get languages` lists them)")
    if parameter.kind is ParameterKind.TAGS:
        parts.append(_TAGS)
    return "; ".join(parts)


def _example(parameter: Parameter) -> str:
    values = {
        ParameterKind.INTEGER: "469849",
        ParameterKind.IDS: "469849,416185",
        ParameterKind.URL: "https://example.com/",
    }
    return f"{parameter.name}={values.get(parameter.kind, 'ada')}"


def choices_of(parameter: Parameter) -> Iterable[tuple[str, str]]:
    """Return the values that a parameter allows, each with a description or ""; empty if any text is allowed."""
    from flattr_tui.model.entities import CATEGORIES, LANGUAGES  # noqa: PLC0415 -- only for these parameters

    if parameter.kind in {ParameterKind.CATEGORY, ParameterKind.CATEGORIES}:
        return [(choice.id, choice.text) for choice in CATEGORIES]
    if parameter.kind in {ParameterKind.LANGUAGE, ParameterKind.LANGUAGES}:
        return [(choice.id, choice.text) for choice in LANGUAGES]
    if parameter.kind is ParameterKind.BOOLEAN:
        return [("1", "yes"), ("0", "no")]
    return [(choice, "") for choice in parameter.choices]


def read_method(name: str, listed_by: str = "`flattr-tui methods`") -> Method:
    """Return the API method called `name`.

    Raises `UsageError` if there is no such method. The error suggests similar names or, if no name is similar, the
    command `listed_by`, which lists all methods.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(name, BY_NAME, 3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"{listed_by} lists them."
    raise UsageError(f"There is no method {name!r}. {hint}")


def read_arguments(method: Method, given: Sequence[str]) -> dict[str, str]:
    """Return the arguments of an API method, by the parameters' names, from texts that the user typed.

    Each text in `given` is `PARAM=VALUE`, or only `PARAM` for a flag. Raises `UsageError` for a text in any other form,
    and for a parameter that is given twice. `PARAM=` has an empty value. If the method changes something, `UsageError`
    is raised for an empty value, unless it clears a field (`Parameter.may_empty`).
    """
    arguments: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        parameter = method.parameter(name)
        if not equals:
            if parameter is None or parameter.kind not in {ParameterKind.FLAG, ParameterKind.BOOLEAN}:
                raise UsageError(f"{text!r} is not of the form PARAM=VALUE.")
            value = "1"
        elif method.writes and not value.strip() and parameter is not None and not parameter.may_empty:
            raise UsageError(f"{name} can't be empty. Leave it out to keep the value.")
        if name in arguments:
            raise UsageError(f"{name} is given twice; separate several values by commas.")
        arguments[name] = value
    return arguments
