"""Lists the people whose own data is saved: a profile, lists, or revenue reports."""

import json
from typing import NamedTuple

from flattr_tui.model.api_request import USER_LISTS, fold_username
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.item_reader import ReadQuery


class SavedPerson(NamedTuple):
    """A person whose own data is saved, and how much of it. Items in other people's lists don't count."""

    name: str
    """User name of the person."""
    things: int = 0
    """Number of saved things in the person's list of things; `flattrs` and `activities` count in their lists."""
    flattrs: int = 0
    activities: int = 0
    months: int = 0
    """Number of months with a revenue report."""
    fetched_at: float = 0.0
    """When the latest response about the person was fetched, in Unix seconds; 0 if only reports are saved."""


def list_people(read: ReadQuery, scope: Scope, *, everywhere: bool) -> list[SavedPerson]:
    """Return the people whose own data is saved and visible to the account of `scope`, the most data first.

    With `everywhere`, data of all sources counts, otherwise only data of the scope's source. If a list is saved from
    several sources, only the longest copy counts.
    """
    people: dict[str, SavedPerson] = {}
    which = "(? OR s.source = ?) AND s.account IN (?, '')"
    values = (everywhere, scope.source, scope.account)
    for method, arguments, saved, fetched_at in read(
        "SELECT f.method, f.arguments, f.saved, max(coalesce(f.fetched_at, 0), f.newest) FROM feed f JOIN scope s"
        f" ON s.id = f.scope WHERE f.method IN {tuple(USER_LISTS)} AND {which}"
        " UNION ALL SELECT r.method, r.arguments, 0, r.fetched_at FROM record r JOIN scope s ON s.id = r.scope"
        f" WHERE r.method = 'user' AND {which}",
        values * 2,
    ):
        if name := dict(json.loads(arguments)).get("username"):
            known = people.get(name, SavedPerson(name))
            field = USER_LISTS.get(method)
            counts = {field: max(getattr(known, field), saved)} if field else {}
            people[name] = known._replace(**counts, fetched_at=max(known.fetched_at, fetched_at))
    for name, months in read("SELECT max(name), count(*) FROM revenue_month GROUP BY owner") if everywhere else ():
        known = people.get(fold_username(name), SavedPerson(name))
        people[fold_username(name)] = known._replace(months=months)
    spelled = {
        fold_username(name): name for (name,) in read(f"SELECT i.key FROM item i JOIN scope s ON s.id = i.scope WHERE"
        f" i.kind = 0 AND i.key IN (SELECT value FROM json_each(?)) AND {which}", (json.dumps(list(people)), *values))
    }  # fmt: skip
    found = [person._replace(name=spelled.get(name, person.name)) for name, person in people.items()]
    return sorted(found, key=lambda one: (-(one.things + one.flattrs + one.activities + one.months), one.name.lower()))
