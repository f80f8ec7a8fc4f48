"""Text queries in SQL: normalizes texts and search words, and translates `model.query_language` to SQL conditions.

Folding normalizes a text: it gets lower case, no accents and vowel marks, and one blank between words. Indexed texts
and search words are both folded, so SQLite's tokenizer has nothing left to decide, and a plain search for ` word` in
the folded text finds the same as the index. Scripts without blanks between words (Chinese, Japanese, Thai, Lao,
Burmese, Khmer) and emoji are split into characters with their marks, and a search word of several characters becomes a
phrase.

A condition is translated in one of two forms. `QuerySql.test` is a WHERE condition that tests one item after the other,
which is fast for the rows on a screen. `QuerySql.matches` is a query that finds all matching items through an index,
which is fast if they are few.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise
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
from flattr_tui.store.catalogue_schema import ItemKind

MAX_WORDS = 32
"""Maximum number of search words. Further words are ignored."""
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_ASCII = {code: (chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)}
_SPELLED: Final = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ς": "σ"} | {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "þ": "th",
}
"""Letters that Unicode does not decompose, and what people type instead."""
_BLANKLESS: Final = ("\u0e00\u0eff", "\u1000\u109f", "\u1780\u17ff", "\u19e0\u19ff", "\ua9e0\ua9ff", "\uaa60\uaa7f")
"""First and last characters of scripts without blanks: Thai and Lao, Burmese, Khmer, Khmer symbols, more Burmese."""
FOLDED_TEXT: Final = (
    "' ' || title || char(10) || ' ' || tags || char(10) || ' ' || owner || char(10) || ' ' || description"
)
"""SQL for the normalized words of a row of `text`, each after a blank. Line feeds keep a phrase within one column."""


@cache
def _spelling() -> dict[int, str]:  # compiled only when a text is not ASCII, as are the next ones
    return str.maketrans(_SPELLED)


@cache
def _accents() -> re.Pattern[str]:
    """Return a pattern for the marks that folding removes: accents of Latin letters, the dots of ё, vowel marks.

    The letter before an accent is a group of the match, and must be kept. U+0653 to U+0655 don't match, because they
    make other letters in Arabic.
    """
    hebrew = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    arabic = "\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    return re.compile(f"([a-z])[\u0300-\u036f]+|(е)\u0308|[{hebrew}{arabic}]+")


@cache
def _han() -> re.Pattern[str]:
    return re.compile(
        "[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
        "|[\U00020000-\U0003ffff]"
    )


def has_han_or_kana(word: str) -> bool:
    """Whether a word has Chinese characters or Japanese kana."""
    return not word.isascii() and bool(_han().search(word))


@cache
def _blankless() -> re.Pattern[str]:
    """Return a pattern for a letter, with its marks, in a script that has no blanks between words."""
    block = [chr(code) for first, last in _BLANKLESS for code in range(ord(first), ord(last) + 1)]
    marks = "".join(char for char in block if unicodedata.category(char)[0] == "M")
    letters = "".join(char for char in block if unicodedata.category(char)[0] == "L")
    return re.compile(f"[{letters}][{marks}]*")


class _FoldTable(dict[int, str]):
    """A table for `str.translate` that replaces each character by its folded form.

    An entry is made when its character first occurs.
    """

    def __init__(self, *, split: bool) -> None:
        super().__init__(_ASCII)
        self.split = split

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "So" or (self.split and _han().match(char)):
            kept = f" {char} "
        elif category[0] in "LN" or (category[0] == "M" and char != "\ufe0f") or category == "Co":
            kept = char
        else:
            kept = " "
        self[code] = kept
        return kept


_SPLIT, _WHOLE = _FoldTable(split=True), _FoldTable(split=False)


def fold(text: str, *, split: bool = True) -> str:
    """Return the words of a text, normalized and separated by single blanks; "" if it has no letter, digit or symbol.

    In scripts without blanks, such as Chinese, each character becomes a word. With `split` False, a run of them stays
    one word.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    return " ".join(_translate(text, split=split).split())


def _translate(text: str, *, split: bool) -> str:
    text = unicodedata.normalize("NFKD", text).lower().translate(_spelling())
    text = unicodedata.normalize("NFC", _accents().sub(r"\1\2", text))
    if split:
        text = _blankless().sub(r" \g<0> ", text)
    return text.translate(_SPLIT if split else _WHOLE)


@lru_cache(256)
def query_terms(text: str) -> tuple[str, ...]:
    """Return the words of a search, normalized, each once. At most `MAX_WORDS` are returned.

    In a script without blanks, such as Chinese, the characters of a word are separated by blanks, because the word is
    matched as a phrase.
    """
    folded = (fold(word) for word in text[:2_000].split()[:MAX_WORDS])
    return tuple(dict.fromkeys(word for word in folded if word))


def fts_query(words: tuple[str, ...], *, whole: int = 0) -> str:
    """Return an FTS5 query for texts that have all these normalized words.

    The first `whole` words must match exactly. Each other word matches any word that begins with it.
    """
    return " ".join(f'"{word}"' + ("*" if place >= whole else "") for place, word in enumerate(words))


