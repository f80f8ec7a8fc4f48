"""Searches the sandbox's things, with the filters, the sort orders and the tag language of Flattr's search.

Source: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things', and 'Tags': `|` means or, `&`
means and, `!` means not. `game | games ! software` means 'game or games but not software', so a `!` after a tag applies
to everything before it.
"""

import re
import unicodedata
from collections.abc import Callable, Set
from typing import NamedTuple

from flattr_tui.sandbox.data_reader import FROM_THINGS, OWNED, thing_row
from flattr_tui.sandbox.database import Store
from flattr_tui.sandbox.models import SORTS, Refused, ThingRow, ThingSearch

DAY = 86_400
PERIODS = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""For each sort order by recent flattrs, its period in seconds before the newest flattr (the data ends with 2017)."""
_MOST_ADDRESSES = 20
Test = Callable[[Set[str]], bool]


class TagError(ValueError):
    """Raised for an invalid tag expression. `position` is the number of characters before the mistake."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def compile_tags(text: str) -> Test:
    """Return a function that tells whether a thing's tags match a tag expression. Pass it the tags in lower case.

    Raises `TagError` for an invalid expression.
    """
    if len(text) > 1000:
        raise TagError("the expression is too long", 1000)
    tokens = _tokenize(text)
    steps: list[_Step] = []
    at = 0
    while not steps or at < len(tokens):
        operator = tokens[at].text if steps else ""
        at += operator in {"|", "&"}
        tag, at = _read_tag(tokens, at, len(text))
        if operator == "&":
            steps[-1].tags.append(tag)
        else:
            steps.append(_Step(operator == "|", [tag]))
    return lambda tags: _match_steps(steps, tags)


class _Token(NamedTuple):
    """An operator or a tag, and its position (in characters from 0)."""

    text: str
    position: int


class _Step(NamedTuple):
    """A part of a tag expression: tags that are joined by `&`.

    Each tag is paired with True if a thing must have it, or with False if a thing must not have it. `is_or` says
    whether a `|` joins this part to the parts before it.
    """

    is_or: bool
    tags: list[tuple[str, bool]]


def _match_steps(steps: list[_Step], tags: Set[str]) -> bool:
    found = True
    for is_or, wanted in steps:
        holds = all((tag in tags) is present for tag, present in wanted)
        found = (found or holds) if is_or else (found and holds)
    return found


