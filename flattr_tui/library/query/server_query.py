"""Splits a search query into what Flattr's own search can find, and what this program must filter from its results."""

from collections.abc import Mapping
from typing import NamedTuple

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.query_language import OneOf, Property, QueryContext, ShownDate, Term, Words, parse_query
from flattr_tui.model.tag_expression import Or, parse_tags

_PARAMETERS = {Property.CATEGORY: "category", Property.LANGUAGE: "language", Property.OWNER: "user"}


class ServerQuery(NamedTuple):
    """A search, split into a request to the server and the terms of the query that the server does not understand."""

    request: ApiRequest
    """The `search` request to send."""
    rest: tuple[Term, ...]
    """The terms by which this program filters the server's results."""

    @property
    def rest_text(self) -> str:
        """The terms that the server does not understand, as they were typed."""
        return " ".join(term.text for term in self.rest)


def to_server_query(request: ApiRequest, context: QueryContext) -> ServerQuery:
    """Split a `search` request whose `query` may contain conditions that the server does not understand.

    Conditions on tags, categories, languages and the owner become parameters of the request. A parameter that already
    has a value is not changed, except that tags are added. `context` decides what the query means. Raises
    `QuerySyntaxError`, and `TagSyntaxError` for an invalid value of the parameter `tags`.
    """
    query = parse_query(request.get("query"), context)
    arguments = dict(request.arguments)
    words: list[str] = []
    rest: list[Term] = []
    for term in query.terms:
        match term.condition:
            case Words(text, whole) if not term.excluded:
                words.append(text)
                rest += [term] if whole else []
            case ShownDate(text, _) if not term.excluded:
                words.append(text)
            case OneOf(Property.TAG, values) if (
                tags := _add_tags(arguments.get("tags", ""), values, term)
            ) is not None:
                arguments["tags"] = tags
            case OneOf(name, values) if _can_send(term, name, values, arguments):
                arguments[_PARAMETERS[name]] = ",".join(values)
            case _:
                rest.append(term)
    if not query.conditions:
        return ServerQuery(request, ())
    return ServerQuery(ApiRequest.of(request.method, {**arguments, "query": " ".join(words)}), tuple(rest))


def _can_send(term: Term, name: Property, values: tuple[str, ...], arguments: Mapping[str, str]) -> bool:
    """Whether a term of a query can be sent to the server as a parameter that has no value in `arguments` yet.

    `name` and `values` are the property and the values that the term requires. The server has parameters for one user,
    and for any number of categories and languages.
    """
    is_one = len(values) == 1 or name is not Property.OWNER
    return name in _PARAMETERS and is_one and not term.excluded and not arguments.get(_PARAMETERS[name])


def _add_tags(expression: str, values: tuple[str, ...], term: Term) -> str | None:
    """Return a tag expression with the tags `values` of a query's term added.

    Returns None if that needs parentheses, which the server does not understand, or if a tag contains an operator.
    """
    if any(set("|&!()") & set(value) for value in values):
        return None
    if term.excluded:  # a `!` applies to everything before it
        return expression + "".join(f" ! {value}" for value in values)
    if not expression:
        return " | ".join(values)
    can_add = len(values) == 1 and not isinstance(parse_tags(expression), Or)
    return f"{expression} & {values[0]}" if can_add else None
