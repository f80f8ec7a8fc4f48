"""Provides what the meaning of a query depends on, and checks a query."""

from textual.dom import DOMNode

from flattr_tui.model.query import QueryContext, QuerySyntaxError, parse_query
from flattr_tui.ui.app_services import app_of


def query_context(node: DOMNode, seen_until: int | None = None) -> QueryContext:
    """Return what the meaning of a query depends on: the time, the account, and since when items are new.

    Items are new after `seen_until` (Unix seconds); with None, `is:new` is an error.
    """
    app = app_of(node)
    return QueryContext(app.clock(), app.tz, app.library.account, seen_until)


def find_query_fault(text: str, context: QueryContext) -> str:
    """Return a sentence that says why a query is invalid; "" if it is valid."""
    try:
        parse_query(text.strip(), context)
    except QuerySyntaxError as error:
        return str(error)
    return ""
