"""Translates the query language (`model.query_language`) to SQL conditions on the catalogue's items.

Every condition has two forms. `QuerySql.test` is a WHERE condition that tests one item after the other, which is fast
for the rows on a screen. `QuerySql.matches` is a query that finds all matching items through an index, which is fast if
they are few.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flattr_tui.model.query_dates import TimeRange
from flattr_tui.model.query_language import (
    MAX_COUNT,
    Condition,
    CreatedAt,
    FlattrCount,
    Mine,
    OneOf,
    Property,
    Query,
    ShownDate,
    Term,
    Words,
    is_plain_word,
)
from flattr_tui.store import text_normalizer
from flattr_tui.store.catalogue_schema import ItemKind

FOLDED_TEXT: Final = (
    "' ' || title || char(10) || ' ' || tags || char(10) || ' ' || owner || char(10) || ' ' || description"
)
"""SQL for the normalized words of a row of `text`, each after a blank. Line feeds keep a phrase within one column."""


class Matches(NamedTuple):
    """Two SQL queries that find everything that matches a search. "" stands for a query that finds nothing.

    A row of a list matches if its item matches, or the thing or person that the item is about. A flattr, for example,
    has a time of its own, but the title of its thing.
    """

    subjects: str = ""
    """A query for the ids of matching things and people."""
    items: str = ""
    """A query for the ids of items whose own time or person matches."""


class TermGroup(NamedTuple):
    """Terms of a query that are looked up together: all plain words, or one other term."""

    terms: tuple[Term, ...]
    excluded: bool = False
    """Whether rows that match are left out."""


def group_terms(query: Query) -> list[TermGroup]:
    """Return the terms of a query in groups. All plain words are in one group, which the index can search together.

    Each other term is a group of its own.
    """
    words = tuple(filter(is_plain_word, query.terms))
    groups = [TermGroup(words)] if words else []
    return groups + [TermGroup((term,), term.excluded) for term in query.conditions]


def fts_phrase(words: Words) -> str:
    """Return an FTS5 query for a word or phrase; "" if it has no letter, digit or symbol."""
    folded = text_normalizer.fold(words.text)
    return f'"{folded}"{"" if words.whole else "*"}' if folded else ""


class QuerySql:
    """Builds SQL conditions, and collects the values of their parameters."""

    def __init__(self) -> None:
        self.values: dict[str, str | int] = {}
        """The values by parameter name; pass them to `Database.read` with the SQL."""

    def bind(self, value: str | int) -> str:
        """Return the name of a parameter for this value, such as `:q0`. Equal values share a parameter."""
        for known, other in self.values.items():
            if other == value:
                return f":{known}"
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    # -- testing items

    def test_flattrs(self, query: Query) -> str:
        """Return an SQL condition for the flattrs (alias `i`) of things (alias `s`) that match a query.

        A word may also be in the name of the person who gave the flattr.
        """
        tests = [self.test(query.conditions, by_index=True)] if query.conditions else []
        for word in text_normalizer.query_terms(query.plain_text):
            named = (
                f"SELECT id FROM item WHERE kind = {ItemKind.USER:d} AND instr(' ' || title, {self.bind(f' {word}')})"
            )
            thing = self._test_words([Words(word)], "s", by_index=True)
            tests.append(f"({thing} OR i.person IN ({named}))")
        return " AND ".join(tests) or "1"

    def test(self, terms: Sequence[Term], item: str = "i", subject: str = "s", *, by_index: bool = False) -> str:
        """Return an SQL condition for the items that match all terms.

        `item` is the alias of the table of items, `subject` that of the table of the things or people that the items
        are about. Words are searched in the text of each subject or, with `by_index`, in the full-text index.
        """
        words = [term.condition for term in terms if is_plain_word(term) and isinstance(term.condition, Words)]
        tests = [self._test_words(words, subject, by_index=by_index)] if words else []
        tests += [self._test_term(t, item, subject, by_index=by_index) for t in terms if not is_plain_word(t)]
        return " AND ".join(tests) or "1"

    def _test_term(self, term: Term, item: str, subject: str, *, by_index: bool) -> str:
        test = self._test_condition(term.condition, item, subject, by_index=by_index)
        return f"NOT coalesce({test}, 0)" if term.excluded else test

    def _test_condition(self, condition: Condition, item: str, subject: str, *, by_index: bool) -> str:
        match condition:
            case Words():
                return self._test_words([condition], subject, by_index=by_index)
            case ShownDate(text, time):
                words = self._test_words([Words(word) for word in text.split()], subject, by_index=by_index)
                return f"({self._test_time(time, item)} OR {words})"
            case CreatedAt(time):
                return self._test_time(time, item)
            case OneOf(Property.TAG, tags):
                return f"EXISTS (SELECT 1 FROM tag WHERE item = {subject}.id AND folded IN ({self._bind_all(tags)}))"
            case OneOf(name, values):
                return f"{subject}.{name} IN ({self._bind_all(values)})"
            case FlattrCount(least, most):
                return f"{subject}.flattrs BETWEEN {self.bind(least)} AND {self.bind(min(most, MAX_COUNT))}"
            case Mine(username):
                return f"{item}.person IN ({self._people(username)})"

    def _test_words(self, sought: Sequence[Words], subject: str, *, by_index: bool) -> str:
        """Return an SQL condition that the text of an item has all words of `sought`.

        `subject` is the alias of the item's table. With `by_index`, the words are searched in the full-text index.
        Words without a letter or digit are ignored. If no other words are left, the condition matches nothing.
        """
        readable = [words for words in sought if text_normalizer.fold(words.text)]
        if not readable:
            return "0"
        if by_index:
            match = self.bind(" ".join(map(fts_phrase, readable)))
            return f"{subject}.id IN (SELECT rowid FROM words WHERE words MATCH {match})"
        text = f"SELECT {FOLDED_TEXT} || char(10) AS said FROM text WHERE id = {subject}.id LIMIT 1"
        return f"EXISTS (SELECT 1 FROM ({text}) WHERE {' AND '.join(map(self._test_said, readable))})"

    def _test_said(self, words: Words) -> str:
        folded = f" {text_normalizer.fold(words.text)}"
        if not words.whole:
            return f"instr(said, {self.bind(folded)})"
        return f"(instr(said, {self.bind(f'{folded} ')}) OR instr(said, {self.bind(folded + chr(10))}))"

    def _test_time(self, time: TimeRange, item: str) -> str:
        start, stop = time
        parts = [f"{item}.time >= {self.bind(start)}"] if start is not None else []
        parts += [f"{item}.time < {self.bind(stop)}"] if stop is not None else []
        return f"({' AND '.join(parts) or '1'})"

    def _bind_all(self, values: Iterable[str]) -> str:
        return f"SELECT value FROM json_each({self.bind(json.dumps(list(values)))})"

    def _people(self, username: str) -> str:
        return f"SELECT id FROM item WHERE kind = {ItemKind.USER:d} AND owner = {self.bind(username)}"

    # -- listing what matches

    def matches(self, group: TermGroup, kind: ItemKind) -> Matches:
        """Return the SQL queries for everything that matches a group of terms, in a list of items of this kind.

        `group_terms` returns the groups of a query.
        """
        condition = group.terms[0].condition
        match condition:
            case Words() if not group.excluded and not condition.whole:
                return self._with_words(
                    [term.condition.text for term in group.terms if isinstance(term.condition, Words)]
                )
            case Words():
                phrase = fts_phrase(condition)
                return Matches(self._fts(phrase) if phrase else "SELECT 0 WHERE 0")
            case ShownDate(text, time):
                return Matches(self._with_words([text]).subjects, self._in_time(time, kind))
            case CreatedAt(time):
                return Matches("", self._in_time(time, kind))
            case OneOf(Property.TAG, tags):
                return Matches(f"SELECT item FROM tag WHERE folded IN ({self._bind_all(tags)})")
            case OneOf(name, values):
                return Matches(self._things(f"{name} IN ({self._bind_all(values)})", people=name is Property.OWNER))
            case FlattrCount(least, most):
                return Matches(self._things(f"flattrs BETWEEN {self.bind(least)} AND {self.bind(most)}"))
            case Mine(username):
                return Matches("", f"SELECT id FROM item WHERE person IN ({self._people(username)})")

    def _with_words(self, texts: Iterable[str]) -> Matches:
        words = text_normalizer.query_terms(" ".join(texts))
        return Matches(self._fts(text_normalizer.fts_query(words)) if words else "SELECT 0 WHERE 0")

    def _fts(self, match: str) -> str:
        return f"SELECT rowid FROM words WHERE words MATCH {self.bind(match)}"

    def _things(self, test: str, *, people: bool = False) -> str:
        """Return an SQL query for the things and, with `people`, the users that meet the SQL condition `test`.

        Each kind of item is found through its own index.
        """
        kinds = (ItemKind.THING, ItemKind.USER) if people else (ItemKind.THING,)
        return " UNION ALL ".join(f"SELECT id FROM item WHERE kind = {kind:d} AND {test}" for kind in kinds)

    def _in_time(self, time: TimeRange, kind: ItemKind) -> str:
        return f"SELECT id FROM item AS i WHERE kind = {kind:d} AND {self._test_time(time, 'i')}"