@lru_cache(64)
def _prefix_pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern that finds any of `words` at the beginning of a word of an ASCII text.

    Returns None if none of `words` is ASCII.
    """
    plain = [tight for word in words if (tight := word.replace(" ", "")).isascii()]
    return re.compile(f"(?<![^\\W_])(?:{'|'.join(plain)})", re.ASCII | re.IGNORECASE) if plain else None


def match_spans(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where a text has words that begin with one of the normalized `words`, in the order of the text.

    Each match is its start and stop (excluded) in characters.
    """
    if text.isascii():  # most texts are; this is as fast as SQLite's own function
        pattern = _prefix_pattern(words)
        return [found.span() for found in pattern.finditer(text)] if pattern is not None else []
    if not words:
        return []
    folded, starts, stops = _locate(text)
    spaced = (re.escape(word).replace(r"\ ", " +") for word in sorted(words, key=len, reverse=True))
    found = re.finditer(f"(?<= )(?:{'|'.join(spaced)})", folded)
    return [(starts[one.start()], stops[one.end() - 1]) for one in found]


def _locate(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text in normalized form with a blank in front, and where in `text` each character begins and ends.

    The two lists have the start and the end of each character of the result. Several blanks are not merged. Runs of
    ASCII are folded whole: a description of 2,000 characters takes 0.4 ms instead of 1.2.
    """
    folded, starts, stops = [" "], [0], [0]
    done = 0
    for run in _BEYOND_ASCII.finditer(text):
        first, end = run.span()
        if first > done and unicodedata.category(text[first])[0] == "M":
            first -= 1  # a mark belongs to the letter before it
        _append_ascii(text, done, first, folded, starts, stops)
        bounds = [at for at in range(first, end) if at == first or unicodedata.category(text[at])[0] != "M"]
        for start, stop in pairwise([*bounds, end]):
            cluster = _fold_cluster(text[start:stop])
            folded.append(cluster)
            starts += [start] * len(cluster)
            stops += [stop] * len(cluster)
        done = end
    _append_ascii(text, done, len(text), folded, starts, stops)
    return "".join(folded), starts, stops


def _append_ascii(text: str, start: int, stop: int, folded: list[str], starts: list[int], stops: list[int]) -> None:
    folded.append(text[start:stop].translate(_ASCII))
    starts += range(start, stop)
    stops += range(start + 1, stop + 1)


_fold_cluster = lru_cache(4096)(partial(_translate, split=True))


class Matches(NamedTuple):
    """Two SQL queries that together find all matches of a search. "" stands for a query that finds nothing.

    A row of a list matches if its item is found, or the thing or person that the item is about. A flattr, for example,
    has its own time, but no title: the title belongs to the thing.
    """

    subjects: str = ""
    """A query for the ids of matching things and people."""
    items: str = ""
    """A query for the ids of items whose own time or person matches."""


class TermGroup(NamedTuple):
    """Terms of a query that are looked up together.

    All plain words are one group. Each other term is a group of its own.
    """

    terms: tuple[Term, ...]
    excluded: bool = False
    """Whether rows that match are left out."""


def group_terms(query: Query) -> list[TermGroup]:
    """Return the terms of a query in groups. Each group can be searched by itself.

    All plain words form one group, because the full-text index finds all of them at once. Each other term is a group of
    its own.
    """
    words = tuple(filter(is_plain_word, query.terms))
    groups = [TermGroup(words)] if words else []
    return groups + [TermGroup((term,), term.excluded) for term in query.conditions]


def fts_phrase(words: Words) -> str:
    """Return an FTS5 query for a word or phrase; "" if the phrase has no letter, digit or symbol."""
    folded = fold(words.text)
    return f'"{folded}"{"" if words.whole else "*"}' if folded else ""


class QuerySql:
    """Builds SQL conditions, and collects the values of their parameters."""

    def __init__(self) -> None:
        self.values: dict[str, str | int] = {}
        """The values by parameter name; pass them to `Database.read` with the SQL."""

    def bind(self, value: str | int) -> str:
        """Return the name of a parameter with this value, such as `:q0`. Equal values share a parameter."""
        for known, other in self.values.items():
            if other == value:
                return f":{known}"
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    # -- testing items

    def test_flattrs(self, query: Query) -> str:
        """Return an SQL condition for the flattrs that match a query.

        In the SQL, `i` is the alias of the flattrs, and `s` the alias of their things. A word of the query may be in
        the thing, or in the name of the person who gave the flattr.
        """
        tests = [self.test(query.conditions, by_index=True)] if query.conditions else []
        for word in query_terms(query.plain_text):
            named = (
                f"SELECT id FROM item WHERE kind = {ItemKind.USER:d} AND instr(' ' || title, {self.bind(f' {word}')})"
            )
            thing = self.test_words([Words(word)], "s", by_index=True)
            tests.append(f"({thing} OR i.person IN ({named}))")
        return " AND ".join(tests) or "1"

    def test(self, terms: Sequence[Term], item: str = "i", subject: str = "s", *, by_index: bool = False) -> str:
        """Return an SQL condition for the items that match all terms.

        `item` and `subject` are aliases of tables in the caller's SQL: of the items, and of the things or people that
        the items are about. Words are searched in the text of each subject or, with `by_index`, in the full-text index.
        """
        words = [term.condition for term in terms if is_plain_word(term) and isinstance(term.condition, Words)]
        tests = [self.test_words(words, subject, by_index=by_index)] if words else []
        tests += [self._test_term(t, item, subject, by_index=by_index) for t in terms if not is_plain_word(t)]
        return " AND ".join(tests) or "1"

    def _test_term(self, term: Term, item: str, subject: str, *, by_index: bool) -> str:
        test = self._test_condition(term.condition, item, subject, by_index=by_index)
        return f"NOT coalesce({test}, 0)" if term.excluded else test

    def _test_condition(self, condition: Condition, item: str, subject: str, *, by_index: bool) -> str:
        match condition:
            case Words():
                return self.test_words([condition], subject, by_index=by_index)
            case ShownDate(text, time):
                words = self.test_words([Words(word) for word in text.split()], subject, by_index=by_index)
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
                return f"{item}.person IN ({self._people_sql(username)})"

    def test_words(self, sought: Sequence[Words], subject: str, *, by_index: bool) -> str:
        """Return an SQL condition for the items whose text has all words of `sought`.

        `subject` is the alias of the items in the SQL. With `by_index`, the words are searched in the full-text index.
        Words without a letter or digit are ignored. If no word is left, no item meets the condition.
        """
        readable = [words for words in sought if fold(words.text)]
        if not readable:
            return "0"
        if by_index:
            match = self.bind(" ".join(map(fts_phrase, readable)))
            return f"{subject}.id IN (SELECT rowid FROM words WHERE words MATCH {match})"
        text = f"SELECT {FOLDED_TEXT} || char(10) AS said FROM text WHERE id = {subject}.id LIMIT 1"
        return f"EXISTS (SELECT 1 FROM ({text}) WHERE {' AND '.join(map(self._test_said, readable))})"

    def _test_said(self, words: Words) -> str:
        folded = f" {fold(words.text)}"
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

    def _people_sql(self, username: str) -> str:
        return f"SELECT id FROM item WHERE kind = {ItemKind.USER:d} AND owner = {self.bind(username)}"

    # -- listing what matches

    def matches(self, group: TermGroup, kind: ItemKind) -> Matches:
        """Return the SQL queries that find all matches of a group of terms.

        `group_terms` returns the groups of a query. `kind` is the kind of the items in the list that is filtered.
        """
        condition = group.terms[0].condition
        match condition:
            case Words() if not group.excluded and not condition.whole:
                return self._with_words(
                    [term.condition.text for term in group.terms if isinstance(term.condition, Words)]
                )
            case Words():
                phrase = fts_phrase(condition)
                return Matches(self._fts_sql(phrase) if phrase else "SELECT 0 WHERE 0")
            case ShownDate(text, time):
                return Matches(self._with_words([text]).subjects, self._in_time(time, kind))
            case CreatedAt(time):
                return Matches("", self._in_time(time, kind))
            case OneOf(Property.TAG, tags):
                return Matches(f"SELECT item FROM tag WHERE folded IN ({self._bind_all(tags)})")
            case OneOf(name, values):
                return Matches(self._things_sql(f"{name} IN ({self._bind_all(values)})", people=name is Property.OWNER))
            case FlattrCount(least, most):
                return Matches(self._things_sql(f"flattrs BETWEEN {self.bind(least)} AND {self.bind(most)}"))
            case Mine(username):
                return Matches("", f"SELECT id FROM item WHERE person IN ({self._people_sql(username)})")

    def _with_words(self, texts: Iterable[str]) -> Matches:
        words = query_terms(" ".join(texts))
        return Matches(self._fts_sql(fts_query(words)) if words else "SELECT 0 WHERE 0")

    def _fts_sql(self, match: str) -> str:
        return f"SELECT rowid FROM words WHERE words MATCH {self.bind(match)}"

    def _things_sql(self, test: str, *, people: bool = False) -> str:
        """Return an SQL query for the ids of the things that meet the SQL condition `test`.

        With `people`, the query also returns the ids of the users that meet the condition. Things and users are
        selected separately, because each kind of item has its own index.
        """
        kinds = (ItemKind.THING, ItemKind.USER) if people else (ItemKind.THING,)
        return " UNION ALL ".join(f"SELECT id FROM item WHERE kind = {kind:d} AND {test}" for kind in kinds)

    def _in_time(self, time: TimeRange, kind: ItemKind) -> str:
        return f"SELECT id FROM item AS i WHERE kind = {kind:d} AND {self._test_time(time, 'i')}"
