"""The query language of filters and of searches in saved data.

A query consists of words and conditions with blanks between them; all of them must match. A word matches the beginning
of a word, a phrase in quotation marks matches whole words in that order, and a `-` in front excludes. Conditions have
names: `year:2012`, `before:` and `after:` with a date or an age (`3m`), `owner:`, `tag:`, `category:`, `language:`,
`flattrs:>10`, `is:mine`, `is:new`. Dates as they are shown (`2012`, `Mar 2012`, `12 Mar 2012`, `yesterday`) match as
words, and also match rows of that time.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from flattr_tui.model.entities import CATEGORIES, LANGUAGES, Choice
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.query_dates import FIRST_YEAR, LAST_YEAR, TimeRange, parse_date, parse_shown_date, start_of_day

MAX_LENGTH = 2_000
"""Maximum number of characters of a query that are read."""
MAX_CONDITIONS = 32
"""Maximum number of phrases, dates, excluded words and named conditions in a query."""
MAX_COUNT = 10**18
"""The upper bound of flattrs that means 'any number'. A query must contain smaller numbers."""
_TOKEN = lazy_pattern(r'(-)?(?:([A-Za-z]+):)?(?:"([^"]*)("|$)|(\S+))?')
_AMOUNT = lazy_pattern(r"(>=|<=|>|<|=)?([\d,]+)(?:\.\.([\d,]+))?")
_LANGUAGE_ID = lazy_pattern(r"[a-z]{2}_[a-z]{2}", re.IGNORECASE)


class QuerySyntaxError(ValueError):
    """A query is invalid. The message says what to write instead.

    `position` is where the mistake is, in characters from 0.
    """

    def __init__(self, sentence: str, position: int = 0) -> None:
        super().__init__(sentence)
        self.position = position


class QueryContext(Struct, frozen=True):
    """What the meaning of a query depends on: the time, the time zone, and the user."""

    now: float = 0.0
    """The current time in Unix seconds, from which ages and `yesterday` are counted."""
    tz: tzinfo = UTC
    account: str = ""
    """The user name for `is:mine`; "" if nobody is logged in, so that `is:mine` is an error."""
    seen_until: int | None = None
    """The time (Unix seconds) after which items are new for `is:new`; None makes `is:new` an error."""


class Words(Struct, frozen=True):
    """Condition: a text contains these words, one directly after the other."""

    text: str
    """One word, or several words separated by blanks."""
    whole: bool = False
    """Whether the last word must be a whole word of the text; otherwise it may be the beginning of one."""


class ShownDate(Struct, frozen=True):
    """Condition: an item has this date, or contains the date's words, written as on screen: `12 mar 2012`."""

    text: str
    time: TimeRange


class CreatedAt(Struct, frozen=True):
    """Condition: the time of a row is in a range."""

    time: TimeRange


class Property(StrEnum):
    """The properties of a thing whose values a query can name, as in `owner:ada`."""

    OWNER = "owner"
    TAG = "tag"
    CATEGORY = "category"
    LANGUAGE = "language"


class OneOf(Struct, frozen=True):
    """Condition: a property of a thing has one of these values.

    The values are in lower case, except the ids of languages (`en_GB`).
    """

    name: Property
    values: tuple[str, ...]


class FlattrCount(Struct, frozen=True):
    """Condition: a thing has at least `least` and at most `most` flattrs."""

    least: int = 0
    most: int = MAX_COUNT


class Mine(Struct, frozen=True):
    """Condition: the user `username` owns the thing, or gave the flattr."""

    username: str
    """The user's name, in lower case."""


Condition = Words | ShownDate | CreatedAt | OneOf | FlattrCount | Mine


class Term(Struct, frozen=True):
    """One part of a query: a word, a phrase, a date or a named condition."""

    condition: Condition
    excluded: bool = False
    """Whether rows that match are left out."""
    text: str = ""
    """The part as it was typed."""


class Query(Struct, frozen=True):
    """A parsed query. A query without terms matches everything, and is false as a condition of `if`."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def words(self) -> tuple[str, ...]:
        """The words to highlight in results. They are the words of all terms, except excluded terms (`-word`)."""
        texts = [
            term.condition.text
            for term in self.terms
            if isinstance(term.condition, Words | ShownDate) and not term.excluded
        ]
        return tuple(" ".join(texts).split())

    @property
    def plain_text(self) -> str:
        """The plain words (`is_plain_word`), as they were typed, separated by blanks."""
        return " ".join(
            term.condition.text for term in self.terms if is_plain_word(term) and isinstance(term.condition, Words)
        )

    @property
    def conditions(self) -> tuple[Term, ...]:
        """All terms other than plain words: phrases, dates, excluded words, named conditions."""
        return tuple(term for term in self.terms if not is_plain_word(term))


EVERYTHING = Query()
"""The query that matches everything."""


def is_plain_word(term: Term) -> bool:
    """Whether a term is a single word that is not excluded. Flattr's own search understands such words, too."""
    return isinstance(term.condition, Words) and not term.condition.whole and not term.excluded