def _tokenize(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    start = 0
    for at, char in enumerate(text + "|"):
        if char in "|&!":
            word = text[start:at]
            if word.strip():
                _refuse_groups(word, start)
                tokens.append(_Token(" ".join(word.split()).casefold(), start + len(word) - len(word.lstrip())))
            if at < len(text):
                tokens.append(_Token(char, at))
            start = at + 1
    return tokens


def _refuse_groups(word: str, start: int) -> None:
    """Raise `TagError` if `word` seems to use parentheses for grouping, which the tag language does not have.

    A word does so if it begins with a parenthesis, or has one without its partner. `start` is the position of `word` in
    the expression.
    """
    if word.lstrip().startswith("(") or set("()") & set(re.sub(r"\([^()]*\)", "", word)):
        position = start + min(word.index(sign) for sign in "()" if sign in word)
        raise TagError("parentheses are not part of the tag language", position)


def _read_tag(tokens: list[_Token], index: int, end: int) -> tuple[tuple[str, bool], int]:
    """Read the tag at `tokens[index]`, with any `!` before it.

    Returns the tag, whether a thing must have it, and the index of the next token. `end` is the length of the
    expression, for errors.
    """
    present = True
    while index < len(tokens) and tokens[index].text == "!":
        present, index = not present, index + 1
    if index == len(tokens):
        raise TagError("a tag is missing at the end", end)
    text, position = tokens[index]
    if text in {"|", "&"}:
        raise TagError(f"a tag is missing before {text}", position)
    return (text, present), index + 1


class DataSearch:
    """The part of `World` that searches for things in the sandbox's data."""

    _store: Store
    _clock: Callable[[], float]

    def search(self, search: ThingSearch, *, count: int, page: int) -> tuple[int, list[ThingRow]]:
        """Return the total number of things that match, and page `page` (from 1) of these things.

        Hidden things never match. Raises `Refused('invalid_parameters')` for an invalid tag expression or an unknown
        sort order.
        """
        if search.sort not in SORTS:
            raise Refused("invalid_parameters", f"Unknown sort, use one of {', '.join(SORTS)}")
        tagged = _tag_test(search.tags)
        where, values = ["NOT t.hidden"], []
        joins, order = FROM_THINGS, "t.created_at DESC, t.id DESC"
        query = match_query(search.query)
        if search.query.strip() and not query:
            return 0, []
        if query:
            joins += " JOIN words ON words.rowid = t.id"
            where.append("words MATCH ?")
            values.append(query)
            order = "bm25(words, 8, 1, 4, 4), t.flattrs DESC, t.id DESC"
        if search.user:
            where.append("o.username = ? COLLATE NOCASE")
            values.append(search.user)
        for column, chosen in (("language", search.languages), ("category", search.categories)):
            if chosen:
                where.append(f"t.{column} IN ({','.join('?' * len(chosen))})")
                values += chosen
        if search.sort == "flattrs":
            order = "t.flattrs DESC, t.id DESC"
        elif search.sort in PERIODS:
            joins += (
                " LEFT JOIN (SELECT thing, count(*) AS recent FROM flattrs WHERE created_at >"
                f" (SELECT max(created_at) FROM flattrs) - {PERIODS[search.sort]} GROUP BY thing) r ON r.thing = t.id"
            )
            order = "coalesce(r.recent, 0) DESC, t.flattrs DESC, t.id DESC"
        matching = self._matching_ids(
            f"SELECT t.id, t.tags, t.url {joins} WHERE {' AND '.join(where)} ORDER BY {order}",
            values,
            search.url,
            tagged,
        )
        chosen_ids = matching[(page - 1) * count : page * count]
        marks = ",".join("?" * len(chosen_ids))
        found = self._store.all(f"SELECT {OWNED} {FROM_THINGS} WHERE t.id IN ({marks})", *chosen_ids)
        rows = {row["t_id"]: thing_row(row) for row in found}
        return len(matching), [rows[key] for key in chosen_ids if key in rows]

    def _matching_ids(self, sql: str, values: list[str], url: str, tagged: Test | None) -> list[int]:
        rows = self._store.all(sql, *values)
        if url:
            is_wanted = address_test(url)
            rows = [row for row in rows if is_wanted(row[2])]
        if tagged is None:
            return [row[0] for row in rows]
        return [row[0] for row in rows if tagged({tag.casefold() for tag in row[1].split(",")})]


def _tag_test(text: str) -> Test | None:
    """Return a function that tells whether a thing's tags match an expression; None for an empty expression.

    Raises `Refused` for an invalid expression.
    """
    if not text.strip():
        return None
    try:
        return compile_tags(text)
    except TagError as error:
        raise Refused(
            "invalid_parameters", f"The tags do not parse at character {error.position + 1}: {error}"
        ) from error


def address_test(text: str) -> Callable[[str], bool]:
    """Return a function that tells whether an address matches a filter.

    The filter is one address, or several separated by `|`, as `youtify/youtify` sent them. A complete address in the
    filter matches itself, with or without a trailing slash. An address without a scheme, such as `youtube.com`, matches
    everything on that host and its subdomains. If it has a path, it matches everything below the path.
    """
    whole, parts = set(), []
    for part in (text, *text.split("|")[:_MOST_ADDRESSES]):
        if "://" in part:
            whole.add(part.strip().rstrip("/"))
        elif part.strip():
            parts.append(re.escape(part.strip().rstrip("/")))
    below = re.compile(rf"https?://(?:[^/?#]*\.)?(?:{'|'.join(parts)})(?:[:/?#]|$)", re.IGNORECASE) if parts else None
    return lambda url: url.rstrip("/") in whole or (below is not None and below.match(url) is not None)


def _is_word_char(char: str) -> bool:
    """Whether a character belongs to a word in the table `words`: a letter, a number or a mark (vowel sign)."""
    category = unicodedata.category(char)
    return category[0] in "LNM" or category == "Co"


def match_query(text: str) -> str:
    """Return a valid FTS5 query for all words of a text, the last one as a prefix; "" if it has no word."""
    found = "".join(char if _is_word_char(char) else " " for char in text).split()[:32]
    if not found:
        return ""
    return " ".join(f'"{word}"' for word in found[:-1]) + f' "{found[-1]}"*'
