"""Splits a query into the part that Flattr's own search understands, and the part that filters its results here."""

from collections.abc import Mapping
from typing import NamedTuple

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.query_language import OneOf, Property, QueryContext, ShownDate, Term, Words, parse_query
from flattr_tui.model.tag_expression import Or, parse_tags

_PARAMETERS = {Property.CATEGORY: "category", Property.LANGUAGE: "language", Property.OWNER: "user"}


class ServerQuery(NamedTuple):
    """The part of a search that the server can do, and the part of the query that it can't."""

    request: ApiRequest
    rest: tuple[Term, ...]
    """The terms by which the server's results are filtered."""

    @property
    def rest_text(self) -> str:
        """The part that the server can't do, as it was typed."""
        return " ".join(term.text for term in self.rest)


def to_server_query(request: ApiRequest, context: QueryContext) -> ServerQuery:
    """Return a `search` request in which conditions of the query have become parameters, and the rest of the query.

    The server has parameters for tags, categories, languages and the owner. A parameter that already has a value is not
    changed, except that tags are added. Raises `QuerySyntaxError` and `TagSyntaxError`.
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
    """Whether a term can be sent as a parameter: the server accepts several categories and languages, but one user."""
    is_one = len(values) == 1 or name is not Property.OWNER
    return name in _PARAMETERS and is_one and not term.excluded and not arguments.get(_PARAMETERS[name])


def _add_tags(expression: str, values: tuple[str, ...], term: Term) -> str | None:
    """Return a tag expression with a condition added; None if that would need parentheses, which the server lacks."""
    if any(set("|&!()") & set(value) for value in values):
        return None
    if term.excluded:  # a `!` applies to everything before it
        return expression + "".join(f" ! {value}" for value in values)
    if not expression:
        return " | ".join(values)
    can_add = len(values) == 1 and not isinstance(parse_tags(expression), Or)
    return f"{expression} & {values[0]}" if can_add else None