_EMPTY_CONTEXT = QueryContext()


@lru_cache(64)
def parse_query(text: str, context: QueryContext = _EMPTY_CONTEXT) -> Query:
    """Return the query in `text`, parsed. Raises `QuerySyntaxError` if `text` is invalid. Results are cached.

    `context` has what the meaning of a query depends on: the time, the time zone and the user.
    """
    query = Query(tuple(_join_dates(list(_parse_terms(text[:MAX_LENGTH], context)), context)))
    if len(query.conditions) > MAX_CONDITIONS:
        raise QuerySyntaxError(f"More than {MAX_CONDITIONS} conditions are too many: leave some out.", len(text))
    return query


def _parse_terms(text: str, context: QueryContext) -> Iterator[Term]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or not found[0]:  # the pattern matches every character but blanks
            raise QuerySyntaxError(f"{text[at:]!r} can't be read.", at)
        excluded, name, phrase, word = found[1] is not None, found[2], found[3], found[5]
        read = _FIELDS.get(name.lower()) if name is not None else None
        if name is not None and read is None:
            _check_name(name, found.start(2), word or "")
        try:
            if read is not None:
                yield Term(read((phrase if word is None else word) or "", context), excluded, found[0])
            elif phrase is not None and name is None:
                if phrase.strip():
                    yield Term(Words(" ".join(phrase.split()), whole=bool(found[4])), excluded, found[0])
            else:
                word = found[0].removeprefix("-") if excluded else found[0]
                if excluded and word and not any(map(_is_letter, word)):
                    excluded, word = False, found[0]  # such as `---`, which excludes nothing
                if word:
                    yield Term(Words(word.replace('"', " ").strip()), excluded, found[0])
        except QuerySyntaxError as error:
            raise QuerySyntaxError(str(error), found.start()) from None
        at = found.end()


def _is_letter(character: str) -> bool:
    return character.isalnum() or character > "\x7f"


def _check_name(name: str, position: int, value: str) -> None:
    """Raise `QuerySyntaxError` if `name`, the text before a colon, looks like a misspelt name of a condition.

    `position` is where `name` begins in the query, and `value` is the text after the colon. If `value` begins with
    `//`, nothing is raised, because `name` is then the scheme of an address.
    """
    near = difflib.get_close_matches(name.lower(), FIELD_NAMES, 1, 0.75)
    if near and len(name) > 3 and not value.startswith("//"):
        raise QuerySyntaxError(f"There is no {name}: to filter by; did you mean {near[0]}:?", position)


# -- conditions


def _read_year(value: str, context: QueryContext) -> Condition:
    first, _, last = value.partition("..")
    years = [int(year) for year in (first, last or first) if re.fullmatch(r"\d{4}", year)]
    if len(years) < 2 or not FIRST_YEAR <= years[0] <= years[1] <= LAST_YEAR:
        raise QuerySyntaxError("year: takes a year or a range of years, such as year:2012 or year:2012..2014.")
    return CreatedAt((start_of_day(years[0], 1, 1, context.tz), start_of_day(years[1] + 1, 1, 1, context.tz)))


def _read_before(value: str, context: QueryContext) -> Condition:
    return CreatedAt((None, _read_date("before", value, context)))


def _read_after(value: str, context: QueryContext) -> Condition:
    return CreatedAt((_read_date("after", value, context), None))


def _read_date(name: str, value: str, context: QueryContext) -> int:
    if (time := parse_date(value, context.now, context.tz)) is not None:
        return time
    raise QuerySyntaxError(
        f"{name}: takes a date or an age, such as {name}:2012-03-31, {name}:2012 or {name}:3m (d, w, m, y)."
    )


def _split_values(name: str, example: str, value: str) -> list[str]:
    values = [" ".join(part.split()) for part in value.split(",") if part.strip()]
    if not values:
        raise QuerySyntaxError(f"{name}: needs a value, such as {name}:{example}.")
    return values


def _read_list(name: Property, example: str) -> Callable[[str, QueryContext], Condition]:
    def read(value: str, context: QueryContext) -> Condition:
        return OneOf(name, tuple(part.casefold() for part in _split_values(name, example, value)))

    return read


def _read_choice(name: Property, choices: Sequence[Choice], examples: str) -> Callable[[str, QueryContext], Condition]:
    """Return a function that parses the value of the condition `name`, which is `category:` or `language:`.

    The value names one or several of `choices`, each by its id, its text, or the beginning of either. `choices` are all
    categories or all languages. `examples` is a text for messages that lists some of them.
    """

    def read(value: str, context: QueryContext) -> Condition:
        ids: list[str] = []
        for part in _split_values(name, examples.partition(",")[0], value):
            begin = part.casefold()
            found = [c.id for c in choices if c.text.casefold().startswith(begin) or c.id.casefold().startswith(begin)]
            if not found and name is Property.LANGUAGE and _LANGUAGE_ID.fullmatch(part):
                found = [f"{part[:2].lower()}_{part[3:].upper()}"]
            if not found:
                raise QuerySyntaxError(f"There is no {name} {part!r}: try {examples}.")
            ids += found
        return OneOf(name, tuple(dict.fromkeys(ids)))

    return read


def _read_count(value: str, context: QueryContext) -> Condition:
    found = _AMOUNT.fullmatch(value)
    numbers = [int(text.replace(",", "") or 0) for text in found.groups()[1:] if text] if found is not None else []
    if found is None or not numbers or max(numbers) >= MAX_COUNT or (found[1] and found[3]):
        raise QuerySyntaxError("flattrs: takes a number, such as flattrs:10, flattrs:>10 or flattrs:5..10.")
    first = numbers[0]
    match found[1]:
        case ">":
            return FlattrCount(first + 1)
        case ">=":
            return FlattrCount(first)
        case "<":
            return FlattrCount(-1, first - 1)
        case "<=":
            return FlattrCount(-1, first)
    return FlattrCount(first, numbers[-1])


def _read_state(value: str, context: QueryContext) -> Condition:
    if value.lower() == "new":
        if context.seen_until is None:
            raise QuerySyntaxError(
                "is:new works in changes (C) and in the lists of things, flattrs and activities (2 to 4)."
            )
        return CreatedAt((context.seen_until + 1, None))
    if value.lower() != "mine":
        raise QuerySyntaxError("is: takes mine (your things, and flattrs you gave) or new (since you last looked).")
    if not context.account:
        raise QuerySyntaxError("is:mine needs an account: press L in a list to log in.")
    return Mine(context.account.lower())


_FIELDS: Mapping[str, Callable[[str, QueryContext], Condition]] = {
    "year": _read_year,
    "before": _read_before,
    "after": _read_after,
    "owner": _read_list(Property.OWNER, "nordlicht"),
    "tag": _read_list(Property.TAG, "audio"),
    "category": _read_choice(Property.CATEGORY, CATEGORIES, ", ".join(choice.id for choice in CATEGORIES)),
    "language": _read_choice(Property.LANGUAGE, LANGUAGES, "german, english, sv_SE"),
    "flattrs": _read_count,
    "is": _read_state,
}
FIELD_NAMES = tuple(_FIELDS)
"""The names of the named conditions, such as `year` in `year:2012`."""
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("open maps", "both words, or their first letters"),
    ('"open maps"', "these words in this order"),
    ("-beta", "without it; also for all below"),
    ("2012   mar 2012   yesterday", "a date as it is shown, or words"),
    ("year:2012   year:2012..2014", "of these years"),
    ("after:2012-03-31   before:3m", "since; over 3 months ago (d w m y)"),
    ("owner:nordlicht", "things of this user"),
    ('tag:audio   tag:"free software"', "with the whole tag"),
    ("category:software", "or text, images, video, audio, …"),
    ("language:german", "its name, id or first letters"),
    ("flattrs:>10   flattrs:5..10", "that many flattrs"),
    ("is:mine", "your things, and flattrs you gave"),
    ("is:new", "since you last looked at the list"),
    ("owner:ada,melodia", "a comma means or"),
)
"""Examples for each part of the language, with what they find, for the help."""


# -- dates as they are shown


def _join_dates(terms: list[Term], context: QueryContext) -> Iterator[Term]:
    """Yield the terms of a query, but combine up to three successive words that form a date to one term.

    `context` has the time and time zone on which words such as `yesterday` depend.
    """
    at = 0
    while at < len(terms):
        for length in (3, 2, 1):
            some = terms[at : at + length]
            if len(some) == length and (dated := _shown_date(some, context)) is not None:
                yield dated
                at += length
                break
        else:
            yield terms[at]
            at += 1


def _shown_date(terms: Sequence[Term], context: QueryContext) -> Term | None:
    words = [t.condition.text for t in terms if isinstance(t.condition, Words) and not t.condition.whole]
    if len(words) < len(terms) or (len(terms) > 1 and any(term.excluded for term in terms)):
        return None
    text = " ".join(words)
    time = parse_shown_date([word.lower() for word in words], context.now, context.tz)
    return Term(ShownDate(text, time), terms[0].excluded, " ".join(t.text for t in terms)) if time is not None else None
